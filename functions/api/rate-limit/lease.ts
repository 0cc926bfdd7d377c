import { unixSeconds } from '../../../shared/time.ts';

/**
 * A sandbox serves an account out of a lease: so many requests of a second's limit, taken from the counter that all
 * sandboxes share, so that not every request writes to it.
 *
 *   no lease of this second --asks the counter--> lease with what is left of it
 *   lease --a request--> smaller lease --used up--> asks again, for twice as much
 *   lease --the counter had less than was asked for--> what it had, and then nothing more in this second
 *
 * What a lease has over is gone at the end of its second. So the first lease is small, and the next second's as large as
 * what this one used: an account with a few requests on each of many sandboxes is not refused for what those put by.
 */
export interface Lease {
  /** Unix seconds. */
  readonly second: number;
  readonly left: number;
  /** Handed out in this second. */
  readonly used: number;
  /** To be asked for next. */
  readonly size: number;
  /** The counter has no more in this second. */
  readonly exhausted: boolean;
}

/** A lease is at most this part of the limit, but one at least. */
const LARGEST_PART = 10;
const largest = (limit: number): number => Math.max(1, Math.floor(limit / LARGEST_PART));

/** The lease as it stands at this instant: an older one only says how large the next is to be. */
export function leaseAt(before: Lease | undefined, limit: number, now: number): Lease {
  const second = unixSeconds(now);
  if (before?.second === second) return before;
  const usedLately = before?.second === second - 1 ? before.used : 0;
  const size = Math.min(Math.max(1, usedLately), largest(limit));
  return { second, left: 0, used: 0, size, exhausted: false };
}

/** How much to ask the counter for, so that so many requests can be served; nothing if they can already, or never. */
export const toAskFor = ({ left, size, exhausted }: Lease, wanted: number): number =>
  left >= wanted || exhausted ? 0 : Math.max(wanted - left, size);

export const topUp = (lease: Lease, asked: number, granted: number, limit: number): Lease => ({
  ...lease,
  left: lease.left + granted,
  size: Math.min(lease.size * 2, largest(limit)),
  exhausted: granted < asked,
});

/** The lease after so many requests; undefined when it does not cover them. */
export const handOut = (lease: Lease, wanted: number): Lease | undefined =>
  lease.left < wanted ? undefined : { ...lease, left: lease.left - wanted, used: lease.used + wanted };
