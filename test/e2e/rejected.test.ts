import { ulid } from 'ulid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Doors, detailOf, type Json, messageOf, type Publication, snapshot } from '../support/doors.ts';
import { type Inboxes, openInboxes } from '../support/inbox.ts';
import { type Platform, startPlatform } from '../support/platform.ts';

const MINUTE = 60_000;
const LIMIT = 256 * 1024;

let platform: Platform;
let seed: Platform['seed'];
let doors: Doors;
let inboxes: Inboxes;
beforeAll(async () => {
  platform = await startPlatform();
  seed = platform.seed;
  doors = new Doors(platform);
  inboxes = await openInboxes(platform);
});
afterAll(() => platform?.close());

describe('what a door cannot refuse is rejected later, and listed with its reason:', () => {
  const required = 'This field is required.';
  const cases: Record<string, [message: () => string | object, problem: string]> = {
    'what is not JSON': [() => 'customer.created', 'body: Must be JSON.'],
    'what is no object': [() => [], 'body: Expected an object, but got an array.'],
    'a message without a type': [() => changed({ 'detail-type': undefined }), `detail-type: ${required}`],
    'a message without a detail': [() => changed({ detail: undefined }), `detail: ${required}`],
    'a message with an unknown field': [() => changed({ source: 'me' }), 'source: Unknown field.'],
    'a detail without an account': [() => detail({ account: undefined }), `detail.account: ${required}`],
    'what is no account id': [
      () => detail({ account: 'platform' }),
      "detail.account: Must be an account's id: 'acct_' and letters and digits.",
    ],
    'an account that does not exist': [
      () => detail({ account: 'acct_nobody' }),
      "detail.account: There is no account 'acct_nobody'. Create it first.",
    ],
    'a detail without a mode': [() => detail({ livemode: undefined }), `detail.livemode: ${required}`],
    'a time that is none': [
      () => changed({ time: 'yesterday' }),
      'time: Must be an ISO 8601 date and time such as 2026-11-21T10:15:30.123Z.',
    ],
    'a time of the day before yesterday': [
      () => changed({ time: new Date(Date.now() - 25 * 60 * MINUTE).toISOString() }),
      'time: Its time must be at most 24 hours before and 5 minutes after the time of publishing.',
    ],
    'a time to come': [
      () => changed({ time: new Date(Date.now() + 6 * MINUTE).toISOString() }),
      'time: Its time must be at most 24 hours before and 5 minutes after the time of publishing.',
    ],
  };
  const changed = (changes: Json): Json => ({ ...messageOf(snapshot(seed.account, 'cus_rejected')), ...changes });
  const detail = (changes: Json): Json =>
    changed({ detail: { ...detailOf(snapshot(seed.account, 'cus_rejected')), ...changes } });
  const large = (): Publication => ({
    ...snapshot(seed.account, 'cus_rejected'),
    content: { data: { object: { id: 'cus_rejected', padding: 'x'.repeat(LIMIT) } } },
  });

  const messageIds: Record<string, string | undefined> = {};
  const strangeIds = [ulid(0), ulid(Date.UTC(2020)), ulid(Date.UTC(9999))].map((unique) => `evt_test_${unique}`);
  const strangeMessages: (string | undefined)[] = [];
  let rejected: Rejected[];
  let largeMessage: string | undefined;
  beforeAll(async () => {
    const names = Object.keys(cases);
    const ids = await doors.sendMessages(...names.map((name) => cases[name]?.[0]() ?? ''));
    for (const [index, name] of names.entries()) messageIds[name] = ids[index];
    strangeMessages.push(...(await doors.sendMessages(...strangeIds.map((id) => changed({ id })))));
    [largeMessage] = await doors.sendMessages(messageOf(large()));
    await doors.putEvent('customer.updated', {});
    await doors.putEvent('Order Placed', detailOf(snapshot(seed.account, 'cus_rejected')));
    await doors.putEvent('customer.updated', detailOf(large()));
    await platform.cloud.clock.advance(5000);
    rejected = (await platform.admin('rejected', 'list')) as Rejected[];
  });

  it.each(Object.keys(cases))('%s, by the queue', (name) => {
    const [, problem] = cases[name] ?? [];
    const { reason } = rejected.find(({ message_id }) => message_id === messageIds[name]) ?? {};
    expect(reason).toBe(`Some fields in the request were invalid: '${problem}'`);
  });

  it('event ids of another age, by the queue', () => {
    for (const id of strangeMessages) {
      const { reason } = rejected.find(({ message_id }) => message_id === id) ?? {};
      expect(reason).toMatch(/^Some fields in the request were invalid: 'id: /);
    }
  });

  it('what is too large, by the queue', () => {
    const { reason, body, sent_at } = rejected.find(({ message_id }) => message_id === largeMessage) ?? {};
    expect(reason).toMatch(/'detail: The event takes \d+ bytes with its envelope, more than the 262144 that can be /);
    expect(JSON.parse(body ?? '')).toEqual(messageOf(large()));
    expect(sent_at).toMatch(/^2026-11-21T10:/);
  });

  it.each([
    ['a detail without account and mode', 'customer.updated', /'detail.account: .+', 'detail.livemode: .+'/],
    ['what is no event type', 'Order Placed', /Must be an event type such as 'customer.created'/],
    ['what is too large', 'customer.updated', /'detail: The event takes \d+ bytes/],
  ])('%s, by the bus', (_, type, reason) => {
    const fromBus = rejected.filter(
      ({ body }) => body.startsWith(`{"id":"`) && body.includes(`"detail-type":"${type}"`),
    );
    expect(fromBus.map((one) => one.reason)).toContainEqual(expect.stringMatching(reason));
  });

  it('and nothing of it is delivered', async () => {
    for (const inbox of Object.values(inboxes)) expect(await inbox.about('cus_rejected')).toEqual([]);
  });
});

interface Rejected {
  readonly message_id: string;
  readonly sent_at: string;
  readonly reason: string;
  readonly body: string;
}
