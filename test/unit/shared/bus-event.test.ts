import { beforeAll, describe, expect, it } from 'vitest';
import { toReturnable } from '../../../shared/dead-letters/bus-event.ts';
import { toEvent } from '../../../shared/events/publication.ts';
import { DAY, HOUR, isoTime, MINUTE, SECOND } from '../../../shared/time.ts';

beforeAll(() => {
  process.env.MAX_EVENT_BYTES = String(256 * 1024);
});

/** When the rule gave it up. */
const sentAt = Date.UTC(2026, 10, 21, 12);
const letter = (time: string) =>
  JSON.stringify({
    ...{ version: '0', id: '17e8dff5-d6cd-3770-ace9-aeac02b6ac3f', source: 'orders', region: 'us-east-1', time },
    'detail-type': 'customer.created',
    detail: { account: 'acct_1', livemode: false, data: { object: { id: 'cus_1' } } },
  });
const returned = (time: string) => toEvent({ id: 'a-letter', body: toReturnable(letter(time), sentAt), sentAt });

describe('an event that the bus’s rule could not send on', () => {
  it.each([
    ['refused at once', -SECOND],
    ['refused a day ago less a minute', MINUTE - DAY],
    ['dated a little ahead', MINUTE],
  ])('keeps its time when it was %s', (_what, ago) => {
    expect(returned(isoTime(sentAt + ago))).toMatchObject({
      created: sentAt + ago,
      content: { type: 'customer.created' },
    });
  });

  it.each([
    ['that the rule tried for a day', -(DAY + 30 * SECOND), -DAY],
    ['that its producer dated back', -48 * HOUR, -DAY],
    ['that its producer dated ahead', HOUR, 5 * MINUTE],
  ])('%s is taken, with the nearest time that can be, and is one event', (_what, ago, created) => {
    const event = returned(isoTime(sentAt + ago));
    expect(event).toMatchObject({ created: sentAt + created, content: { type: 'customer.created' } });
    expect(returned(isoTime(sentAt + ago)).id).toBe(event.id);
  });

  it('is left as it is when it is none', () => {
    for (const body of ['{', 'null', letter('yesterday'), JSON.stringify({ v: 1, event: 'evt_1' })])
      expect(toReturnable(body, sentAt)).toBe(body);
  });
});
