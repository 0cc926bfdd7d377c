import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { BUNDLING } from '../../infra/constructs/bundling.ts';

const OPTIONS = {
  bundle: true,
  write: true,
  format: 'cjs',
  platform: 'node',
  ...BUNDLING,
} satisfies BuildOptions;

export interface Bundle {
  readonly file: string;
  readonly bytes: number;
  /** The project's own sources in it. */
  readonly sources: readonly string[];
}

export async function bundleFunction(name: string, folder: string): Promise<Bundle> {
  return bundle({ entryPoints: [`functions/${name}/handler.ts`] }, join(folder, `${name}.cjs`));
}

/**
 * A handler that does nothing but have the same SDK clients and commands, Powertools' logger and metrics, and modules of
 * Node, and makes of them what the function makes when it is imported: what it can be no smaller than, nor start sooner.
 */
export async function bundleBare(name: string, { sources }: Bundle, folder: string): Promise<Bundle> {
  const texts = sources.map((source) => readFileSync(source, 'utf8'));
  const modules = nodeModules(texts);
  const imports = packageImports(texts);
  const names = [...imports.values()].flatMap((of) => [...of]);
  const has = [...names, ...modules.map((_, index) => `node${index}`), ...made(texts, names)];
  const contents = [
    ...modules.map((from, index) => `import * as node${index} from '${from}';`),
    ...[...imports].map(([from, of]) => `import { ${[...of].join(', ')} } from '${from}';`),
    `const has = [${has.join(', ')}];`,
    'export const handler = async () => has;',
  ].join('\n');
  return bundle({ stdin: { contents, resolveDir: process.cwd() } }, join(folder, `${name}.bare.cjs`));
}

async function bundle(input: BuildOptions, outfile: string): Promise<Bundle> {
  const { metafile } = await build({ ...OPTIONS, ...input, outfile, metafile: true });
  const [output] = Object.values(metafile.outputs);
  const sources = Object.entries(output?.inputs ?? {}).flatMap(([path, { bytesInOutput }]) =>
    bytesInOutput > 0 && /^(functions|shared)\//.test(path) ? [path] : [],
  );
  return { file: outfile, bytes: output?.bytes ?? 0, sources };
}

const PACKAGE_IMPORT = /import \{([^}]+)\} from '(@aws-(?:sdk|lambda-powertools)\/[^']+)'/g;

/** What the sources import from the SDK and Powertools by name, types left out. */
function packageImports(texts: readonly string[]): Map<string, Set<string>> {
  const imports = new Map<string, Set<string>>();
  for (const text of texts)
    for (const [, names = '', from = ''] of text.matchAll(PACKAGE_IMPORT)) {
      const known = imports.get(from) ?? new Set();
      imports.set(from, known);
      for (const name of names.split(',').map((part) => part.trim()))
        if (name !== '' && !name.startsWith('type ')) known.add(name);
    }
  return imports;
}

const NODE_IMPORT = /^import \{.+\} from '(node:[^']+)'/gm;

/** What the sources import from Node itself: no byte of a bundle, and some of the time that its import takes. */
const nodeModules = (texts: readonly string[]): string[] => [
  ...new Set(texts.flatMap((text) => [...text.matchAll(NODE_IMPORT)].map(([, from = '']) => from))),
];

const MADE = /^(?:export )?const .*\bnew (\w+)\(/gm;

/** The clients, logger and metrics that are made outside of any function: Lambda's advice, because the start has the whole processor. */
const made = (texts: readonly string[], names: readonly string[]): string[] =>
  texts
    .flatMap((text) => [...text.matchAll(MADE)].map(([, name = '']) => name))
    .filter((name) => names.includes(name))
    .map((name) => `new ${name}({})`);
