import { beforeAll, describe, expect, it } from 'vitest';
import { toEvent, toPublication } from '../../../shared/events/publication.ts';
import { timeOf } from '../../../shared/ids.ts';
import { HOUR } from '../../../shared/time.ts';

const sentAt = Date.UTC(2026, 10, 21, 12);
const publish = (text: string, { id = 'a-message', at = sentAt } = {}) => toEvent({ id, body: text, sentAt: at });
const detail = { account: 'acct_1', livemode: false, data: { object: { id: 'cus_1' } } };
const body = (changes: object = {}) => JSON.stringify({ 'detail-type': 'customer.created', detail, ...changes });

beforeAll(() => {
  process.env.MAX_EVENT_BYTES = String(256 * 1024);
});

describe('a publication on the queue', () => {
  it('is the same event at every receive of its message', () => {
    const event = publish(body());
    expect(event).toMatchObject({ account: 'acct_1', livemode: false, payload: 'snapshot', created: sentAt });
    expect(event.content).toEqual({ type: 'customer.created', data: { object: { id: 'cus_1' } } });
    expect(publish(body()).id).toBe(event.id);
    expect(publish(body(), { id: 'another' }).id).not.toBe(event.id);
  });

  it('is the same event in another message, if id and time are the same', () => {
    const named = body({ id: 'order-17', time: '2026-11-21T11:30:00.500Z' });
    const event = publish(named);
    expect(timeOf(event.id)).toBe(Date.UTC(2026, 10, 21, 11, 30, 0, 500));
    expect(publish(named, { id: 'another', at: sentAt + HOUR }).id).toBe(event.id);
    expect(publish(body({ id: 'order-18', time: '2026-11-21T11:30:00.500Z' })).id).not.toBe(event.id);
  });

  it('keeps the id that the API fixed', () => {
    const event = publish(body());
    expect(publish(toPublication(event), { id: 'another', at: sentAt + HOUR })).toEqual(event);
  });

  it('keeps the trace that it belongs to, and ignores one that is none', () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const traced = publish(body({ detail: { ...detail, traceparent } }));
    expect(traced).toMatchObject({ traceparent, content: { type: 'customer.created', data: detail.data } });
    expect(publish(toPublication(traced))).toEqual(traced);
    for (const none of ['00-1-2-01', 7, null])
      expect(publish(body({ detail: { ...detail, traceparent: none } }))).toEqual(publish(body()));
  });

  it('of a v1. or v2. type is a thin event', () => {
    const thin = { account: 'acct_1', livemode: true, data: { a: 1 } };
    const event = publish(JSON.stringify({ 'detail-type': 'v2.core.thing.made', detail: thin }));
    expect(event).toMatchObject({ payload: 'thin', livemode: true });
    expect(event.id).not.toContain('test');
  });

  it.each([
    ['is not JSON', '{', "'body: Must be JSON.'"],
    ['is no object', '[]', "'body: Expected an object, but got an array.'"],
    ['has no type', JSON.stringify({ detail }), "'detail-type: This field is required.'"],
    ['has a field that is not known', body({ extra: 1 }), "'extra: Unknown field.'"],
    ['has a type that is none', body({ 'detail-type': 'Customer Created' }), "'detail-type: Must be an event type"],
    [
      'names no account',
      body({ detail: { livemode: true, data: { object: {} } } }),
      "'detail.account: This field is required.'",
    ],
    [
      'has no mode',
      body({ detail: { account: 'acct_1', data: { object: {} } } }),
      "'detail.livemode: This field is required.'",
    ],
    ['has no data', body({ detail: { account: 'acct_1', livemode: true } }), "'detail.data: This field is required.'"],
    [
      'is dated too far back',
      body({ id: 'a', time: '2026-11-20T11:59:59Z' }),
      "'time: Its time must be at most 24 hours before",
    ],
    [
      'is dated ahead',
      body({ id: 'a', time: '2026-11-21T12:05:01Z' }),
      "'time: Its time must be at most 24 hours before",
    ],
    [
      'has an event id of another time',
      body({ id: `evt_test_${'7ZZZZZZZZZ'.padEnd(26, '0')}` }),
      "'id: Its time must be at most 30 days",
    ],
    ['says its type twice', body({ detail: { ...detail, type: 'a.b' } }), "'detail.type: Unknown field"],
    [
      'is nested too deeply',
      body().replace('{"id":"cus_1"}', `{"a":${'['.repeat(9000)}${']'.repeat(9000)}}`),
      "'detail.data: Must not be nested",
    ],
    [
      'is too large',
      body({ detail: { ...detail, data: { object: { text: 'x'.repeat(256 * 1024) } } } }),
      "'detail: The event takes",
    ],
  ])('is refused with the reason when it %s', (_name, text, message) => {
    expect(() => publish(text)).toThrow(message);
  });
});
