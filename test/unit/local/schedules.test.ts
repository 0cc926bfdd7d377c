import { describe, expect, it } from 'vitest';
import { Clock } from '../../../local/clock.ts';
import { Schedules } from '../../../local/schedules.ts';

const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 1, 0, 0, 30);

describe('a schedule of the embedded cloud', () => {
  it('fires at its times, and makes up for none that passed while it was disabled', async () => {
    const clock = new Clock({ frozenAt: START });
    let enabled = true;
    const fired: number[] = [];
    const rule = () => [{ arn: 'arn', scheduleExpression: 'rate(10 minutes)', enabled }];
    new Schedules(clock, rule, (_, dueAt) => fired.push((dueAt - START) / MINUTE));
    await clock.advance(21 * MINUTE);
    expect(fired).toEqual([10, 20]);
    enabled = false;
    await clock.advance(24 * MINUTE);
    enabled = true;
    await clock.advance(4 * MINUTE);
    expect(fired).toEqual([10, 20]);
    await clock.advance(2 * MINUTE);
    expect(fired).toEqual([10, 20, 50]);
    clock.close();
  });
});
