import { MAX_DELAY_SECONDS } from '../aws/queue.ts';
import { announceRelease, requestRelease } from '../deliveries/release-message.ts';
import type { Destination, DestinationRef } from '../destinations/destination.ts';
import { changeDestination, findDestination, scanDestinations } from '../destinations/store.ts';
import { pack } from '../pack.ts';
import { findPauses, historyAfter, isPaused, type Pauses, recordPauses } from './pauses.ts';

/** What the operator pauses: everything, an AWS Region, or one destination. */
export type PauseScope =
  | { readonly scope: 'all' }
  | { readonly scope: 'region'; readonly region: string }
  | { readonly scope: 'destination'; readonly destination: DestinationRef };

/** From here on deliveries in the scope are held: those under way finish, nothing is lost, and no retry window runs. */
export async function pauseDelivery(to: PauseScope): Promise<void> {
  await write(to, true);
}

/** Of a write that another operator's may overtake. */
const TRIES = 10;

/** Destinations: there may be thousands of them, and the announced releases must not run before the last is announced. */
const AT_ONCE = 50;

/**
 * Ends a pause. What it held and nothing else holds is released: announced before the write, at once after it. Nothing
 * ends whoever does this after some seconds, so that it is announced as far ahead as SQS can. A destination that is created
 * between the reading and the write has been paused as well, unannounced: so they are read once more after the write. If that
 * fails, the operator has to run it again, or waits for the daily reconciliation. Safe to repeat.
 */
export async function resumeDelivery(to: PauseScope): Promise<{ released: number }> {
  const known = await destinationsIn(to);
  await inGroups(known, (destination) => announceRelease(destination, MAX_DELAY_SECONDS));
  await write(to, false);
  const affected = await orRunAgain(destinationsIn(to));
  await inGroups(affected, requestRelease);
  return { released: affected.length };
}

async function inGroups(destinations: readonly Destination[], work: (of: Destination) => Promise<void>) {
  for (const group of pack(destinations, { count: AT_ONCE, bytes: Number.POSITIVE_INFINITY }, () => 0))
    await orRunAgain(Promise.all(group.map(work)));
}

async function orRunAgain<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`Not all event destinations are resumed (${why}): run it again`, { cause });
  }
}

async function write(to: PauseScope, paused: boolean): Promise<void> {
  const now = Date.now();
  if (to.scope === 'destination') {
    const found = await findDestination(to.destination);
    const set = { paused, pauses: historyAfter(found?.pauses, paused, now) };
    if (!found || !(await changeDestination(found, { set }, now)))
      throw new Error(`There is no event destination ${to.destination.id} in that account and mode`);
    return;
  }
  for (let tries = 0; tries < TRIES; tries += 1) {
    const pauses = await findPauses();
    const scope = to.scope === 'all' ? 'all' : to.region;
    const history = { ...pauses.history, [scope]: historyAfter(pauses.history[scope], paused, now) };
    const after = to.scope === 'all' ? { ...pauses, all: paused } : withRegion(pauses, to.region, paused);
    if (await recordPauses(pauses, { ...after, history })) return;
  }
  throw new Error('Others pause and resume at the same time: run it again');
}

const withRegion = (pauses: Pauses, region: string, paused: boolean): Pauses => ({
  ...pauses,
  regions: [...pauses.regions.filter((other) => other !== region), ...(paused ? [region] : [])],
});

/** How many there are in the scope, of every account. */
export const countDestinations = async (to: PauseScope): Promise<number> => (await destinationsIn(to)).length;

async function destinationsIn(to: PauseScope): Promise<Destination[]> {
  if (to.scope === 'destination') {
    const destination = await findDestination(to.destination);
    return destination ? [destination] : [];
  }
  const scope = { all: to.scope === 'all', regions: to.scope === 'region' ? [to.region] : [] };
  const found: Destination[] = [];
  for await (const destination of scanDestinations())
    if (isPaused(scope, { ...destination, paused: false })) found.push(destination);
  return found;
}
