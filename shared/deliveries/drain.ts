import { MAX_DELAY_SECONDS } from '../aws/queue.ts';
import { ABSENT, type Expression, type Key, ledger, recordOf } from '../aws/table.ts';
import { type Health, isCleanSince } from '../health/health.ts';
import { DAY, MINUTE, SECOND, unixSeconds } from '../time.ts';

/**
 * What is held of a destination is released by one drain, however many releases are asked for (each end of a state that
 * holds announces one and requests another): a minute's worth of deliveries at a time, spread over the minute, at a rate that
 * doubles with each minute in which nothing failed. So a receiver that has just come back is not drowned.
 *
 * The drain's item says when its next step may begin. A release takes the step by writing the item on condition of what it
 * read before it listed what is held; who finds that the time has not come, or that another was faster, comes again then.
 *
 *   (absent)   --a release takes the first step-->                        stepping, at the first rate
 *   stepping   --`until` has come, more was left, a release takes it-->   stepping, at twice the rate, or the same
 *   stepping   --a release takes the last step-->                         over: the next one begins anew
 *
 * It begins anew, too, when the breaker has opened since, or when everything was forgotten (a new URL): the rate was another
 * receiver's.
 *
 * Dying after a step was taken costs the drain that minute.
 */
export interface Drain {
  /** When the step was taken, ms. */
  readonly at: number;
  /** When what it released has gone out, ms: whole seconds later. */
  readonly until: number;
  /** Whether something was left; if not, whatever is held later begins anew. */
  readonly more: boolean;
  /** Deliveries a second that a receiver meets: none does what is canceled. */
  readonly rate?: number | undefined;
  /** The destination's health was forgotten last with this revision. */
  readonly forgotten?: number | undefined;
}

export const DRAIN = { minute: 60, first: 10, fastest: 100 } as const;

/** A step that was not gone on from for so long says nothing of the receiver any more; */
const RATE_HOLDS = 2 * MINUTE;
/** and after so long it is not gone on from, but was lost. */
const GOES_ON = 10 * MINUTE;

const keyOf = (destination: string): Key => ({ pk: `${destination}#drain`, sk: 'drain' });

export async function findDrain(destination: string): Promise<Drain | undefined> {
  const item = await ledger().get(keyOf(destination));
  return item && recordOf(item, 'ttl');
}

/** Whether it has more to do. */
export async function isDraining(destination: string, now: number): Promise<boolean> {
  const drain = await findDrain(destination);
  return drain?.more === true && now - drain.until <= GOES_ON;
}

/** Takes the step after the one that was read. False when another release was faster. */
export function takeStep(destination: string, before: Drain | undefined, step: Drain): Promise<boolean> {
  // Each step ends after it began, and begins when the one before has ended: so `until` says which it is.
  const condition: Expression = before
    ? { expression: '#until = :seen', names: { '#until': 'until' }, values: { ':seen': before.until } }
    : ABSENT;
  return ledger().put({ ...keyOf(destination), ...step, ttl: unixSeconds(step.until + DAY) }, condition);
}

/**
 * How long it takes for so many deliveries to go out, ms; no longer than SQS can delay them. At a rate limit under one in a
 * minute they wait for their turns after that, and the drain looks again: the operator may have raised it.
 */
export const spread = (count: number, perSecond: number): number =>
  Math.min(Math.ceil(count / perSecond), MAX_DELAY_SECONDS) * SECOND;

/** Of the step that begins now. */
export function rateAfter(before: Drain | undefined, health: Health, now: number): number {
  if (before?.rate === undefined || !before.more || now - before.until > RATE_HOLDS) return DRAIN.first;
  const { opened = 0, forgotten } = health;
  if (opened >= before.at || forgotten !== before.forgotten) return DRAIN.first;
  // It was less at a limit, which says nothing of the receiver.
  return Math.max(DRAIN.first, nextRate(before.rate, health, before.at));
}

/** After what went out at a rate since an instant (ms): twice as many, if none of them failed. */
export const nextRate = (rate: number, health: Health, since: number): number =>
  isCleanSince(health, since) ? Math.min(rate * 2, DRAIN.fastest) : rate;
