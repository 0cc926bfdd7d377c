import { setTimeout as sleep } from 'node:timers/promises';
import type { DestinationRef } from '../../shared/destinations/destination.ts';
import type { ChecksMessage } from '../../shared/sources/message.ts';
import { servesPartnerSources } from '../../shared/sources/modes/index.ts';
import { CALLS_PER_SECOND, LANES, type Lane, lanes, WORKED_ON } from '../../shared/sources/schedule.ts';
import { dueChecks, NO_REGION } from '../../shared/sources/store.ts';
import { MINUTE, SECOND } from '../../shared/time.ts';
import { checkOne } from './check.ts';
import { sweepPage } from './sweep.ts';

/** Checks the Region's sources that are due, a turn of them a second, for as long as the round is worked on. */
export async function checkRegion({ region, planned }: ChecksMessage, startedAt: number): Promise<void> {
  // A later minute's message does the work of one that waited behind a slow round.
  if (startedAt - planned > 2 * MINUTE) return;
  if (region !== NO_REGION && servesPartnerSources()) await sweepPage(region, startedAt);
  const due = lanes.map((lane): LaneOfDue => ({ lane, checks: dueChecks(region, lane, startedAt, CALLS_PER_SECOND) }));
  let turn = await nextTurn(due);
  while (turn.length > 0 && Date.now() - startedAt < WORKED_ON) {
    const second = sleep(SECOND);
    await Promise.all(turn.map(checkOne));
    turn = await nextTurn(due);
    // What is left of the second matters only to those who come after it.
    if (turn.length > 0) await second;
  }
}

interface LaneOfDue {
  readonly lane: Lane;
  readonly checks: AsyncGenerator<DestinationRef>;
}

/** The share of each lane, then what the others leave. */
async function nextTurn(due: readonly LaneOfDue[]): Promise<DestinationRef[]> {
  const turn: DestinationRef[] = [];
  for (const { lane, checks } of due) turn.push(...(await take(checks, LANES[lane])));
  for (const { checks } of due) turn.push(...(await take(checks, CALLS_PER_SECOND - turn.length)));
  return turn;
}

async function take(checks: AsyncGenerator<DestinationRef>, most: number): Promise<DestinationRef[]> {
  const taken: DestinationRef[] = [];
  while (taken.length < most) {
    const { done, value } = await checks.next();
    if (done) break;
    taken.push(value);
  }
  return taken;
}
