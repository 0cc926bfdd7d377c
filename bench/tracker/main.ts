import { startCloud } from '../../local/cloud.ts';
import { ensureSynthesized } from '../../local/synth.ts';
import { CALLS_PER_SECOND, confirmationInterval } from '../../shared/sources/schedule.ts';
import { countCapacity, type Spent } from './capacity.ts';
import { seedSources } from './seed.ts';

/**
 * What a round of the tracker costs in DynamoDB, with 1,000, 10,000 and 100,000 event sources in one Region of which the
 * same number is due: deciding what to check next is a range read of the sparse index, so that nothing may grow. The real
 * functions run, from the synthesized templates, on the embedded DynamoDB, whose own accounting of capacity is added up.
 */
const SIZES = [1_000, 10_000, 100_000];
const DUE = { confirm: 32, watch: 24, idle: 8 } as const;
const START = Date.UTC(2026, 10, 21, 10);
const MINUTE = 60_000;

interface Round {
  readonly sources: number;
  readonly withDue: Spent;
  readonly checks: number;
  readonly later: Spent;
}

async function measure(sources: number): Promise<Round> {
  const cloud = await startCloud({ frozenAt: START, functionLog: () => undefined });
  try {
    await seedSources(cloud, { sources, due: DUE, now: START });
    const asked = () => cloud.eventbridge.counts.get('ListPartnerEventSourceAccounts') ?? 0;
    const withDue = await countCapacity(cloud, () => cloud.clock.advance(MINUTE));
    const checks = asked();
    // What was put to is confirmed in two more rounds; then only what is pending is left.
    await cloud.clock.advance(3 * MINUTE);
    const later = await countCapacity(cloud, () => cloud.clock.advance(MINUTE));
    return { sources, withDue, checks, later };
  } finally {
    await cloud.close();
  }
}

const shown = ({ operations, reads, writes }: Spent): string =>
  `${[...operations].map(([name, count]) => `${name} ${count}`).join(', ') || 'none'}; ${reads} read units, ${writes} write units`;

async function main(): Promise<void> {
  await ensureSynthesized(console.log);
  const rounds: Round[] = [];
  for (const size of SIZES) {
    const round = await measure(size);
    rounds.push(round);
    console.log(`${size.toLocaleString('en')} sources, ${round.checks} of them due and checked`);
    console.log(`  that round             ${shown(round.withDue)}`);
    console.log(`  with ${DUE.watch} pending ones due ${shown(round.later)}`);
  }
  console.log(
    `\nAt most ${CALLS_PER_SECOND} checks a second in a Region. Sources that are put to are confirmed every:`,
  );
  for (const busy of [100, 200, 400, 1000, 10_000])
    console.log(
      `  ${busy.toLocaleString('en').padStart(6)} of them in one Region   ${confirmationInterval(busy) / MINUTE} min`,
    );
  const [first] = rounds;
  const grown = rounds.filter(
    (round) => first && (grows(first.withDue, round.withDue) || grows(first.later, round.later)),
  );
  const unchecked = rounds.filter(({ checks }) => checks !== DUE.confirm + DUE.watch + DUE.idle);
  for (const { sources } of grown) console.error(`\nWith ${sources} sources a round costs more than with ${SIZES[0]}.`);
  for (const { sources, checks } of unchecked) console.error(`\nWith ${sources} sources ${checks} checks were made.`);
  if (grown.length + unchecked.length > 0) process.exitCode = 1;
}

const grows = (small: Spent, large: Spent): boolean =>
  large.reads > small.reads ||
  large.writes > small.writes ||
  [...large.operations].some(([name, count]) => count > (small.operations.get(name) ?? 0));

await main();
