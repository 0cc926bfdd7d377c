import { describe, expect, it } from 'vitest';
import { consequencesOf } from '../../../shared/sources/consequences.ts';
import { confirmationInterval, isStale, nextCheck } from '../../../shared/sources/schedule.ts';
import { createdSource, holds, newSource, observed, statusOf, waitsFor } from '../../../shared/sources/source.ts';
import { DAY, MINUTE } from '../../../shared/time.ts';

const T = Date.UTC(2026, 10, 21);
const source = createdSource(newSource('aws.partner/example.com/ed_1', T), 'arn', T);
const active = observed(source, { state: 'ACTIVE' }, T + MINUTE);
const old = T + 10 * MINUTE;

describe('an event source', () => {
  it('is pending when created, expires after seven days, and is due in every round of the tracker', () => {
    expect(statusOf(source)).toBe('pending');
    expect(source.expires_at).toBe(T + 7 * DAY);
    expect(nextCheck(source, T)).toEqual({ at: T + 5000, lane: 'watch' });
  });

  it('takes the expiry that AWS reports', () => {
    expect(observed(source, { state: 'PENDING', expiresAt: T + 14 * DAY }, old).expires_at).toBe(T + 14 * DAY);
  });

  it('becomes active, has no expiry then, and is checked less often', () => {
    expect(statusOf(active)).toBe('active');
    expect(active.since).toBe(T + MINUTE);
    expect(active).not.toHaveProperty('expires_at');
    expect(nextCheck(active, old)).toEqual({ at: old + 5 * MINUTE, lane: 'idle' });
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
    expect(nextCheck(unreachable, old)).toEqual({ at: old + 5000, lane: 'watch' });
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

describe('the history of a source', () => {
  const ways = (one: typeof source) => one.history.map(({ status, cause }) => `${status}: ${cause}`);

  it('has an entry for each change of the status, with its time and cause, and none for what stays', () => {
    const unknown = observed(active, { state: 'UNREACHABLE' }, old);
    const still = observed(unknown, { state: 'UNREACHABLE' }, old + MINUTE);
    const back = observed(still, { state: 'ACTIVE' }, old + 2 * MINUTE);
    const fallen = observed(back, { state: 'PENDING' }, old + 3 * MINUTE);
    expect(ways(fallen)).toEqual([
      'creating: requested',
      'pending: created',
      'active: associated',
      'unknown: unreachable',
      'active: reachable',
      'pending: event_bus_lost',
    ]);
    expect(fallen.history.at(-1)?.at).toBe(old + 3 * MINUTE);
  });

  it('says what a source came to while AWS could not be asked', () => {
    const unknown = observed(source, { state: 'UNREACHABLE' }, old);
    expect(ways(observed(unknown, { state: 'ACTIVE' }, old + MINUTE)).at(-1)).toBe('active: associated');
    const lost = observed(active, { state: 'UNREACHABLE' }, old);
    expect(ways(observed(lost, { state: 'PENDING' }, old + MINUTE)).at(-1)).toBe('pending: event_bus_lost');
  });

  it('tells an expiry from a deletion', () => {
    const gone = (from: typeof source, at: number) =>
      observed(observed(from, { state: 'GONE' }, at), { state: 'GONE' }, at + MINUTE);
    expect(ways(gone(source, T + 7 * DAY)).at(-1)).toBe('deleted: expired');
    expect(ways(gone(source, T + 6 * DAY)).at(-1)).toBe('deleted: deleted');
    expect(ways(gone(active, T + 8 * DAY)).at(-1)).toBe('deleted: deleted');
  });

  it('says when deliveries waited for it, whether AWS could be asked or not', () => {
    expect(waitsFor(source)).toEqual([{ from: T }]);
    const first = { from: T, until: T + MINUTE };
    expect(waitsFor(active)).toEqual([first]);
    const unknown = observed(active, { state: 'UNREACHABLE' }, old);
    const fallen = observed(unknown, { state: 'PENDING' }, old + MINUTE);
    const lost = observed(fallen, { state: 'UNREACHABLE' }, old + 2 * MINUTE);
    expect(waitsFor(lost)).toEqual([first, { from: old + MINUTE }]);
    const back = observed(lost, { state: 'ACTIVE' }, old + 3 * MINUTE);
    expect(waitsFor(back)).toEqual([first, { from: old + MINUTE, until: old + 3 * MINUTE }]);
    const silent = observed(active, { state: 'SILENT' }, old);
    expect(waitsFor(silent)).toEqual([first, { from: old }]);
    const gone = observed(observed(fallen, { state: 'GONE' }, old + DAY), { state: 'GONE' }, old + DAY + MINUTE);
    expect(waitsFor(gone)).toEqual([first, { from: old + MINUTE, until: old + DAY + MINUTE }]);
  });

  it('keeps the last twenty changes', () => {
    let flapping = active;
    for (let minute = 0; minute < 30; minute += 1)
      flapping = observed(flapping, { state: minute % 2 ? 'ACTIVE' : 'UNREACHABLE' }, old + minute * MINUTE);
    expect(flapping.history).toHaveLength(20);
    expect(flapping.history.at(-1)?.at).toBe(old + 29 * MINUTE);
  });
});

describe('the next check of an active source', () => {
  it('comes in every round for two minutes after it was last known to be put to', () => {
    expect(nextCheck(active, old, old - MINUTE)).toEqual({ at: old + 5000, lane: 'confirm' });
    expect(nextCheck(active, old, old - 2 * MINUTE)).toEqual({ at: old + 5 * MINUTE, lane: 'idle' });
  });

  it('is published by how many sources are put to in a Region', () => {
    expect([1, 200, 201, 1000].map((busy) => confirmationInterval(busy) / MINUTE)).toEqual([1, 1, 2, 5]);
  });
});

describe('the consequences of a change', () => {
  const enabled = (of: typeof source) => ({ source: of, status: 'enabled' }) as const;
  const twiceGone = observed(observed(active, { state: 'GONE' }, old), { state: 'GONE' }, old + MINUTE);
  const names = (of: typeof source, after: typeof source, status: 'enabled' | 'disabled' = 'enabled') =>
    consequencesOf({ ...enabled(of), status }, after, old).announcements.map(({ name }) => name);

  it('of the state are announced; of AWS not answering there are none', () => {
    expect(names(source, active)).toEqual(['activated']);
    expect(names(active, observed(active, { state: 'PENDING' }, old))).toEqual(['fell_back']);
    expect(names(active, twiceGone)).toEqual(['disabled']);
    expect(names(active, observed(active, { state: 'UNREACHABLE' }, old))).toEqual([]);
    expect(names(observed(active, { state: 'UNREACHABLE' }, old), active)).toEqual([]);
  });

  it('of its end disable only what is enabled', () => {
    expect(consequencesOf(enabled(active), twiceGone, old).disable).toBe('no_aws_event_source_exists');
    expect(consequencesOf({ source: active, status: 'disabled' }, twiceGone, old).disable).toBeUndefined();
    expect(names(active, twiceGone, 'disabled')).toEqual([]);
  });

  it('of activation and of its end release what is held, by the circuit breaker too when the source is gone', () => {
    expect(consequencesOf(enabled(source), active, old).releases).toBe(true);
    expect(consequencesOf(enabled(active), twiceGone, old).releases).toBe(true);
    const goneWhilePending = observed(observed(source, { state: 'GONE' }, old), { state: 'GONE' }, old + MINUTE);
    expect(consequencesOf(enabled(source), goneWhilePending, old).releases).toBe(true);
  });
});
