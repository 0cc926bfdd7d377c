import { describe, expect, test } from 'vitest';
import { parseScheduleExpression } from '../../../../local/schedule-expression.ts';

const BEGAN = Date.UTC(2026, 0, 1, 0, 0, 7);

/** The next times of an expression after an instant. */
function times(expression: string, count: number, from = BEGAN): string[] {
  const schedule = parseScheduleExpression(expression);
  const found: string[] = [];
  for (let instant: number | undefined = from; found.length < count; ) {
    instant = schedule.next(instant, BEGAN);
    if (instant === undefined) break;
    found.push(new Date(instant).toISOString().slice(0, 19));
  }
  return found;
}

describe('a schedule expression', () => {
  test.each([
    ['rate(1 minute)', ['2026-01-01T00:01:07', '2026-01-01T00:02:07']],
    ['rate(12 hours)', ['2026-01-01T12:00:07', '2026-01-02T00:00:07']],
    ['cron(0 12 * * ? *)', ['2026-01-01T12:00:00', '2026-01-02T12:00:00']],
    [
      'cron(0/15 * * * ? *)',
      ['2026-01-01T00:15:00', '2026-01-01T00:30:00', '2026-01-01T00:45:00', '2026-01-01T01:00:00'],
    ],
    ['cron(15 10 ? * MON-FRI *)', ['2026-01-01T10:15:00', '2026-01-02T10:15:00', '2026-01-05T10:15:00']],
    ['cron(0 8 1 * ? *)', ['2026-01-01T08:00:00', '2026-02-01T08:00:00']],
    ['cron(0 0 L * ? *)', ['2026-01-31T00:00:00', '2026-02-28T00:00:00']],
    ['cron(0 9 15W FEB,AUG ? *)', ['2026-02-16T09:00:00', '2026-08-14T09:00:00']],
    ['cron(0 9 ? * 6#3 *)', ['2026-01-16T09:00:00', '2026-02-20T09:00:00']],
    ['cron(0 9 ? * 6L *)', ['2026-01-30T09:00:00', '2026-02-27T09:00:00']],
    ['cron(0 0 29 2 ? *)', ['2028-02-29T00:00:00', '2032-02-29T00:00:00']],
    ['cron(5,35 14 * * ? 2026-2027/2)', ['2026-01-01T14:05:00', '2026-01-01T14:35:00', '2026-01-02T14:05:00']],
    ['at(2026-03-01T10:30:00)', ['2026-03-01T10:30:00']],
    ['cron(0 0 1 1 ? 2020)', []],
  ])('%s', (expression, expected) => expect(times(expression, expected.length || 1)).toEqual(expected));

  test('fires at its time once', () => {
    expect(times('at(2026-03-01T10:30:00)', 5)).toHaveLength(1);
    expect(times('at(2025-01-01T00:00:00)', 5)).toEqual([]);
  });

  test.each(['every minute', 'rate(0 minutes)', 'cron(0 12 * * * *)', 'cron(99 * * * ? *)', 'cron(0 12 * * ?)'])(
    'that is wrong is an error: %s',
    (expression) => expect(() => times(expression, 1)).toThrow(),
  );
});
