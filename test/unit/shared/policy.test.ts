import { describe, expect, it } from 'vitest';
import { nextAttemptAt } from '../../../shared/retry/policy.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../../shared/time.ts';

const start = Date.UTC(2026, 10, 21);
const destination = 'ed_test_01M7YRRT80NJV7GN7EHF0W928N';

/** When the attempts of a delivery that fails each time are due. */
function dueTimes(livemode: boolean, event: string): number[] {
  const found: number[] = [];
  let now = start;
  for (let attempt = 1; ; attempt += 1) {
    const due = nextAttemptAt({ destination, event, attempt, windowStart: start, now, livemode });
    if (due === undefined) return found;
    found.push(due);
    now = due;
  }
}

const delays = (due: readonly number[]) => due.map((at, index) => at - (due[index - 1] ?? start));

/** By the policy, and as much later as the slot is wide. */
function within(delay: number, nominal: number) {
  expect(delay).toBeGreaterThanOrEqual(0.9 * nominal);
  const slot = nominal > 15 * MINUTE ? Math.max(15 * MINUTE, (1.1 * nominal) / 4) : SECOND;
  expect(delay).toBeLessThanOrEqual(1.1 * nominal + slot);
}

describe('the retry policy', () => {
  it('retries live deliveries for up to three days, backing off exponentially to half a day', () => {
    for (let index = 0; index < 200; index += 1) {
      const due = dueTimes(true, `event ${index}`);
      const nominal = [30 * SECOND, 2 * MINUTE, 8 * MINUTE, 32 * MINUTE, 128 * MINUTE, 512 * MINUTE];
      // The last one takes what is left of the window.
      for (const [at, delay] of delays(due).slice(0, -1).entries()) within(delay, nominal[at] ?? 12 * HOUR);
      expect(due.at(-1)).toBeLessThanOrEqual(start + 3 * DAY);
      expect(due.at(-1)).toBeGreaterThan(start + 3 * DAY - HOUR);
    }
  });

  it('retries test deliveries three times over a few hours', () => {
    const due = dueTimes(false, 'an event');
    expect(due).toHaveLength(3);
    for (const [at, nominal] of [5 * MINUTE, HOUR, 3 * HOUR].entries()) within(delays(due)[at] ?? 0, nominal);
  });

  it('spreads deliveries that failed together, and gives one delivery the same time whenever it is asked', () => {
    const all = Array.from({ length: 100 }, (_, index) => dueTimes(true, `event ${index}`)[1]);
    expect(new Set(all).size).toBeGreaterThan(20);
    expect(dueTimes(true, 'event 7')[1]).toBe(all[7]);
  });

  it('brings what is due late to few times, the ends of slots', () => {
    const late = Array.from({ length: 500 }, (_, index) => dueTimes(true, `event ${index}`)[5]);
    expect(new Set(late).size).toBeLessThanOrEqual(12);
  });

  const dueAfter = (retryAfter: number, livemode = true) =>
    nextAttemptAt({ destination, event: 'evt', attempt: 1, windowStart: start, now: start, livemode, retryAfter }) ?? 0;

  it('waits for as long as the receiver asks, if that is longer', () => {
    expect(dueAfter(start + 5 * MINUTE)).toBe(start + 5 * MINUTE);
    expect(dueAfter(start + 10 * HOUR)).toBeGreaterThanOrEqual(start + 10 * HOUR);
    expect(dueAfter(start + 10 * HOUR)).toBeLessThanOrEqual(start + 12.5 * HOUR);
    expect(dueAfter(start + SECOND)).toBeGreaterThan(start + 20 * SECOND);
  });

  it('lets no receiver put an attempt off beyond the window', () => {
    expect(dueAfter(start + 30 * DAY)).toBeLessThanOrEqual(start + 3 * DAY);
    expect(dueAfter(start + 30 * DAY)).toBeGreaterThan(start + 2.9 * DAY);
    expect(dueAfter(start + DAY, false)).toBeLessThanOrEqual(start + 6 * HOUR);
  });

  it('ends with the window', () => {
    const last = { destination, event: 'evt', attempt: 12, windowStart: start, now: start + 3 * DAY - MINUTE };
    expect(nextAttemptAt({ ...last, livemode: true })).toBeUndefined();
  });
});
