import { createHash } from 'node:crypto';
import { DAY, HOUR, MINUTE, SECOND } from '../time.ts';

/**
 * When a failed delivery is tried again.
 *
 * live: for up to three days after the first attempt, with exponential back-off and jitter:
 *       about 30 s, 2 min, 8 min, 32 min, 2 h, 8.5 h, then every 12 h.
 * test: three retries over a few hours: after about 5 minutes, 1 hour and 3 hours.
 */
const RETRY_POLICY = {
  live: { window: 3 * DAY, firstDelay: 30 * SECOND, multiplier: 4, maxDelay: 12 * HOUR },
  test: { delays: [5 * MINUTE, HOUR, 3 * HOUR] },
  /** A delay is shortened or lengthened by up to this share, so that deliveries that failed together do not return together. */
  jitter: 0.1,
} as const;

export interface FailedAttempt {
  /** Number of the attempt that failed; 1 is the first. */
  readonly attempt: number;
  /** When the first attempt was made, ms. */
  readonly firstAttemptAt: number;
  readonly now: number;
  readonly livemode: boolean;
  /** Names the delivery: the same delivery and attempt have the same jitter, so that a redo comes to the same time. */
  readonly delivery: string;
}

/** When the next attempt is due (ms, whole seconds), or undefined when there is none. */
export function nextAttemptAt(failed: FailedAttempt): number | undefined {
  const delay = failed.livemode ? liveDelay(failed.attempt) : RETRY_POLICY.test.delays[failed.attempt - 1];
  if (delay === undefined) return undefined;
  const due = wholeSeconds(failed.now + delay * jitterFactor(`${failed.delivery}#${failed.attempt}`));
  if (failed.livemode && due > failed.firstAttemptAt + RETRY_POLICY.live.window) return undefined;
  return due;
}

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
