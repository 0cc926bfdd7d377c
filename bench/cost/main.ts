import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { alternatives } from './alternatives.ts';
import { monthly } from './monthly.ts';
import { PRICES_AS_OF } from './prices.ts';
import { MeteredService } from './service.ts';
import type { Usage } from './usage.ts';
import { type Door, run } from './workloads.ts';

/**
 * What a million events cost, by AWS's price list, counted on a fixed workload in the embedded cloud. Exits with 1 when a
 * target is missed. See docs/benchmarks.md.
 */
const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '2000' },
    fill: { type: 'string', default: '5' },
    details: { type: 'boolean', default: false },
  },
});
const events = Number(values.events);
const fill = Number(values.fill);
const MILLION = 1_000_000;
/** Dollars a million events, and how much more a dead destination may cost. */
const TARGETS = { core: 2.5, queue: 2.75, bus: 4, https: 8, deadFactor: 2 } as const;

interface Row {
  readonly what: string;
  readonly dollars: number;
  readonly target: number;
}

async function main(): Promise<void> {
  const service = await MeteredService.start(fill);
  const machine = `${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores, Node ${process.version}`;
  console.log(`npm run bench:cost -- --events ${events} --fill ${fill}   (${machine})`);
  console.log(
    `Prices of us-east-1 as of ${PRICES_AS_OF}. Dollars a million events of 2 KB, 2 % failing once, 100 a second.\n`,
  );
  try {
    const rows: Row[] = [];
    const add = (what: string, usage: Usage, target: number) => {
      rows.push({ what, dollars: usage.dollars * MILLION, target });
      if (values.details) print(what, usage);
    };
    const usual = new Map<Door, Usage>();
    for (const door of ['queue', 'bus', 'https'] as const)
      usual.set(door, (await run(service, { door, events, failing: 0.02 })).times(1 / events));
    const queue = need(usual.get('queue'));
    add('core, from the events queue on', queue.minus(service.producersPart()), TARGETS.core);
    for (const [door, usage] of usual) add(`by the ${door} door`, usage, TARGETS[door]);
    const dead = await deadDestination(service);
    for (const [door, usage] of usual) {
      const what = `by the ${door} door, destination dead for 3 days`;
      add(what, dead.plus(usage.minus(queue)), TARGETS.deadFactor * usage.dollars * MILLION);
    }
    table(rows);
    console.log('\nThe same workload as other designs would have it, by the same meter:');
    for (const { what, usage } of alternatives({ usual: queue, dead }))
      console.log(`  ${what.padEnd(62)} $${(usage.dollars * MILLION).toFixed(2)}`);
    console.log(`\n${monthly(service.template)}`);
    if (values.details) invocations(service);
    if (rows.some(({ dollars, target }) => dollars > target)) process.exitCode = 1;
  } finally {
    await service.platform.close();
  }
}

/**
 * A million events of a dead destination. Its wake-ups, probes and daily rounds are the same for few events and for many:
 * two runs of different size tell what each event adds, and what the destination takes by itself.
 */
async function deadDestination(service: MeteredService): Promise<Usage> {
  const [few, many] = [Math.ceil(events / 8), Math.ceil(events / 2)];
  const ofFew = await run(service, { door: 'queue', events: few, failing: 1 });
  const ofMany = await run(service, { door: 'queue', events: many, failing: 1 });
  const each = ofMany.minus(ofFew).times(1 / (many - few));
  return each.plus(ofFew.minus(each.times(few)).times(1 / MILLION));
}

function table(rows: readonly Row[]): void {
  for (const { what, dollars, target } of rows) {
    const verdict = dollars <= target ? 'met' : 'MISSED';
    console.log(`  ${what.padEnd(52)} $${dollars.toFixed(2).padStart(6)}   target $${target.toFixed(2)}   ${verdict}`);
  }
}

function print(what: string, usage: Usage): void {
  console.log(`${what}: $${(usage.dollars * MILLION).toFixed(2)}`);
  for (const line of usage.lines())
    console.log(
      `    ${line.what.padEnd(28)} $${(line.dollars * MILLION).toFixed(3)}   ${line.amount.toPrecision(4)} each`,
    );
}

function invocations({ meter }: MeteredService): void {
  console.log('\nInvocations, on average:');
  for (const [name, { count, cpuMs, waitedMs, calls }] of meter.invocations) {
    const units = calls.lines().map(({ what, amount }) => `${what} ${amount}`);
    const times = `${(cpuMs / count).toFixed(1)} ms on the processor, ${(waitedMs / count).toFixed(1)} ms waited`;
    console.log(`  ${name}: ${count}, ${times}; in all ${units.join(', ')}`);
  }
}

function need<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('A workload was not run');
  return value;
}

await main();
