import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { alternatives } from './alternatives.ts';
import { monthly } from './monthly.ts';
import { PRICES_AS_OF } from './prices.ts';
import { MeteredService, producersPart } from './service.ts';
import type { Usage } from './usage.ts';
import { type Door, run, runDead } from './workloads.ts';

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
  const machine = `${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores, Node ${process.version}`;
  console.log(`npm run bench:cost -- --events ${events} --fill ${fill}   (${machine})`);
  console.log(
    `Prices of us-east-1 as of ${PRICES_AS_OF}. Dollars a million events of 2 KB, 2 % failing once, 100 a second.\n`,
  );
  const rows: Row[] = [];
  const add = (what: string, usage: Usage, target: number) => {
    rows.push({ what, dollars: usage.dollars * MILLION, target });
    if (values.details) print(what, usage);
  };
  const usual = new Map<Door, Usage>();
  for (const door of ['queue', 'bus', 'https'] as const)
    usual.set(door, (await inNew((service) => run(service, { door, events, failing: 0.02 }))).times(1 / events));
  const queue = need(usual.get('queue'));
  add('core, from the events queue on', queue.minus(producersPart(fill)), TARGETS.core);
  for (const [door, usage] of usual) add(`by the ${door} door`, usage, TARGETS[door]);
  const dead = await deadDestination();
  for (const [door, usage] of usual) {
    const what = `by the ${door} door, destination dead for 3 days`;
    add(what, dead.plus(usage.minus(queue)), TARGETS.deadFactor * usage.dollars * MILLION);
  }
  table(rows);
  console.log('\nThe same workload as other designs would have it, by the same meter:');
  for (const { what, usage } of alternatives({ usual: queue, dead }))
    console.log(`  ${what.padEnd(62)} $${(usage.dollars * MILLION).toFixed(2)}`);
  console.log(`\n${await inNew(async ({ template }) => monthly(template))}`);
  if (rows.some(({ dollars, target }) => dollars > target)) process.exitCode = 1;
}

/** Each workload in a cloud of its own: what another left behind is looked at by nobody. */
async function inNew<T>(work: (service: MeteredService) => Promise<T>): Promise<T> {
  const service = await MeteredService.start(fill);
  try {
    return await work(service);
  } finally {
    if (values.details) invocations(service);
    await service.platform.close();
  }
}

/** At 100 a second so many of a million come in the two minutes before the circuit breaker opens. */
const BEFORE_BREAKER = 0.012;
/** Until the events can be read no longer. */
const DAYS_AFTERWARDS = 26;

/**
 * Each of a million events of a dead destination. What the destination takes by itself, for its wake-ups, probes and daily
 * rounds, is the same for few events and for many: three runs tell it from what an event adds, before and after the breaker.
 * Transitions are the destination's own: `npm run sim:transitions` shows that they do not grow with its events, and what two
 * destinations differ by for the hours that their slots fall into is no matter of an event.
 */
async function deadDestination(): Promise<Usage> {
  const [early, held] = [40, Math.ceil(events / 8)];
  const few = await inNew((service) => runDead(service, { early, held }));
  const manyEarly = await inNew((service) => runDead(service, { early: 2 * early, held }));
  const many = await inNew((service) => runDead(service, { early, held: 3 * held }));
  const marginal = (more: Usage, less: Usage, by: number) =>
    more
      .minus(less)
      .atLeastNothing()
      .times(1 / by);
  const eachEarly = marginal(manyEarly.dead, few.dead, early);
  const eachHeld = marginal(many.dead, few.dead, 2 * held);
  const byItself = few.dead.minus(eachEarly.times(early)).minus(eachHeld.times(held));
  const eachDay = marginal(many.day, few.day, 2 * held);
  return eachEarly
    .times(BEFORE_BREAKER)
    .plus(eachHeld.times(1 - BEFORE_BREAKER))
    .plus(eachDay.times(DAYS_AFTERWARDS))
    .without('Step Functions transitions')
    .plus(
      byItself
        .without('Step Functions transitions')
        .plus(many.dead.only('Step Functions transitions'))
        .times(1 / MILLION),
    );
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
