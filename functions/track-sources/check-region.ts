import { setTimeout as sleep } from 'node:timers/promises';
import { accountOfPartition } from '../../shared/accounts/account.ts';
import { registry } from '../../shared/aws/table.ts';
import type { DestinationRef } from '../../shared/destinations/destination.ts';
import { resume } from '../../shared/destinations/lifecycle.ts';
import { findDestination, postponeSourceCheck } from '../../shared/destinations/store.ts';
import { checkSource } from '../../shared/sources/check.ts';
import { logger } from '../../shared/telemetry.ts';
import { MINUTE, SECOND } from '../../shared/time.ts';
import type { RegionMessage } from './plan.ts';

/** AWS allows 50 control plane calls a second in a Region for everything that we do there; checks take a fifth. */
const CHECKS_PER_SECOND = 10;
/** Half of the function's time-out: a last round in a Region that hangs takes the other half. */
const BUDGET = 25 * SECOND;

/** Checks the Region's sources that are due, the most overdue first, as many as the budget allows. */
export async function checkRegion({ region, planned }: RegionMessage, startedAt: number): Promise<void> {
  // A later minute's message does the work of one that waited behind a slow round.
  if (startedAt - planned > 2 * MINUTE) return;
  let round: DestinationRef[] = [];
  for await (const ref of dueChecks(region, startedAt)) {
    round.push(ref);
    if (round.length < CHECKS_PER_SECOND) continue;
    await Promise.all([Promise.all(round.map(checkOne)), sleep(SECOND)]);
    round = [];
    if (Date.now() - startedAt > BUDGET) return;
  }
  await Promise.all(round.map(checkOne));
}

async function* dueChecks(region: string, now: number): AsyncGenerator<DestinationRef> {
  const due = registry().query({
    index: 'source-checks',
    expression: 'source_region = :region AND source_check_at <= :now',
    values: { ':region': region, ':now': now },
    pageSize: CHECKS_PER_SECOND,
  });
  for await (const { pk, sk } of due) yield { id: sk, ...accountOfPartition(pk) };
}

/** One source that cannot be checked must not keep the others from it: it goes to the end of the queue. */
async function checkOne(ref: DestinationRef): Promise<void> {
  try {
    const destination = await findDestination(ref);
    if (!destination) return;
    if (destination.lifecycle !== 'ready') {
      if (Date.now() - destination.updated >= MINUTE) await resume(destination);
    } else if (destination.type === 'amazon_eventbridge') await checkSource(destination);
  } catch (error) {
    logger.error('An event source could not be checked', { destination: ref.id, error: error as Error });
    await postponeSourceCheck(ref, Date.now() + MINUTE / 2);
  }
}
