import { describe, expect, it } from 'vitest';
import { holds, isStale, newSource, nextCheck, observed, statusOf } from '../../../shared/sources/source.ts';
import { DAY, MINUTE } from '../../../shared/time.ts';

const T = Date.UTC(2026, 10, 21);
const source = newSource('aws.partner/example.com/ed_1', 'arn', T);
const active = observed(source, { state: 'ACTIVE' }, T + MINUTE);
const old = T + 10 * MINUTE;

describe('an event source', () => {
  it('is pending when created, expires after seven days, and is due in every round of the tracker', () => {
    expect(statusOf(source)).toBe('pending');
    expect(source.expires_at).toBe(T + 7 * DAY);
    expect(nextCheck(source, T)).toBe(T + 5000);
  });

  it('takes the expiry that AWS reports', () => {
    expect(observed(source, { state: 'PENDING', expiresAt: T + 14 * DAY }, old).expires_at).toBe(T + 14 * DAY);
  });

  it('becomes active, has no expiry then, and is checked less often', () => {
    expect(statusOf(active)).toBe('active');
    expect(active.since).toBe(T + MINUTE);
    expect(active).not.toHaveProperty('expires_at');
    expect(nextCheck(active, old)).toBe(old + 5 * MINUTE);
    expect(observed(active, { state: 'ACTIVE' }, old).since).toBe(T + MINUTE);
  });

  it('falls back to pending with a new expiry when the customer deletes the bus', () => {
    const fallen = observed(active, { state: 'PENDING' }, old);
    expect(statusOf(fallen)).toBe('pending');
    expect(fallen.since).toBe(old);
    expect(fallen.expires_at).toBe(old + 7 * DAY);
  });

  it('is unknown while AWS cannot be asked, keeps what is known, and is asked again soon', () => {
    const unreachable = observed(active, { state: 'UNREACHABLE' }, old);
    expect(statusOf(unreachable)).toBe('unknown');
    expect(unreachable.state).toBe('ACTIVE');
    expect(nextCheck(unreachable, old)).toBe(old + 5000);
    expect(statusOf(observed(unreachable, { state: 'ACTIVE' }, old + MINUTE))).toBe('active');
  });

  it('is deleted only when found gone twice, a minute apart', () => {
    const once = observed(active, { state: 'GONE' }, old);
    expect(statusOf(once)).toBe('active');
    expect(statusOf(observed(once, { state: 'GONE' }, old + MINUTE - 1))).toBe('active');
    const twice = observed(once, { state: 'GONE' }, old + MINUTE);
    expect(statusOf(twice)).toBe('deleted');
    expect(nextCheck(twice, old)).toBeUndefined();
    expect(isStale(twice, old + DAY)).toBe(false);
  });

  it('is not gone when it is seen in between, nor within five minutes of its creation', () => {
    const seen = observed(observed(active, { state: 'GONE' }, old), { state: 'ACTIVE' }, old + MINUTE);
    expect(seen).not.toHaveProperty('gone_since');
    expect(statusOf(observed(seen, { state: 'GONE' }, old + 2 * MINUTE))).toBe('active');
    const young = observed(source, { state: 'GONE' }, T + 4 * MINUTE);
    expect(young).not.toHaveProperty('gone_since');
  });
});

describe('a fallback', () => {
  const fallen = observed(active, { state: 'PENDING' }, old);

  it('says since when nothing is firm: the last time that AWS was asked and said ACTIVE', () => {
    expect(active.active_at).toBe(T + MINUTE);
    const confirmed = observed(active, { state: 'ACTIVE' }, T + 6 * MINUTE, T + 6 * MINUTE - 500);
    expect(observed(confirmed, { state: 'PENDING' }, old).fallback).toEqual({ from: T + 6 * MINUTE - 500, until: old });
    expect(fallen.fallback).toEqual({ from: T + MINUTE, until: old });
  });

  it('holds everything until its range is returned, also when the source is active again', () => {
    const back = observed(fallen, { state: 'ACTIVE' }, old + MINUTE);
    expect(holds(fallen)).toBe(true);
    expect(holds(back)).toBe(true);
    const { fallback: _returned, ...cleared } = back;
    expect(holds(cleared)).toBe(false);
    expect(back.active_at).toBe(T + MINUTE);
  });

  it('grows when the source falls back once more before that', () => {
    const again = observed(observed(fallen, { state: 'ACTIVE' }, old + MINUTE), { state: 'PENDING' }, old + 2 * MINUTE);
    expect(again.fallback).toEqual({ from: T + MINUTE, until: old + 2 * MINUTE });
  });

  it('is none when the source was pending all along', () => {
    expect(observed(source, { state: 'PENDING' }, old).fallback).toBeUndefined();
    expect(observed(fallen, { state: 'PENDING' }, old + MINUTE).fallback).toEqual(fallen.fallback);
  });
});
