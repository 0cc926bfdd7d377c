import { describe, expect, it } from 'vitest';
import { disablesAt, failingStep } from '../../../shared/destinations/failing.ts';
import { DAY } from '../../../shared/time.ts';

const since = Date.UTC(2026, 10, 21);
const health = { failing_since: since };
const at = (days: number) => since + days * DAY;
const told = (days: number) => ({ since, at: at(days) });

describe('of a destination at which everything fails', () => {
  it.each([
    ['nothing is due for three days', health, undefined, at(2.99), undefined],
    ['its account is told then', health, undefined, at(3), 'tell'],
    ['and once only', health, told(3), at(30), undefined],
    ['and again of another run', health, { since: since - 9 * DAY, at: since - 5 * DAY }, at(3), 'tell'],
    ['nothing is told when it is well', {}, told(3), at(9), undefined],
  ])('%s, where nothing is disabled', (_when, health, before, now, step) => {
    expect(failingStep(health, before, { disableAfter: undefined, paused: 0 }, now)).toBe(step);
  });

  it.each([
    ['not before the deployment’s days are over', told(3), at(6.9), undefined],
    ['when they are over', told(3), at(7), 'disable'],
    ['not without having told', undefined, at(30), 'tell'],
    ['not within a day of having told', told(29.5), at(30), undefined],
    ['a day after having told', told(29.5), at(30.5), 'disable'],
  ])('it is disabled where the deployment says so, %s', (_when, before, now, step) => {
    expect(failingStep(health, before, { disableAfter: 7 * DAY, paused: 0 }, now)).toBe(step);
  });

  it('it is said when it will be disabled', () => {
    expect(disablesAt(told(3), { disableAfter: undefined, paused: 0 })).toBeUndefined();
    const terms = { disableAfter: 7 * DAY, paused: 0 };
    expect([disablesAt(told(3), terms), disablesAt(told(9), terms)]).toEqual([at(7), at(10)]);
  });

  it('what was paused of it comes on top, and on top of what is said; the day of notice stays one', () => {
    const terms = { disableAfter: 7 * DAY, paused: 2 * DAY };
    const stepAt = (before: ReturnType<typeof told> | undefined, days: number) =>
      failingStep(health, before, terms, at(days));
    expect([stepAt(undefined, 4.9), stepAt(undefined, 5)]).toEqual([undefined, 'tell']);
    expect(disablesAt(told(5), terms)).toBe(at(9));
    expect([stepAt(told(5), 8.9), stepAt(told(5), 9)]).toEqual([undefined, 'disable']);
    expect(disablesAt(told(20), terms)).toBe(at(21));
    expect([stepAt(told(20), 20.9), stepAt(told(20), 21)]).toEqual([undefined, 'disable']);
  });
});
