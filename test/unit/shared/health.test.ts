import { describe, expect, it } from 'vitest';
import {
  forgotten,
  type Health,
  halfOpened,
  isCleanSince,
  isOutdated,
  observed,
  probed,
  type Seen,
  WELL,
} from '../../../shared/health/health.ts';
import { HOUR, MINUTE, SECOND } from '../../../shared/time.ts';

const destination = 'ed_test_01M7YRRT80NJV7GN7EHF0W928N';
const start = Date.UTC(2026, 10, 21);
const failed: Seen = { succeeded: 0, failed: 1, timedOut: 0, slow: 0 };
const timedOut: Seen = { succeeded: 0, failed: 1, timedOut: 1, slow: 1 };
const succeeded: Seen = { succeeded: 1, failed: 0, timedOut: 0, slow: 0 };

/** The health after batches at those instants, from well. */
const healthAfter = (...batches: readonly (readonly [number, Seen])[]): Health =>
  batches.reduce<Health>((health, [at, seen]) => observed(destination, health, seen, start + at) ?? health, WELL);

const open = healthAfter([0, timedOut], [SECOND, timedOut]);

describe('the circuit breaker', () => {
  it('stays closed for failures that a success comes between', () => {
    const batches = Array.from({ length: 40 }, (_, index) => [index * MINUTE, index % 3 ? failed : succeeded] as const);
    expect(healthAfter(...batches).state).toBe('closed');
  });

  it('stays closed for many failures within two minutes', () => {
    const batches = Array.from({ length: 100 }, (_, index) => [index * SECOND, failed] as const);
    expect(healthAfter(...batches).state).toBe('closed');
  });

  it('opens after three failures over two minutes', () => {
    expect(healthAfter([0, failed], [30 * SECOND, failed]).state).toBe('closed');
    expect(healthAfter([0, failed], [30 * SECOND, failed], [150 * SECOND, failed]).state).toBe('open');
  });

  it('opens after time-outs in two batches in a row, but not when another failure comes between', () => {
    expect(open.state).toBe('open');
    expect(healthAfter([0, timedOut], [1, failed], [2, timedOut]).state).toBe('closed');
  });

  it('takes the time-outs of one batch for one, because they were at the same moment', () => {
    const five: Seen = { succeeded: 0, failed: 5, timedOut: 5, slow: 5 };
    expect(healthAfter([0, five])).toMatchObject({ state: 'closed', timeouts: 1 });
    expect(healthAfter([0, five], [SECOND, five]).state).toBe('open');
  });

  it('says when the first probe goes out: a quarter of an hour later, at the end of a slot', () => {
    expect(open.probe_at).toBeGreaterThanOrEqual(start + SECOND + 15 * MINUTE);
    expect(open.probe_at).toBeLessThan(start + SECOND + 30 * MINUTE);
  });

  it('probes at growing intervals, up to four hours', () => {
    let health = open;
    const intervals: number[] = [];
    for (let round = 0; round < 8; round += 1) {
      const now = health.probe_at ?? 0;
      health = probed(destination, health, now);
      intervals.push(((health.probe_at ?? 0) - now) / MINUTE);
    }
    for (const [index, minutes] of [30, 60, 120, 240, 240, 240].entries()) {
      expect(intervals[index]).toBeGreaterThanOrEqual(minutes);
      expect(intervals[index]).toBeLessThanOrEqual(minutes + Math.max(15, minutes / 4));
    }
  });

  it('is closed by one success, from any state, and has forgotten everything but its speed, its last failure and when it opened', () => {
    for (const health of [open, halfOpened(open), healthAfter([0, failed])])
      expect(observed(destination, health, succeeded, start + HOUR)).toEqual({
        ...WELL,
        revision: health.revision + 1,
        failed_at: health.failed_at,
        ...(health.opened && { opened: health.opened }),
        ...(health.slow && { slow: { quick: 1 } }),
      });
  });

  it('opens again from half-open at the first failure, its probes as far apart as before', () => {
    const half = halfOpened(probed(destination, open, open.probe_at ?? 0));
    const again = observed(destination, half, failed, start + 10 * HOUR);
    expect(again).toMatchObject({ state: 'open', probes: 1 });
    expect(again?.probe_at).toBeGreaterThanOrEqual(start + 10 * HOUR + 30 * MINUTE);
  });

  it('is written only when something changes: not for successes of one that is well, not for every failure', () => {
    expect(observed(destination, WELL, succeeded, start)).toBeUndefined();
    expect(observed(destination, open, failed, start)).toBeUndefined();
    const failing = healthAfter([0, failed], [1, failed], [2, failed]);
    expect(observed(destination, failing, failed, start + 3)).toBeUndefined();
  });
});

describe('a receiver that asks for time', () => {
  const asking = (minutes: number, now: number): Seen => ({ ...failed, retryAfter: now + minutes * MINUTE });
  const minutesUntilProbe = ({ probe_at = 0 }: Health, now: number) => (probe_at - now) / MINUTE;
  const opening = start + 3 * MINUTE;
  const openedBy = (seen: Seen) =>
    observed(destination, healthAfter([0, failed], [MINUTE, failed]), seen, opening) ?? WELL;

  it('is probed no earlier, up to four hours', () => {
    expect(minutesUntilProbe(openedBy(failed), opening)).toBeLessThanOrEqual(30);
    for (const [asked, least, most] of [
      [5, 15, 30],
      [180, 180, 210],
      [24 * 60, 240, 300],
    ] as const) {
      const health = openedBy(asking(asked, opening));
      expect(health.state).toBe('open');
      expect(minutesUntilProbe(health, opening)).toBeGreaterThanOrEqual(least);
      expect(minutesUntilProbe(health, opening)).toBeLessThanOrEqual(most);
    }
  });

  it('is asked by a probe as well: the round after it comes later, and is counted', () => {
    const probing = open.probe_at ?? 0;
    const later = observed(destination, open, asking(180, probing), probing);
    expect(later).toMatchObject({ state: 'open', probes: 1, revision: open.revision + 1 });
    expect(minutesUntilProbe(later ?? WELL, probing)).toBeGreaterThanOrEqual(180);
    expect(observed(destination, open, asking(10, probing), probing)).toBeUndefined();
    // What was under way when it opened.
    expect(observed(destination, open, asking(5, start + 2 * SECOND), start + 2 * SECOND)).toBeUndefined();
    const before = start + MINUTE;
    expect(observed(destination, open, asking(60, before), before)).toMatchObject({ probes: 0 });
  });
});

describe('what a batch saw', () => {
  it('is outdated when everything was forgotten since it read the health, whatever came after', () => {
    const read = healthAfter([0, failed]);
    const fresh = forgotten(read);
    expect(fresh).toEqual({ ...WELL, forgotten: 2, revision: 2 });
    const later = observed(destination, observed(destination, fresh, failed, start) ?? WELL, succeeded, start) ?? WELL;
    expect([WELL, read, fresh, later].map((health) => isOutdated(health, later))).toEqual([true, true, false, false]);
    expect(isOutdated(read, observed(destination, read, failed, start) ?? WELL)).toBe(false);
    // Its destination was deleted.
    expect(isOutdated(read, WELL)).toBe(true);
  });
});

describe('the last failure of a destination', () => {
  const mixed: Seen = { succeeded: 9, failed: 1, timedOut: 0, slow: 0 };

  it('is known however much succeeds, and written twice a minute at most', () => {
    const batches = Array.from({ length: 120 }, (_, second) => [second * SECOND, mixed] as const);
    const health = healthAfter(...batches);
    expect(health).toMatchObject({ state: 'closed', failures: 0, failed_at: start + 90 * SECOND, revision: 4 });
  });

  it('tells a clean minute from one in which something failed, even if that was not written', () => {
    const health = healthAfter([0, mixed], [29 * SECOND, mixed]);
    expect(health.failed_at).toBe(start);
    expect(isCleanSince(health, start + 29 * SECOND)).toBe(false);
    expect(isCleanSince(health, start + 31 * SECOND)).toBe(true);
    expect(isCleanSince(WELL, start)).toBe(true);
  });

  it('does not count what a probe of an open breaker fails', () => {
    expect(observed(destination, open, failed, start + HOUR)).toBeUndefined();
  });
});

describe('the speed of a destination', () => {
  const slow: Seen = { succeeded: 1, failed: 0, timedOut: 0, slow: 1 };

  it('is slow after one slow attempt, also while the breaker opens and closes', () => {
    expect(healthAfter([0, slow]).slow).toEqual({ quick: 0 });
    expect(open.slow).toEqual({ quick: 0 });
    expect(observed(destination, open, succeeded, start + HOUR)).toMatchObject({ state: 'closed', slow: { quick: 1 } });
  });

  it('is quick again after five quick successes, which a slow one in between starts anew', () => {
    const quick = (count: number) => Array.from({ length: count }, (_, at) => [at, succeeded] as const);
    expect(healthAfter([0, slow], ...quick(4)).slow).toEqual({ quick: 4 });
    expect(healthAfter([0, slow], ...quick(5)).slow).toBeUndefined();
    expect(healthAfter([0, slow], ...quick(4), [9, slow], ...quick(4)).slow).toEqual({ quick: 4 });
  });

  it('is not written again for what is known', () => {
    expect(observed(destination, healthAfter([0, slow]), slow, start + SECOND)).toBeUndefined();
  });
});
