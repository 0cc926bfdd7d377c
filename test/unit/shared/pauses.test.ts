import { describe, expect, it } from 'vitest';
import { historyAfter, type Pause, pausedBetween } from '../../../shared/health/pauses.ts';
import { DAY } from '../../../shared/time.ts';

describe('the history of an operator’s pauses', () => {
  it('says when each began and ended, whatever is asked for twice', () => {
    let history: readonly Pause[] | undefined;
    for (const [paused, now] of [
      [false, 5],
      [true, 10],
      [true, 15],
      [false, 20],
      [false, 25],
      [true, 30],
    ] as const)
      history = historyAfter(history, paused, now);
    expect(history).toEqual([{ from: 10, until: 20 }, { from: 30 }]);
  });

  it('forgets what nothing pending can have lived through', () => {
    const history = [{ from: 0, until: DAY }, { from: 2 * DAY, until: 3 * DAY }, { from: 4 * DAY }];
    expect(historyAfter(history, false, 32 * DAY)).toEqual([
      { from: 2 * DAY, until: 3 * DAY },
      { from: 4 * DAY, until: 32 * DAY },
    ]);
  });

  it('counts what was paused between two instants once, however many scopes paused it', () => {
    const history = [
      { from: 50, until: 60 },
      { from: 10, until: 30 },
      { from: 20, until: 40 },
      { from: 25, until: 28 },
      { from: 90 },
    ];
    expect(pausedBetween(history, 0, 100)).toBe(30 + 10 + 10);
    expect(pausedBetween(history, 35, 55)).toBe(5 + 5);
    expect(pausedBetween(history, 40, 50)).toBe(0);
    expect(pausedBetween([], 0, 100)).toBe(0);
  });
});
