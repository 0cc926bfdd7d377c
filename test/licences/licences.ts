import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

/** What the service runs on, by what it is for: tools and tests are not shipped, and not listed. */
const PURPOSES = {
  infra: 'Infrastructure: what synthesizes the templates',
  functions: 'Functions: what is, or could be, in their bundles',
} as const;
type Purpose = keyof typeof PURPOSES;

const OF_INFRA = new Set(['aws-cdk-lib', 'constructs']);

/** Licences that ask for no more than to be named; with any other somebody has to decide. */
const ALLOWED = new Set(['Apache-2.0', 'MIT', 'MIT-0', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0']);

/** Of several to choose from, one has to be. */
export const isAllowed = (licence: string): boolean =>
  licence
    .replace(/[()]/g, '')
    .split(' OR ')
    .some((one) => ALLOWED.has(one));

interface Licensed {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
}

const Names = z.record(z.string(), z.string()).default({});
const Manifest = z.object({
  name: z.string(),
  version: z.string(),
  license: z.union([z.string(), z.object({ type: z.string() }).transform(({ type }) => type)]).default('none'),
  dependencies: Names,
  optionalDependencies: Names,
  peerDependencies: Names,
});

const manifestIn = (folder: string) => Manifest.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));

/** The dependencies of the project for a purpose, and all of theirs, as they are installed. */
export function licensedFor(purpose: Purpose, root = '.'): Licensed[] {
  const { dependencies } = manifestIn(root);
  const direct = Object.keys(dependencies).filter((name) => OF_INFRA.has(name) === (purpose === 'infra'));
  const found = new Map<string, Licensed>();
  const visit = (name: string, from: string) => {
    const folder = installed(name, from, root);
    // What is optional, or a peer that nobody has, may not be there.
    if (folder === undefined || found.has(folder)) return;
    const { version, license: licence, ...manifest } = manifestIn(folder);
    found.set(folder, { name: manifest.name, version, licence });
    const theirs = { ...manifest.peerDependencies, ...manifest.optionalDependencies, ...manifest.dependencies };
    for (const each of Object.keys(theirs)) visit(each, folder);
  };
  for (const name of direct) visit(name, root);
  return unique([...found.values()]);
}

/** As node finds it: in the nearest node_modules above. */
function installed(name: string, from: string, root: string): string | undefined {
  const folder = join(from, 'node_modules', name);
  if (existsSync(join(folder, 'package.json'))) return folder;
  return from === root ? undefined : installed(name, join(from, '..'), root);
}

function unique(all: readonly Licensed[]): Licensed[] {
  const lineOf = ({ name, version, licence }: Licensed) => `${name} ${version} ${licence}`;
  return [...new Map(all.map((one) => [lineOf(one), one])).values()].sort((a, b) => (lineOf(a) < lineOf(b) ? -1 : 1));
}

/** docs/licences.md. */
export function render(): string {
  const sections = (Object.keys(PURPOSES) as Purpose[]).map((purpose) => {
    const rows = licensedFor(purpose).map(({ name, version, licence }) => `| ${name} | ${version} | ${licence} |`);
    return [`## ${PURPOSES[purpose]}`, '', '| package | version | licence |', '|---|---|---|', ...rows].join('\n');
  });
  return `${HEAD}\n${sections.join('\n\n')}\n`;
}

const HEAD = `# Licences of what the service runs on

Made by \`npm run licences\` from what is installed; \`npm test\` fails when it is not true any more, or when a licence is not one
of ${[...ALLOWED].join(', ')}. The project itself is under Apache-2.0.
`;
