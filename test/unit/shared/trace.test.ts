import { describe, expect, it } from 'vitest';
import { isDrawn } from '../../../shared/drawn.ts';
import type { Event } from '../../../shared/events/event.ts';
import { attemptTraceparent, ownTraceId, parseTraceparent, traceOf } from '../../../shared/events/trace.ts';

const ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

const snapshot = (id = 'evt_1', account = 'acct_1'): Event => ({
  ...{ id, account, livemode: true, created: 0, payload: 'snapshot' },
  content: { type: 'customer.created', data: { object: {} } },
});

describe('a traceparent', () => {
  it.each([
    ['as it is', `00-${ID}-${SPAN}-01`, `00-${ID}-${SPAN}-01`],
    ['without flags that version 00 does not know', `00-${ID}-${SPAN}-03`, `00-${ID}-${SPAN}-01`],
    ['of a version to come, as version 00', `cc-${ID}-${SPAN}-00-what-else`, `00-${ID}-${SPAN}-00`],
  ])('is taken %s', (_how, text, kept) => {
    expect(parseTraceparent(text)).toBe(kept);
  });

  it.each([
    ['of version 00 with more behind it', `00-${ID}-${SPAN}-01-more`],
    ['of version ff', `ff-${ID}-${SPAN}-01`],
    ['with no trace', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['with no parent', `00-${ID}-${'0'.repeat(16)}-01`],
    ['in upper case', `00-${ID.toUpperCase()}-${SPAN}-01`],
    ['that is cut', `00-${ID}-${SPAN}`],
    ['that is empty', ''],
    ['that is no text', { version: 0 }],
    ['that is not there', undefined],
  ])('%s is ignored', (_which, text) => {
    expect(parseTraceparent(text)).toBeUndefined();
  });
});

describe('the trace of an event', () => {
  it('is its publisher’s, in which every attempt is a span of its own', () => {
    const event = { ...snapshot(), traceparent: `00-${ID}-${SPAN}-01` };
    expect(traceOf(event)).toEqual({ id: ID, sampled: true });
    const [first, second] = [attemptTraceparent(event), attemptTraceparent(event)];
    expect(first).toMatch(new RegExp(`^00-${ID}-[0-9a-f]{16}-01$`));
    expect(first).not.toContain(SPAN);
    expect(second).not.toBe(first);
  });

  it('follows from its id and account where the publisher has none', () => {
    expect(traceOf(snapshot())).toEqual(traceOf(snapshot()));
    expect(parseTraceparent(attemptTraceparent(snapshot()))).toBeDefined();
    const ids = [snapshot(), snapshot('evt_2'), snapshot('evt_1', 'acct_2')].map((event) => traceOf(event).id);
    expect(new Set(ids).size).toBe(3);
  });

  it('is that of the snapshot event for its thin twin', () => {
    const content = { type: 'v1.customer.created', snapshot_event: 'evt_1' };
    expect(traceOf({ ...snapshot('evt_twin'), payload: 'thin', content })).toEqual(traceOf(snapshot()));
  });
});

describe('what is drawn', () => {
  const events = Array.from({ length: 400 }, (_, index) => snapshot(`evt_${index}`));
  const drawn = (share: number) => events.filter((event) => isDrawn(ownTraceId(event), share));

  it('is that share of all events, and the smaller share within the larger', () => {
    expect([drawn(0).length, drawn(1).length]).toEqual([0, events.length]);
    // Of 400: three standard deviations around 100.
    expect(Math.abs(drawn(0.25).length - 100)).toBeLessThan(26);
    expect(drawn(0.25)).toEqual(expect.arrayContaining(drawn(0.05)));
  });

  it('is sampled for one in a thousand of the traces that begin here', () => {
    expect(events.filter((event) => traceOf(event).sampled)).toEqual(drawn(0.001));
  });
});
