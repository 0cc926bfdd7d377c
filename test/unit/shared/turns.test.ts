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

  it('do not wait for the next one of a limit that was so low that the operator raised it', () => {
    // Once in 28 hours, by a slip.
    const { free } = turnsFrom(0, 0.00001, 1, now);
    expect(free).toBe(now + 100_000_000);
    expect(aheadOf(free, 10, 2)).toEqual([0, 100]);
    // Of the same limit they do, also by a clock that is some seconds behind.
    const booked = turnsFrom(now, 10, 10_000, now + 5000);
    expect(turnsFrom(booked.free, 10, 1, now).turns).toEqual([{ at: now + 15 * MINUTE, taken: false }]);
    expect(turnsFrom(free, 0.00001, 1, now + MINUTE).turns).toEqual([{ at: now + 16 * MINUTE, taken: false }]);
  });

  it('are given out for a quarter of an hour: whoever gets none takes none, and asks again', () => {
    const { turns, free } = turnsFrom(now + 15 * MINUTE - 1000, 1, 4, now);
    expect(turns.map(({ taken }) => taken)).toEqual([true, true, false, false]);
    expect(turns.at(-1)?.at).toBe(now + 15 * MINUTE);
    expect(free).toBe(now + 15 * MINUTE + 1000);
  });
});
