import { fork } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureSynthesized } from '../../local/synth.ts';
import type { Load } from './load.ts';
import { FIRST_MINUTE_MS, type Run, type RunOptions, type Sample } from './run.ts';

/**
 * `npm run bench:isolation`: what destinations that hang cost those that do not. Exits 1 when, in the steady state, the healthy
 * ones' p99 at 20 % is over twice that at 0 %, and 2 when this machine could not keep the rate of one of the two, so that
 * nothing was measured.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '150' },
    rate: { type: 'string', default: '100' },
    timeout: { type: 'string', default: '10' },
    sandboxes: { type: 'string', default: '32' },
    shares: { type: 'string', default: '0,10,20,50' },
  },
});
const MOST = 2;
/** Of the rate, in the steady state. */
const KEPT = 0.98;

const options: Omit<RunOptions, 'share'> = {
  cdkOut: await ensureSynthesized(console.log),
  seconds: Number(values.seconds),
  rate: Number(values.rate),
  timeoutSeconds: Number(values.timeout),
  sandboxes: Number(values.sandboxes),
};
if (options.seconds * 1000 <= FIRST_MINUTE_MS)
  throw new Error('--seconds must be over 60: the steady state begins then');
if (options.rate % 10 !== 0) throw new Error('--rate must be a multiple of ten');

/** The value that so many percent are at or below; what did not arrive is later than all. */
function percentile(samples: readonly Sample[], percent: number): number {
  const sorted = samples.map(({ latency }) => latency ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? Number.NaN;
}

const ms = (value: number) => (Number.isFinite(value) ? `${Math.round(value)}` : 'lost').padStart(7);
const row = (share: number, part: string, samples: readonly Sample[], { sentPerSecond, cores }: Load) =>
  [
    `${share} %`.padStart(5),
    part.padEnd(13),
    String(samples.length).padStart(7),
    ...[50, 95, 99].map((percent) => ms(percentile(samples, percent))),
    String(samples.filter(({ latency }) => latency === undefined).length).padStart(7),
    sentPerSecond.toFixed(1).padStart(7),
    cores.toFixed(2).padStart(7),
  ].join('  ');

function runShare(of: RunOptions): Promise<Run> {
  const { promise, resolve, reject } = Promise.withResolvers<Run>();
  fork(fileURLToPath(new URL('./share.ts', import.meta.url)), [JSON.stringify(of)], { serialization: 'advanced' })
    .on('message', (ended: Run) => resolve(ended))
    .on('error', reject)
    // Not `exit`: a process may have ended before what it sent was read.
    .on('close', (code) => reject(new Error(`The run of ${of.share} % ended with ${code}`)));
  return promise;
}

const steadyP99 = new Map<number, number>();
console.log(`$ npm run bench:isolation -- ${process.argv.slice(2).join(' ')}`);
console.log(
  `${cpus().length} cores (${cpus()[0]?.model}), ${Math.round(totalmem() / 2 ** 30)} GB, node ${process.version}, load before it ${loadavg()[0]?.toFixed(1)}`,
);
console.log(
  `${options.rate} events a second to 100 destinations for ${options.seconds} s each; a webhook may take ${options.timeoutSeconds} s; ${options.sandboxes} sandboxes for each queue`,
);
console.log(
  '\nhangs  part           events      p50      p95      p99     lost   sent/s    cores   (ms, accepted to arrived, healthy ones)',
);
const behind: number[] = [];
for (const share of values.shares.split(',').map(Number)) {
  const { samples, load } = await runShare({ ...options, share });
  const first = samples.filter(({ sentAt }) => sentAt < FIRST_MINUTE_MS);
  const steady = samples.filter(({ sentAt }) => sentAt >= FIRST_MINUTE_MS);
  console.log(row(share, 'first minute', first, load.first));
  console.log(row(share, 'steady state', steady, load.steady));
  steadyP99.set(share, percentile(steady, 99));
  if (load.steady.sentPerSecond < KEPT * options.rate) behind.push(share);
}
if (behind.length > 0)
  console.log(
    `\nThis machine could not keep the rate at ${behind.join(', ')} %: those figures say how long things wait for a core, not more.`,
  );
const [none, fifth] = [steadyP99.get(0), steadyP99.get(20)];
if (none !== undefined && fifth !== undefined) {
  const times = fifth / none;
  const held = times <= MOST;
  const verdict = `The healthy p99 at 20 % is ${times.toFixed(2)} times that at 0 %: ${held ? 'within' : 'over'} ${MOST}.`;
  console.log(`\n${verdict}`);
  process.exitCode = behind.includes(0) || behind.includes(20) ? 2 : held ? 0 : 1;
}
