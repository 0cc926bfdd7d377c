import { describe, expect, it } from 'vitest';
import { turnsFrom } from '../../../shared/deliveries/turns.ts';

const MINUTE = 60_000;
const now = Date.UTC(2026, 10, 21);
const aheadOf = (free: number, perSecond: number, count: number) =>
  turnsFrom(free, perSecond, count, now).turns.map(({ at }) => at - now);

describe('the turns of a rate limit', () => {
  it('are evenly spread, and make up for one second of idleness and no more', () => {
    expect(aheadOf(0, 4, 6)).toEqual([-750, -500, -250, 0, 250, 500]);
    expect(aheadOf(now - 500, 4, 3)).toEqual([-500, -250, 0]);
    expect(aheadOf(0, 0.5, 3)).toEqual([0, 2000, 4000]);
  });

  it('follow those that were given out before', () => {
    const { free } = turnsFrom(0, 2, 4, now);
    expect(aheadOf(free, 2, 2)).toEqual([1500, 2000]);
  });

  it('are given out for a quarter of an hour: whoever gets none takes none, and asks again', () => {
    const { turns, free } = turnsFrom(now + 15 * MINUTE - 1000, 1, 4, now);
    expect(turns.map(({ taken }) => taken)).toEqual([true, true, false, false]);
    expect(turns.at(-1)?.at).toBe(now + 15 * MINUTE);
    expect(free).toBe(now + 15 * MINUTE + 1000);
  });
});
