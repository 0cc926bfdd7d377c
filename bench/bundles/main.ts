import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureSynthesized } from '../../local/synth.ts';
import { loadStacks } from '../../local/templates/load-stacks.ts';
import { type Bundle, bundleBare, bundleFunction } from './bundle.ts';
import { importTime, median } from './import-time.ts';

/**
 * How large each function's bundle is and how long its import takes, beside a bare handler with the same SDK clients and
 * Powertools, which makes the same of them as it is imported, in one run. Exits with 1 when a target is missed.
 *
 * The two are imported in turns, and each pair gives a ratio of its own: what the machine does meanwhile slows both, so
 * that the median of the ratios hardly moves where the times do.
 */
const { values } = parseArgs({ options: { runs: { type: 'string', default: '15' } } });
const runs = Number(values.runs);
const TARGETS = { moreKb: 100, importRatio: 1.3 } as const;

const cdkOut = await ensureSynthesized(console.log);
const folder = mkdtempSync(join(tmpdir(), 'bundles-'));
try {
  console.log(
    `npm run bench:bundles -- --runs ${runs}   (${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores, Node ${process.version})`,
  );
  console.log('KB minified; import: ms on the processor, each in a process of its own; the medians of all pairs.\n');
  console.log('  function                 bundle    bare    more     import    bare   ratio');
  const missed: string[] = [];
  for (const name of functionNames()) {
    const full = await bundleFunction(name, folder);
    const bare = await bundleBare(name, full, folder);
    const { full: import_, bare: bareImport, ratio } = await compareImports(name, full, bare);
    const more = (full.bytes - bare.bytes) / 1000;
    if (more > TARGETS.moreKb || ratio > TARGETS.importRatio) missed.push(name);
    const kb = (bytes: number) => String(Math.round(bytes / 1000)).padStart(6);
    console.log(
      `  ${name.padEnd(24)}${kb(full.bytes)}  ${kb(bare.bytes)}  ${String(Math.round(more)).padStart(6)}     ${import_.toFixed(0).padStart(6)}  ${bareImport.toFixed(0).padStart(6)}   ${ratio.toFixed(2)}`,
    );
  }
  console.log(`\nTargets: at most ${TARGETS.moreKb} KB more, import at most ${TARGETS.importRatio} times.`);
  console.log(missed.length === 0 ? 'All met.' : `MISSED by ${missed.join(', ')}.`);
  process.exitCode = missed.length === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}

function functionNames(): string[] {
  return readdirSync('functions', { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}

/** The first pair warms the machine up and is thrown away; who comes first changes with each. */
async function compareImports(name: string, full: Bundle, bare: Bundle) {
  const environment = environmentOf(name);
  const time = ({ file }: Bundle) => importTime(file, environment);
  const pairs: { readonly full: number; readonly bare: number }[] = [];
  for (let run = 0; run <= runs; run += 1) {
    const first = run % 2 === 0 ? await time(full) : undefined;
    const ofBare = await time(bare);
    pairs.push({ full: first ?? (await time(full)), bare: ofBare });
  }
  const kept = pairs.slice(1);
  return {
    full: median(kept.map((pair) => pair.full)),
    bare: median(kept.map((pair) => pair.bare)),
    ratio: median(kept.map((pair) => pair.full / pair.bare)),
  };
}

/** As the template sets it. */
function environmentOf(name: string): Record<string, string> {
  const identity = { account: '000000000000', region: 'us-east-1', partition: 'aws', urlSuffix: 'amazonaws.com' };
  const functions = loadStacks(cdkOut, { ...identity, awsUrl: 'http://127.0.0.1' })
    .flatMap(({ resources }) => resources)
    .filter(({ type }) => type === 'AWS::Lambda::Function')
    .map(({ properties }) => properties.fields('Environment').fields('Variables'))
    .find((variables) => variables.optionalString('POWERTOOLS_SERVICE_NAME') === name);
  return Object.fromEntries(Object.entries(functions?.values ?? {}).map(([key, value]) => [key, String(value)]));
}
