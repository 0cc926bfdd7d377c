import { slotEnd } from '../retry/slots.ts';
import { MINUTE, SECOND } from '../time.ts';

/**
 * The health of a destination: a circuit breaker over its attempts. Without a record it is closed and well.
 *
 *   closed     attempts go out. A run of failures without a success in between, three or more over at least two minutes,
 *              or time-outs in two batches in a row                         --> open
 *   open       deliveries are held without an attempt (`circuit_breaker`). Probes go out at growing intervals: the oldest,
 *              the newest and one other held delivery.
 *              a success (of a probe, or of a manual attempt)               --> closed
 *              a probe is due and nothing is held                           --> half_open
 *   half_open  attempts go out. A success --> closed; a failure --> open, its probes going on where they were
 *
 *   A new URL, and enabling, make a destination well again from any state; what a batch still sees that began before says
 *   nothing any more.
 *
 *   A receiver that asks for it (`Retry-After`) is probed no earlier than that, up to the longest interval.
 *
 * And its speed, which the breaker does not touch. A slow destination's deliveries go by a queue of their own:
 *
 *   quick      an attempt that takes longer than two seconds, or times out           --> slow
 *   slow       five successes that take less, with nothing slow in between; a new URL, enabling  --> quick
 *
 * And when it failed last, whatever succeeded since: a drain goes faster only after a minute without that.
 *
 * The order of writes:
 *   opening    the wake-up of the first probe's slot is started; then `open` is written with `probe_at`, the slot's end.
 *              So an open breaker always has a wake-up ahead of it. The same when `probe_at` is put off.
 *   a probe    (the wake-up of the slot whose end is `probe_at`, and of no other) the next slot's wake-up is started; the
 *              probes are sent; then `probe_at` moves on. Dying in between does it again: one more round of probes at most,
 *              and never a second chain, because only the slot that `probe_at` names goes on.
 *   closing    the release is announced; `closed` is written; the release is requested.
 *
 * Each write is conditional on the revision that it was decided from. Who loses the race decides anew; but what ends a round
 * of probes only as long as `probe_at` still names its slot, without another round.
 */
export interface Health {
  readonly state: 'closed' | 'open' | 'half_open';
  /** Failures in a row; not counted on once they are enough for the breaker. */
  readonly failures: number;
  /**
   * Batches in a row in which all that failed timed out. A batch's attempts run at once: one slow moment of the receiver
   * times out five of them, and says no more than one would.
   */
  readonly timeouts: number;
  /** When the run of failures began, ms. */
  readonly failing_since?: number;
  /** When it opened last, ms. */
  readonly opened?: number;
  /** Probes that went out since it was last closed. */
  readonly probes: number;
  /** open: when the next probe goes out, ms, the end of a slot. */
  readonly probe_at?: number;
  /** When an attempt failed last while the breaker was not open, ms; up to `FAILED_AGAIN_AFTER` too early. */
  readonly failed_at?: number;
  /** It is slow; with how many quick successes since. */
  readonly slow?: Slow;
  /** The revision with which everything was forgotten last. */
  readonly forgotten?: number;
  /** Grows with each write. */
  readonly revision: number;
}

interface Slow {
  readonly quick: number;
}

/** An attempt that takes longer is slow. */
export const SLOW_MS = 2 * SECOND;
const QUICK_AGAIN_AFTER = 5;
/** What fails all the time is written twice a minute: a drain looks for it once. */
const FAILED_AGAIN_AFTER = 30 * SECOND;

export const isSlow = ({ slow }: Health): boolean => slow !== undefined;

/** Between two probes. */
const LONGEST = 240 * MINUTE;

const BREAKER = {
  failures: 3,
  failingFor: 2 * MINUTE,
  timeouts: 2,
  probeAfter: [15 * MINUTE, 30 * MINUTE, 60 * MINUTE, 120 * MINUTE, LONGEST],
} as const;

export const WELL: Health = { state: 'closed', failures: 0, timeouts: 0, probes: 0, revision: 0 };

/** What a batch saw of a destination. */
export interface Seen {
  readonly succeeded: number;
  readonly failed: number;
  /** Of the failed. */
  readonly timedOut: number;
  /** Of all of them: took longer than `SLOW_MS`. */
  readonly slow: number;
  /** The receiver asked not to be tried before this instant, ms. */
  readonly retryAfter?: number | undefined;
}

/** The health after a batch; undefined when nothing changes. */
export function observed(destination: string, health: Health, seen: Seen, now: number): Health | undefined {
  const after = breakerAfter(destination, health, seen, now);
  const slow = slownessAfter(health, seen);
  const failed_at = failedAtAfter(health, seen, now);
  if (!after && slow?.quick === health.slow?.quick && failed_at === health.failed_at) return undefined;
  const { slow: _slow, failed_at: _failed_at, ...rest } = after ?? { ...health, revision: health.revision + 1 };
  return { ...rest, ...(failed_at !== undefined && { failed_at }), ...(slow && { slow }) };
}

function failedAtAfter({ state, failed_at }: Health, seen: Seen, now: number): number | undefined {
  if (seen.failed === 0 || state === 'open') return failed_at;
  return failed_at !== undefined && now - failed_at < FAILED_AGAIN_AFTER ? failed_at : now;
}

/** Whether nothing has failed since an instant, ms, for all that is known. */
export const isCleanSince = ({ failed_at }: Health, since: number): boolean =>
  failed_at === undefined || failed_at < since - FAILED_AGAIN_AFTER;

function slownessAfter({ slow }: Health, seen: Seen): Slow | undefined {
  if (seen.slow > 0) return { quick: 0 };
  if (!slow) return undefined;
  const quick = slow.quick + seen.succeeded;
  return quick < QUICK_AGAIN_AFTER ? { quick } : undefined;
}

function breakerAfter(destination: string, health: Health, seen: Seen, now: number): Health | undefined {
  if (seen.succeeded > 0) return health.state === 'closed' && health.failures === 0 ? undefined : well(health);
  if (seen.failed === 0) return undefined;
  if (health.state === 'open') return postponed(destination, health, seen, now);
  const failing = failed(health, seen, now);
  if (health.state === 'half_open' || isRun(failing, now)) return opened(destination, failing, seen, now);
  const known = health.failures >= BREAKER.failures && failing.timeouts === health.timeouts;
  return known ? undefined : failing;
}

/** From any state, by a success. */
const well = ({ revision, forgotten, opened }: Health): Health => ({
  ...WELL,
  ...(forgotten !== undefined && { forgotten }),
  ...(opened !== undefined && { opened }),
  revision: revision + 1,
});

/** From any state, by a new URL or enabling. */
export const forgotten = ({ revision }: Health): Health => ({
  ...WELL,
  forgotten: revision + 1,
  revision: revision + 1,
});

/** Whether what was seen by who has read this one says nothing any more: everything was forgotten since, or deleted. */
export const isOutdated = ({ revision }: Health, now: Health): boolean =>
  (now.forgotten ?? 0) > revision || now.revision < revision;

const failed = (health: Health, seen: Seen, now: number): Health => ({
  ...health,
  failures: health.failures + seen.failed,
  timeouts: seen.failed === seen.timedOut ? health.timeouts + 1 : 0,
  failing_since: health.failing_since ?? now,
  revision: health.revision + 1,
});

const isRun = ({ failures, timeouts, failing_since }: Health, now: number): boolean =>
  timeouts >= BREAKER.timeouts ||
  (failures >= BREAKER.failures && failing_since !== undefined && now - failing_since >= BREAKER.failingFor);

const opened = (destination: string, health: Health, { retryAfter }: Seen, now: number): Health => ({
  ...health,
  state: 'open',
  opened: now,
  probe_at: probeSlot(destination, health.probes, now, retryAfter),
});

/** Its receiver asks for more time than until the next round of probes, or the one after it, if that is under way. */
function postponed(destination: string, health: Health, { retryAfter = 0 }: Seen, now: number): Health | undefined {
  const planned = (health.probe_at ?? 0) > now ? health : probed(destination, health, now);
  const asked = Math.min(retryAfter, now + LONGEST);
  if (asked <= (planned.probe_at ?? 0)) return undefined;
  return { ...planned, probe_at: slotEnd(destination, asked, asked - now), revision: health.revision + 1 };
}

/** After a round of probes: the next one. */
export const probed = (destination: string, health: Health, now: number): Health => ({
  ...health,
  probes: health.probes + 1,
  probe_at: probeSlot(destination, health.probes + 1, now),
  revision: health.revision + 1,
});

/** A round came due while something else held, so that nothing could be probed: the next one is no further away. */
export const notProbed = (destination: string, health: Health, now: number): Health => ({
  ...health,
  probe_at: probeSlot(destination, health.probes, now),
  revision: health.revision + 1,
});

/** A probe was due and nothing is held: the next attempt decides. */
export const halfOpened = ({ probe_at, ...health }: Health): Health => ({
  ...health,
  state: 'half_open',
  revision: health.revision + 1,
});

function probeSlot(destination: string, probes: number, now: number, retryAfter = 0): number {
  const planned = BREAKER.probeAfter[Math.min(probes, BREAKER.probeAfter.length - 1)] ?? 0;
  const delay = Math.max(planned, Math.min(retryAfter - now, LONGEST));
  return slotEnd(destination, now + delay, delay);
}
