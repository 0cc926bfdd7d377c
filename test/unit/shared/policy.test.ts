import { describe, expect, it } from 'vitest';
import { nextAttemptAt } from '../../../shared/retry/policy.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../../shared/time.ts';

const start = Date.UTC(2026, 10, 21);

/** The delays between the attempts of a delivery that fails each time. */
function delays(livemode: boolean, delivery: string): number[] {
  const found: number[] = [];
  let now = start;
  for (let attempt = 1; ; attempt += 1) {
    const due = nextAttemptAt({ attempt, firstAttemptAt: start, now, livemode, delivery });
    if (due === undefined) return found;
    found.push(due - now);
    now = due;
  }
}

const within = (delay: number, of: number) => {
  expect(delay).toBeGreaterThanOrEqual(0.9 * of);
  expect(delay).toBeLessThanOrEqual(1.1 * of + SECOND);
};

describe('the retry policy', () => {
  it('retries live deliveries for up to three days, backing off exponentially to half a day', () => {
    for (let index = 0; index < 200; index += 1) {
      const found = delays(true, `delivery ${index}`);
      const nominal = [30 * SECOND, 2 * MINUTE, 8 * MINUTE, 32 * MINUTE, 128 * MINUTE, 512 * MINUTE];
      for (const [at, delay] of found.entries()) within(delay, nominal[at] ?? 12 * HOUR);
      const total = found.reduce((sum, delay) => sum + delay, 0);
      expect(total).toBeLessThanOrEqual(3 * DAY);
      expect(total).toBeGreaterThan(3 * DAY - 14 * HOUR);
    }
  });

  it('retries test deliveries three times over a few hours', () => {
    const found = delays(false, 'a delivery');
    expect(found).toHaveLength(3);
    for (const [at, nominal] of [5 * MINUTE, HOUR, 3 * HOUR].entries()) within(found[at] ?? 0, nominal);
  });

  it('spreads deliveries that failed together, and gives one delivery the same time whenever it is asked', () => {
    const all = Array.from({ length: 100 }, (_, index) => delays(true, `delivery ${index}`)[4]);
    expect(new Set(all).size).toBeGreaterThan(90);
    expect(delays(true, 'delivery 7')[4]).toBe(all[7]);
  });
});
