import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rangeInMilliseconds, rangeInSeconds } from '../../../functions/api/lists/created.ts';
import { matchesType } from '../../../shared/events/filter.ts';
import { newId } from '../../../shared/ids.ts';
import { type Candidate, collect } from '../../../shared/lists/collect.ts';
import { mergeSorted } from '../../../shared/lists/merge.ts';
import { daysOf, stretchOf } from '../../../shared/lists/stretch.ts';

const NOON = Date.UTC(2026, 10, 21, 12);
const DAY = 24 * 3600_000;
const idAt = (at: number) => newId('evt', true, at);
const list = { prefix: 'evt', livemode: true } as const;

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe('sorted sources', () => {
  it('are merged into one in their order, whatever is in which', async () => {
    const sources = fc.array(fc.array(fc.nat()));
    await fc.assert(
      fc.asyncProperty(sources, async (lists) => {
        const merged = mergeSorted(
          lists.map((one) => each(one.toSorted((a, b) => b - a))),
          (a, b) => a > b,
        );
        expect(await all(merged)).toEqual(lists.flat().sort((a, b) => b - a));
      }),
    );
  });
});

describe('a stretch of a list', () => {
  const range = { from: NOON - 2 * DAY, until: NOON };

  it('reaches over the days of its range, newest first', () => {
    expect(daysOf(stretchOf(list, range, undefined))).toEqual(['2026-11-21', '2026-11-20', '2026-11-19']);
  });

  it('ends at the position from which it is read, and runs away from it', () => {
    const id = idAt(NOON - DAY);
    const older = stretchOf(list, range, { direction: 'older', id });
    expect(older).toMatchObject({ below: id, newestFirst: true });
    expect(daysOf(older)).toEqual(['2026-11-20', '2026-11-19']);
    const newer = stretchOf(list, range, { direction: 'newer', id });
    expect(newer).toMatchObject({ above: id, newestFirst: false });
    expect(daysOf(newer)).toEqual(['2026-11-20', '2026-11-21']);
  });

  it('keeps to its range when the position lies outside', () => {
    const whole = stretchOf(list, range, undefined);
    expect(stretchOf(list, range, { direction: 'older', id: idAt(NOON + DAY) })).toEqual(whole);
    expect(daysOf(stretchOf(list, range, { direction: 'older', id: idAt(NOON - 9 * DAY) }))).toEqual([]);
    expect(daysOf(stretchOf(list, range, { direction: 'newer', id: idAt(NOON + DAY) }))).toEqual([]);
    expect(daysOf(stretchOf(list, { from: NOON, until: -5 }, undefined))).toEqual([]);
  });
});

describe('a page', () => {
  const candidates = (count: number, cost = 1): Candidate[] =>
    Array.from({ length: count }, (_, index) => ({ id: `evt_${1000 - index}`, cost }));
  const page = (
    from: readonly Candidate[],
    { limit = 3, budget = 100, batch = 4, wanted = (id: string): boolean => id !== '' } = {},
  ) =>
    collect(each(from), {
      limit,
      budget,
      batch,
      judge: async (some) => ({ hits: some.filter(({ id }) => wanted(id)), cost: 0 }),
    });

  it('that is full goes on only if one more hit follows', async () => {
    expect(await page(candidates(3))).toMatchObject({ exhausted: false, hits: candidates(3) });
    expect(await page(candidates(3))).not.toHaveProperty('goesOnAfter');
    expect(await page(candidates(4))).toMatchObject({ hits: candidates(3), goesOnAfter: 'evt_998' });
  });

  it('that spent its budget is shorter, and goes on where the search stopped', async () => {
    const wanted = (id: string) => id === 'evt_999';
    const found = await page(candidates(50), { budget: 10, wanted });
    expect(found).toMatchObject({ exhausted: true, goesOnAfter: 'evt_991' });
    expect(found.hits.map(({ id }) => id)).toEqual(['evt_999']);
  });

  it('that spent its budget without a hit says so', async () => {
    expect(await page(candidates(50), { budget: 10, wanted: () => false })).toEqual({
      hits: [],
      exhausted: true,
      goesOnAfter: 'evt_991',
    });
    // Large items count more.
    expect(await page(candidates(50, 5), { budget: 10, wanted: () => false })).toMatchObject({
      goesOnAfter: 'evt_999',
    });
  });

  it('is complete when the list ends together with the budget', async () => {
    expect(await page(candidates(10), { budget: 10, wanted: () => false })).toEqual({ hits: [], exhausted: false });
  });

  it('pays from its budget for what judging reads', async () => {
    const found = await collect(each(candidates(50)), {
      limit: 3,
      budget: 20,
      batch: 4,
      judge: async () => ({ hits: [], cost: 6 }),
    });
    expect(found).toMatchObject({ exhausted: true, goesOnAfter: 'evt_993' });
  });
});

describe('created', () => {
  it('in API v1 means whole seconds', () => {
    expect(rangeInSeconds({ gt: '5', lte: '7' })).toEqual({ from: 6000, until: 8000 });
    expect(rangeInSeconds({ gte: '5', lt: '7' })).toEqual({ from: 5000, until: 7000 });
    expect(rangeInSeconds({})).toEqual({ from: 0, until: Infinity });
  });

  it('in API v2 means milliseconds, and leaves out nothing of a second to which a Date was cut', () => {
    const time = '1970-01-01T00:00:05.250Z';
    expect(rangeInMilliseconds({ gt: time, lte: time })).toEqual({ from: 5251, until: 5251 });
    expect(rangeInMilliseconds({ gte: '1970-01-01T01:00:05+01:00', lt: '7' })).toEqual({ from: 5000, until: 7000 });
    expect(rangeInMilliseconds({ gt: '5', lte: '7' })).toEqual({ from: 5001, until: 8000 });
  });
});

describe('a type', () => {
  it.each([
    ['customer.*', 'customer.created', true],
    ['customer.*', 'customer.subscription.created', true],
    ['customer.*', 'customers.created', false],
    ['*.created', 'customer.created', true],
    ['customer.*.created', 'customer.subscription.created', true],
    ['customer.*.created', 'customer.created', false],
    ['*', 'invoice.paid', true],
    ['a.*.*.b', 'a.b', false],
    ['invoice.paid', 'invoice.paid', true],
    ['invoice.paid', 'invoice.paid.late', false],
    ['customer.*', 'v1.customer.created', false],
  ])('by the pattern %s: %s is %s', (pattern, type, expected) => {
    expect(matchesType({ payload: 'snapshot', pattern }, type)).toBe(expected);
  });
});
