import { createHash } from 'node:crypto';
import { DAY, HOUR, MINUTE, SECOND } from '../time.ts';
import { LONGEST_QUEUE_DELAY, lastSlotEndBy, slotEnd } from './slots.ts';

/**
 * When a failed delivery is tried again.
 *
 * live: for up to three days after the first attempt, with exponential back-off and jitter:
 *       about 30 s, 2 min, 8 min, 32 min, 2 h, 8.5 h, then every 12 h.
 * test: three retries over a few hours: after about 5 minutes, 1 hour and 3 hours.
 *
 * A `Retry-After` of the receiver puts an attempt off, within the window. An attempt that is more than 15 minutes ahead is
 * due at the end of a slot.
 */
const RETRY_POLICY = {
  live: { window: 3 * DAY, firstDelay: 30 * SECOND, multiplier: 4, maxDelay: 12 * HOUR },
  test: { window: 6 * HOUR, delays: [5 * MINUTE, HOUR, 3 * HOUR] },
  /** A delay is shortened or lengthened by up to this share, so that deliveries that failed together do not return together. */
  jitter: 0.1,
} as const;

export interface FailedAttempt {
  readonly destination: string;
  readonly event: string;
  /** Number of the attempt that failed; 1 is the first. */
  readonly attempt: number;
  /** When the retry window began, ms. */
  readonly windowStart: number;
  readonly now: number;
  readonly livemode: boolean;
  /** The receiver asked not to be tried before this instant, ms. */
  readonly retryAfter?: number | undefined;
}

/** When the next attempt is due (ms, whole seconds), as it is kept and shown; undefined when there is none. */
export function nextAttemptAt(failed: FailedAttempt): number | undefined {
  const { now, livemode, destination } = failed;
  const delay = livemode ? liveDelay(failed.attempt) : RETRY_POLICY.test.delays[failed.attempt - 1];
  if (delay === undefined) return undefined;
  const end = windowEnd(failed);
  // The same delivery and attempt have the same jitter, so that a redo comes to the same time.
  const byPolicy = now + delay * jitterFactor(`${destination}#${failed.event}#${failed.attempt}`);
  const wanted = Math.max(byPolicy, Math.min(failed.retryAfter ?? 0, end));
  const due = waitedFor(destination, wanted, now);
  if (due <= end) return due;
  // What is left of the window may still hold one last attempt.
  const last = lastSlotEndBy(destination, end);
  return last - now > LONGEST_QUEUE_DELAY ? last : undefined;
}

/** Until when a delivery is tried, ms: what is held past it ends as failed. */
export const windowEnd = ({ windowStart, livemode }: Pick<FailedAttempt, 'windowStart' | 'livemode'>): number =>
  windowStart + (livemode ? RETRY_POLICY.live.window : RETRY_POLICY.test.window);

/** The longest window that there is: what is younger is in it. */
export const windowOf = (livemode: boolean): number => RETRY_POLICY[livemode ? 'live' : 'test'].window;

const waitedFor = (destination: string, at: number, now: number): number =>
  at - now <= LONGEST_QUEUE_DELAY ? wholeSeconds(at) : slotEnd(destination, at, at - now);

const liveDelay = (attempt: number): number => {
  const { firstDelay, multiplier, maxDelay } = RETRY_POLICY.live;
  return Math.min(firstDelay * multiplier ** (attempt - 1), maxDelay);
};

/** Between 1 - jitter and 1 + jitter, evenly, by the name's hash. */
function jitterFactor(name: string): number {
  const even = createHash('sha256').update(name).digest().readUInt32BE() / 2 ** 32;
  return 1 + RETRY_POLICY.jitter * (2 * even - 1);
}

const wholeSeconds = (ms: number): number => Math.ceil(ms / SECOND) * SECOND;
