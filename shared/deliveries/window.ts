import { type Pause, pausedBetween } from '../health/pauses.ts';
import { timeOf } from '../ids.ts';
import type { Delivery, Head, HeldBy } from './delivery.ts';

/**
 * The retry window of a delivery: when it began, and which time is not charged to it. It begins with the first attempt, and
 * goes on with all that the receiver has to do with. Without an attempt it is nothing but the time that the breaker holds.
 */

/** Time held for these counts against no retry window: the receiver had nothing to do with it. */
const HELD_BY_OTHERS: ReadonlySet<HeldBy> = new Set(['source_pending', 'paused', 'dead_letter']);

/** A bulk resend begins a new window; else it begins with the first attempt. */
export const windowBegan = ({ reopened, first_attempt }: Delivery): number | undefined =>
  reopened?.at ?? first_attempt?.at;

/** When the retry window of an attempt at this instant began, less what counts against none. */
export function windowStart(before: Delivery | undefined, now: number): number {
  const began = before && windowBegan(before);
  return before && began !== undefined ? began + excludedMs(before, now) : now;
}

/** When the window of a delivery that is held began; without an attempt nothing counts but what the breaker has held it. */
export const windowStartOfHeld = (delivery: Delivery, now: number): number =>
  (windowBegan(delivery) ?? timeOf(delivery.event)) + excludedMs(delivery, now);

/** How many attempts of its retry window there were with this one: the back-off goes by that. */
export const attemptsInWindow = (before: Delivery | undefined, attempt: number): number =>
  attempt - (before?.reopened?.after ?? 0);

/** The same, charged no more for what pauses were of the time that the breaker has held it. */
export function chargedWithout(pauses: readonly Pause[], delivery: Delivery, now: number): Delivery {
  const { held_by, updated, excluded_ms = 0 } = delivery;
  const paused = held_by === 'circuit_breaker' ? pausedBetween(pauses, updated, now) : 0;
  return paused > 0 ? { ...delivery, excluded_ms: excluded_ms + paused } : delivery;
}

function excludedMs(delivery: Delivery, now: number): number {
  const { excluded_ms = 0, held_by, updated } = delivery;
  // What waits for its first attempt waits for its turn, or for us.
  const counts = held_by === undefined ? windowBegan(delivery) !== undefined : !HELD_BY_OTHERS.has(held_by);
  return excluded_ms + (counts ? 0 : Math.max(0, now - updated));
}

/** Until this instant, and for some ms to come. What had no record was on its way, or ours to deal with. */
export function excludedUntil({ event }: Head, before: Delivery | undefined, now: number, ahead = 0) {
  const excluded_ms = ahead + (before ? excludedMs(before, now) : Math.max(0, now - timeOf(event)));
  return excluded_ms > 0 ? { excluded_ms } : {};
}
