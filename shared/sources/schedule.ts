import { MINUTE, SECOND } from '../time.ts';
import type { EventSource } from './source.ts';

/**
 * When AWS is asked for a source's state, and in which lane it waits for that.
 *
 * AWS allows 50 control plane calls a second in a Region, for creating, deleting and asking together. Tracking takes at
 * most a fifth of them: eight for the tracker, two for reads of a stale status (call-budget.ts). Where more is due than
 * that, each lane keeps its share and takes what the others leave; within a lane the longest overdue is first, so that
 * every destination has the same turn.
 *
 *   confirm   ACTIVE, and put to lately: what nobody can see happens between two confirmations
 *   watch     everything that is about to change: pending, unknown, found gone once, half made, half gone
 *   idle      ACTIVE, and nothing was put to it
 */
export type Lane = 'confirm' | 'watch' | 'idle';

/** Calls a second of each lane, where all of them have enough to do. */
export const LANES: Readonly<Record<Lane, number>> = { confirm: 4, watch: 3, idle: 1 };
export const lanes = Object.keys(LANES) as Lane[];
export const CALLS_PER_SECOND = lanes.reduce((sum, lane) => sum + LANES[lane], 0);

/** The tracker's schedule, and for how long of it a Region's checks are worked on. */
const ROUND = MINUTE;
export const WORKED_ON = 50 * SECOND;

/**
 * How long a source that is put to goes without a confirmation, at most, when there are so many of them in its Region and
 * everything else is due, too. It is what the README publishes: a source that left ACTIVE and came back within it has
 * dropped what was put meanwhile, and nobody can see that.
 */
export const confirmationInterval = (sources: number): number =>
  Math.max(1, Math.ceil(sources / ((LANES.confirm * WORKED_ON) / SECOND))) * ROUND;

/**
 * A few seconds make a source due in every round, also the one that comes right after it
 * was created: activation has to release what is held within one round.
 */
export const SOON = 5 * SECOND;
const IDLE = 5 * MINUTE;

/** A status that is older is asked for anew when somebody reads it. */
const STALE_AFTER = MINUTE;

export interface Check {
  readonly at: number;
  readonly lane: Lane;
}

/** When to ask AWS again; undefined when there is nothing left to ask. `putTo` is when it was last known to be put to. */
export function nextCheck(source: EventSource, now: number, putTo?: number): Check | undefined {
  if (source.state === 'DELETED') return undefined;
  const settled = source.state === 'ACTIVE' && source.reachable && source.gone_since === undefined;
  if (!settled) return { at: now + SOON, lane: 'watch' };
  return isBusy(putTo, now) ? { at: now + SOON, lane: 'confirm' } : { at: now + IDLE, lane: 'idle' };
}

/** Whoever puts says so once a minute; for twice as long a source is confirmed in every round, so that no put is missed. */
const SAID_EVERY = MINUTE;
const isBusy = (putTo: number | undefined, now: number): boolean => putTo !== undefined && now - putTo < 2 * SAID_EVERY;

/** Whether it is time to say that a source is put to. */
export const saysPut = (putTo: number | undefined, now: number): boolean =>
  putTo === undefined || now - putTo >= SAID_EVERY;

/** A status so old that a reader is better served by a check. */
export const isStale = (source: EventSource, now: number): boolean =>
  source.state !== 'DELETED' && now - source.checked_at >= STALE_AFTER;
