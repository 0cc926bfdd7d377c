import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';

/** As infra/constructs/service-function.ts has CDK bundle the functions. */
const OPTIONS = {
  bundle: true,
  write: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  minify: true,
  mainFields: ['module', 'main'],
  banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
} satisfies BuildOptions;

export interface Bundle {
  readonly file: string;
  readonly bytes: number;
  /** The project's own sources in it. */
  readonly sources: readonly string[];
}

export async function bundleFunction(name: string, folder: string): Promise<Bundle> {
  return bundle({ entryPoints: [`functions/${name}/handler.ts`] }, join(folder, `${name}.mjs`));
}

/**
 * A handler that does nothing but have the same SDK clients and commands, and Powertools' logger and metrics: what no
 * function of this service can be smaller than.
 */
export async function bundleBare(name: string, { sources }: Bundle, folder: string): Promise<Bundle> {
  const imports = sdkImports(sources);
  const contents = [
    ...[...imports].map(([from, names]) => `import { ${[...names].join(', ')} } from '${from}';`),
    `const used = [${[...imports.values()].flatMap((names) => [...names]).join(', ')}];`,
    'export const handler = async () => used.map((one) => one.name);',
  ].join('\n');
  return bundle({ stdin: { contents, resolveDir: process.cwd() } }, join(folder, `${name}.bare.mjs`));
}

async function bundle(input: BuildOptions, outfile: string): Promise<Bundle> {
  const { metafile } = await build({ ...OPTIONS, ...input, outfile, metafile: true });
  const [output] = Object.values(metafile.outputs);
  const sources = Object.keys(metafile.inputs).filter((path) => /^(functions|shared)\//.test(path));
  return { file: outfile, bytes: output?.bytes ?? 0, sources };
}

const IMPORT = /import \{([^}]+)\} from '(@aws-(?:sdk|lambda-powertools)\/[^']+)'/g;

/** What the sources import from the SDK and Powertools by name, types left out. */
function sdkImports(sources: readonly string[]): Map<string, Set<string>> {
  const imports = new Map<string, Set<string>>();
  for (const source of sources)
    for (const [, names = '', from = ''] of readFileSync(source, 'utf8').matchAll(IMPORT)) {
      const known = imports.get(from) ?? new Set();
      imports.set(from, known);
      for (const name of names.split(',').map((text) => text.trim()))
        if (name !== '' && !name.startsWith('type ')) known.add(name);
    }
  return imports;
}
