import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { ulid } from 'ulid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AwsError } from '../../local/aws-error.ts';
import { failCalls } from '../support/hold.ts';
import { type Answer, type Collector, type Envelope, type Platform, startPlatform } from '../support/platform.ts';

const MINUTE = 60_000;
const LIMIT = 256 * 1024;

let platform: Platform;
let seed: Platform['seed'];
let inboxes: Record<'self' | 'accounts' | 'thin', Inbox>;
beforeAll(async () => {
  platform = await startPlatform();
  seed = platform.seed;
  inboxes = {
    self: await openInbox({ event_payload: 'snapshot', events_from: ['@self'] }),
    accounts: await openInbox({ event_payload: 'snapshot', events_from: ['@accounts'] }),
    thin: await openInbox({ event_payload: 'thin', events_from: ['@self', '@accounts'] }),
  };
  await platform.cloud.clock.advance(2 * MINUTE);
});
afterAll(() => platform?.close());

type Json = Record<string, unknown>;

/** An event as every door takes it: the type, and the rest of the body. */
interface Publication {
  readonly account: string;
  readonly type: string;
  readonly content: Json;
}

const snapshot = (id: string, account = seed.account): Publication => ({
  account,
  type: 'customer.updated',
  content: {
    data: { object: { id, object: 'customer', note: 'a "b" \\ c\n\u{e9}' }, previous_attributes: { note: null } },
    api_version: '2025-08-27.basil',
    request: { id: 'req_1', idempotency_key: 'key_1' },
  },
});
const thin = (id: string, account = seed.account): Publication => ({
  account,
  type: 'v1.customer.updated',
  content: {
    related_object: { id, type: 'customer', url: `/v1/customers/${id}` },
    data: { note: 'fetched' },
    changes: { before: { note: null }, after: { note: 'fetched' } },
    reason: { type: 'request', request: { id: 'req_1', idempotency_key: null } },
  },
});

const doors: Record<string, (publication: Publication) => Promise<void>> = {
  'the HTTPS API': async ({ account, type, content }) => {
    const path = type.startsWith('v1.') ? '/v2/core/events' : '/v1/events';
    const headers = { 'stripe-context': account };
    const { status } = await platform.request('POST', path, {
      key: seed.publish_key,
      body: { type, ...content },
      headers,
    });
    expect(status).toBe(200);
  },
  'PutEvents on the ingest bus': (publication) => putEvent(publication.type, detailOf(publication)),
  'SendMessageBatch into the events queue': async (publication) => {
    await sendMessages(messageOf(publication));
  },
};

describe.each(Object.keys(doors))('by %s', (door) => {
  const publish = (publication: Publication) => doors[door]?.(publication);
  const name = (object: string) => `${object}_${Object.keys(doors).indexOf(door)}`;

  it('a snapshot event comes whole to the destinations of its account, and can be retrieved', async () => {
    const id = name('cus_own');
    const at = Date.now();
    await publish(snapshot(id));

    const [envelope, ...others] = await inboxes.self.about(id);

    expect(others).toEqual([]);
    const { data, api_version, request } = snapshot(id).content;
    expect(envelope?.['detail-type']).toBe('customer.updated');
    expect(envelope?.detail).toEqual({
      id: expect.stringMatching(/^evt_test_[0-9A-Z]{26}$/),
      object: 'event',
      api_version,
      created: Math.floor(at / 1000),
      data,
      livemode: false,
      pending_webhooks: 0,
      request,
      type: 'customer.updated',
    });
    expect((await retrieve('/v1/events', envelope?.detail.id)).body).toEqual(envelope?.detail);
    expect(await inboxes.accounts.about(id)).toEqual([]);
  });

  it('a thin event comes without what is to be fetched, and is retrieved with it', async () => {
    const id = name('cus_thin');
    await publish(thin(id));

    const [envelope, ...others] = await inboxes.thin.about(id);

    expect(others).toEqual([]);
    const { related_object, reason, data, changes } = thin(id).content;
    const { id: event, created, ...pushed } = envelope?.detail ?? {};
    expect(pushed).toEqual({
      object: 'v2.core.event',
      type: 'v1.customer.updated',
      livemode: false,
      related_object,
      reason,
    });
    expect((await retrieve('/v2/core/events', event)).body).toEqual({
      id: event,
      created,
      ...pushed,
      context: null,
      data,
      changes,
      snapshot_event: null,
    });
  });

  it('an event of a connected account comes to the platform, and names the account', async () => {
    const account = seed.connected_account;
    const id = name('cus_connected');
    await publish(snapshot(id, account));
    await publish(thin(id, account));

    const [envelope] = await inboxes.accounts.about(id);
    const [thinEnvelope] = await inboxes.thin.about(id);

    expect(envelope?.detail).toMatchObject({ object: 'event', account, context: account });
    expect(thinEnvelope?.detail).toMatchObject({ object: 'v2.core.event', context: account });
    expect(await inboxes.self.about(id)).toEqual([]);
    const event = envelope?.detail.id;
    expect((await retrieve('/v1/events', event)).status).toBe(404);
    const inContext = await retrieve('/v1/events', event, { headers: { 'stripe-context': account } });
    expect(inContext.body.data.object.id).toBe(id);
  });
});

describe('the HTTPS API', () => {
  const post = (path: string, body: unknown, options: { key?: string; headers?: Record<string, string> } = {}) =>
    platform.request('POST', path, { key: seed.publish_key, body, ...options });
  const body = (id: string, type = 'customer.created') => ({ type, data: { object: { id } } });

  it('answers with the event as it can be retrieved', async () => {
    for (const [path, content] of [
      ['/v1/events', body('cus_answer')],
      ['/v2/core/events', { type: 'v2.core.account.closed', data: { a: 1 } }],
    ] as const) {
      const answer = await post(path, content);
      await platform.cloud.clock.settled();
      expect((await retrieve(path, answer.body.id)).body).toEqual(answer.body);
    }
  });

  it('publishes in the mode of the key', async () => {
    const { body: event } = await post('/v1/events', body('cus_live'), { key: seed.publish_live_key });
    expect(event).toMatchObject({ livemode: true, id: expect.stringMatching(/^evt_[0-9A-Z]{26}$/) });
    expect(await inboxes.self.about('cus_live')).toEqual([]);
    expect((await retrieve('/v1/events', event.id, { key: seed.live_key })).status).toBe(200);
    expect((await retrieve('/v1/events', event.id)).status).toBe(404);
  });

  it('publishes for any account with a key that may, and else for connected ones only', async () => {
    const { id: account } = (await platform.admin('accounts', 'create')) as { id: string };
    const command = ['keys', 'create', '--account', seed.account, '--publish', '--any-account'];
    const { secret } = (await platform.admin(...command)) as { secret: string };
    const headers = { 'stripe-context': account };
    expect((await post('/v1/events', body('cus_any'), { headers })).status).toBe(403);
    expect((await post('/v1/events', body('cus_any'), { headers, key: secret })).status).toBe(200);
  });

  it('makes one event of all requests with an Idempotency-Key, and one envelope', async () => {
    const headers = { 'idempotency-key': 'once' };
    const first = await post('/v1/events', body('cus_once'), { headers });
    expect(await inboxes.self.about('cus_once')).toHaveLength(1);
    const second = await post('/v1/events', body('cus_once'), { headers });
    expect(second.body).toEqual(first.body);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect(await inboxes.self.about('cus_once')).toHaveLength(1);
  });

  it.each([
    ['/v1/events', 400, body('cus_first'), body('cus_second')],
    ['/v2/core/events', 409, { type: 'v2.a.b' }, { type: 'v2.a.c' }],
  ])('refuses another event under an Idempotency-Key at %s with %i', async (path, status, first, second) => {
    const headers = { 'idempotency-key': 'conflict' };
    expect((await post(path, first, { headers })).status).toBe(200);
    expect(await post(path, second, { headers })).toMatchObject({
      status,
      body: { error: { code: 'idempotency_error', type: 'idempotency_error' } },
    });
    expect(await inboxes.self.about('cus_second')).toEqual([]);
  });

  it('takes every character that JSON can say', async () => {
    const name = 'A rocket 🚀, U+FFFE \ufffe and U+FFFF \uffff, a lone \ud800 surrogate, \u0000';
    const answer = await post('/v1/events', { type: 'customer.created', data: { object: { id: 'cus_chars', name } } });
    expect(answer.status).toBe(200);
    const [envelope] = await inboxes.self.about('cus_chars');
    expect(envelope?.detail.data.object.name).toBe(name);
  });

  it('makes two events of two requests without one', async () => {
    await post('/v1/events', body('cus_twice'));
    await post('/v1/events', body('cus_twice'));
    expect(await inboxes.self.about('cus_twice')).toHaveLength(2);
  });

  it('answers with success only when the event is in the queue; the repeat of a failure publishes once', async () => {
    const headers = { 'idempotency-key': 'not-queued' };
    const denied = new AwsError('AccessDenied', 'Account 000000000000 may not', 403);
    const heal = failCalls(platform.cloud.sqs, 'SendMessage', denied);
    const failed = await post('/v1/events', body('cus_queued'), { headers });
    heal();
    expect(failed).toMatchObject({ status: 500, body: { error: { type: 'api_error', code: 'api_error' } } });
    expect(await inboxes.self.about('cus_queued')).toEqual([]);
    expect((await post('/v1/events', body('cus_queued'), { headers })).status).toBe(200);
    expect(await inboxes.self.about('cus_queued')).toHaveLength(1);
  });

  const object = { object: {} };
  it.each([
    ['/v1/events', { data: object }, 'type', 'This field is required.'],
    ['/v1/events', { type: 'a.b' }, 'data', 'This field is required.'],
    ['/v1/events', { type: 'a.b', data: {} }, 'data.object', 'This field is required.'],
    ['/v1/events', { type: 'a.b', data: { object: [] } }, 'data.object', 'Must be an object.'],
    ['/v1/events', { type: 'a.b', data: { ...object, old: 1 } }, 'data.old', 'Unknown field.'],
    ['/v1/events', { type: 'a.b', data: object, id: 'evt_1' }, 'id', 'Unknown field.'],
    ['/v1/events', { type: 'a.b', data: object, request: 'req_1' }, 'request', 'Expected an object, but got a string.'],
    [
      '/v1/events',
      { type: 'Customer Created', data: object },
      'type',
      "Must be an event type such as 'customer.created': lower-case words joined by dots, at most 128 characters.",
    ],
    [
      '/v1/events',
      { type: 'v1.customer.created', data: object },
      'type',
      "'v1.customer.created' is a thin event's type; publish it with POST /v2/core/events.",
    ],
    [
      '/v2/core/events',
      { type: 'customer.created' },
      'type',
      "'customer.created' is a snapshot event's type; publish it with POST /v1/events, or name it 'v1.customer.created'.",
    ],
    [
      '/v2/core/events',
      { type: 'v2.a.b', related_object: { id: 'a', type: 'b', url: 'https://example.com/a' } },
      'related_object.url',
      'Must be a path that begins with a single "/".',
    ],
    ['/v2/core/events', { type: 'v2.a.b', changes: { before: {} } }, 'changes.after', 'This field is required.'],
  ])('refuses at %s %j, by field and reason', async (path, content, field, reason) => {
    const answer = await post(path, content);
    expect(answer).toMatchObject({
      status: 400,
      body: {
        error: {
          code: 'invalid_fields',
          message: `Some fields in the request were invalid: '${field}: ${reason}'`,
          type: 'invalid_request_error',
        },
      },
    });
    expect(answer.body.error.param).toBe(path.startsWith('/v1/') ? field : undefined);
  });

  it('takes the largest event that can be delivered, and it is; one byte more is 413', async () => {
    const sized = (id: string, padding: number) => ({
      type: 'customer.created',
      data: { object: { id, padding: 'x'.repeat(padding) } },
    });
    const refused = await post('/v1/events', sized('cus_large', LIMIT - 1000));
    expect(refused).toMatchObject({ status: 413, body: { error: { code: 'event_too_large' } } });
    const bytes = Number(/takes (\d+) bytes/.exec(refused.body.error.message)?.[1]);
    const largest = LIMIT - 1000 - (bytes - LIMIT);

    expect((await post('/v1/events', sized('cus_large', largest + 1))).status).toBe(413);
    expect((await post('/v1/events', sized('cus_large', largest))).status).toBe(200);

    const [envelope] = await inboxes.self.about('cus_large');
    expect(envelope?.detail.data.object.padding).toHaveLength(largest);
  });

  it('refuses what is larger than any event with 413', async () => {
    expect(await post('/v1/events', body('x'.repeat(LIMIT)))).toMatchObject({
      status: 413,
      body: { error: { code: 'event_too_large', type: 'invalid_request_error' } },
    });
  });
});

describe('an event is retrieved', () => {
  it('on the path of its API only', async () => {
    for (const publication of [snapshot('cus_path'), thin('cus_path')]) await doors['the HTTPS API']?.(publication);
    const [full] = await inboxes.self.about('cus_path');
    const [light] = await inboxes.thin.about('cus_path');
    const statuses = (id: string) =>
      Promise.all(['/v1/events', '/v2/core/events'].map(async (path) => (await retrieve(path, id)).status));
    expect(await statuses(full?.detail.id)).toEqual([200, 404]);
    expect(await statuses(light?.detail.id)).toEqual([404, 200]);
  });

  it('by a publishing key, too', async () => {
    await doors['the HTTPS API']?.(snapshot('cus_publisher'));
    const [envelope] = await inboxes.self.about('cus_publisher');
    expect((await retrieve('/v1/events', envelope?.detail.id, { key: seed.publish_key })).status).toBe(200);
  });

  it('only once dispatch has recorded it: until then the SDKs are told to try again', async () => {
    const dispatching = Promise.withResolvers<void>();
    platform.cloud.lambda.beforeInvoke = (name) => (name.includes('Dispatch') ? dispatching.promise : undefined);
    const { body } = await platform.request('POST', '/v1/events', {
      key: seed.publish_key,
      body: { type: 'customer.created', data: { object: {} } },
    });
    const early = await retrieve('/v1/events', body.id);
    platform.cloud.lambda.beforeInvoke = undefined;
    dispatching.resolve();
    await platform.cloud.clock.settled();

    expect(early.status).toBe(404);
    expect(early.headers.get('stripe-should-retry')).toBe('true');
    expect((await retrieve('/v1/events', body.id)).status).toBe(200);
  });

  it.each(['/v1/events', '/v2/core/events'])('never by an unknown id on %s, young or old', async (path) => {
    const young = await retrieve(path, `evt_test_${ulid(Date.now() - 4 * MINUTE)}`);
    const old = await retrieve(path, `evt_test_${ulid(Date.now() - 6 * MINUTE)}`);
    const nonsense = await retrieve(path, 'evt_1');
    expect([young.status, old.status, nonsense.status]).toEqual([404, 404, 404]);
    const retry = [young, old, nonsense].map(({ headers }) => headers.get('stripe-should-retry'));
    expect(retry).toEqual(['true', null, null]);
  });
});

describe('the events queue', () => {
  const message = (id: string, changes: Json = {}) => ({ ...messageOf(snapshot(id)), ...changes });
  const isoAgo = (ms: number) => new Date(Date.now() - ms).toISOString();

  it('takes two messages with the same id and time for one event', async () => {
    const twice = message('cus_same', { id: 'producer-1', time: isoAgo(0) });
    await sendMessages(twice, twice);
    const envelopes = await inboxes.self.about('cus_same');
    expect(envelopes).toHaveLength(1);
  });

  it('delivers an event that is sent again, with the same id and time, no second time', async () => {
    const twice = message('cus_again', { id: 'producer-2', time: isoAgo(0) });
    await sendMessages(twice);
    expect(await inboxes.self.about('cus_again')).toHaveLength(1);
    await sendMessages(twice);
    expect(await inboxes.self.about('cus_again')).toHaveLength(1);
  });

  it('takes two messages with different ids, or times, for two events', async () => {
    await sendMessages(
      message('cus_different', { id: 'producer-3', time: isoAgo(0) }),
      message('cus_different', { id: 'producer-3', time: isoAgo(1) }),
      message('cus_different', { id: 'producer-4', time: isoAgo(0) }),
    );
    expect(await inboxes.self.about('cus_different')).toHaveLength(3);
  });

  it('takes the time of a message for that of the event', async () => {
    const time = isoAgo(-1000);
    await sendMessages(message('cus_dated', { id: 'producer-5', time }));
    const [envelope] = await inboxes.self.about('cus_dated');
    expect(envelope?.detail.created).toBe(Math.floor(Date.parse(time) / 1000));
  });

  it('takes what is good of a batch in which something is bad', async () => {
    await sendMessages('bad', message('cus_beside_bad'), message('cus_beside_bad', { colour: 'red' }));
    expect(await inboxes.self.about('cus_beside_bad')).toHaveLength(1);
  });
});

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
  const changed = (changes: Json): Json => ({ ...messageOf(snapshot('cus_rejected')), ...changes });
  const detail = (changes: Json): Json => changed({ detail: { ...detailOf(snapshot('cus_rejected')), ...changes } });
  const large = (): Publication => ({
    ...snapshot('cus_rejected'),
    content: { data: { object: { id: 'cus_rejected', padding: 'x'.repeat(LIMIT) } } },
  });

  const messageIds: Record<string, string | undefined> = {};
  const strangeIds = [ulid(0), ulid(Date.UTC(2020)), ulid(Date.UTC(9999))].map((unique) => `evt_test_${unique}`);
  const strangeMessages: (string | undefined)[] = [];
  let rejected: Rejected[];
  let largeMessage: string | undefined;
  beforeAll(async () => {
    const names = Object.keys(cases);
    const ids = await sendMessages(...names.map((name) => cases[name]?.[0]() ?? ''));
    for (const [index, name] of names.entries()) messageIds[name] = ids[index];
    strangeMessages.push(...(await sendMessages(...strangeIds.map((id) => changed({ id })))));
    [largeMessage] = await sendMessages(messageOf(large()));
    await putEvent('customer.updated', {});
    await putEvent('Order Placed', detailOf(snapshot('cus_rejected')));
    await putEvent('customer.updated', detailOf(large()));
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

/** What a destination of the platform's has received so far, found again by the object that an event is about. */
class Inbox {
  readonly #collector: Collector;
  readonly #envelopes: Envelope[] = [];

  constructor(collector: Collector) {
    this.#collector = collector;
  }

  async about(object: string): Promise<Envelope[]> {
    // Queues wait a little for a batch to fill.
    await platform.cloud.clock.advance(5_000);
    this.#envelopes.push(...(await this.#collector.received()));
    return this.#envelopes.filter(
      ({ detail }) => detail.data?.object.id === object || detail.related_object?.id === object,
    );
  }
}

/** An associated destination for all events of a kind; the service knows of it two minutes later. */
async function openInbox(kind: { event_payload: string; events_from: string[] }): Promise<Inbox> {
  const amazon_eventbridge = { aws_account_id: seed.customer_account_id, aws_region: 'us-east-1' };
  const { body } = await platform.request('POST', '/v2/core/event_destinations', {
    body: { name: 'Inbox', type: 'amazon_eventbridge', enabled_events: ['*'], amazon_eventbridge, ...kind },
  });
  const source = `aws.partner/example.com/${body.id}`;
  await platform.customer().associate(source);
  return new Inbox(await platform.customer().collect(source));
}

function retrieve(path: string, id: string, options: { key?: string; headers?: Record<string, string> } = {}) {
  return platform.request('GET', `${path}/${id}`, options) as Promise<Answer>;
}

/** The form of events on the bus and in the queue. */
const detailOf = ({ account, content }: Publication): Json => ({ account, livemode: false, ...content });
const messageOf = (publication: Publication): Json => ({
  'detail-type': publication.type,
  detail: detailOf(publication),
});

const ingest = (output: string): string => platform.cloud.outputs['event-destinations-dev-ingest']?.[output] ?? '';

/** A producer in the service's own account. */
const producer = () => ({
  region: 'us-east-1',
  endpoint: platform.cloud.awsUrl,
  credentials: { accessKeyId: '000000000000', secretAccessKey: 'local' },
});

async function putEvent(type: string, detail: Json): Promise<void> {
  const { FailedEntryCount } = await new EventBridgeClient(producer()).send(
    new PutEventsCommand({
      Entries: [
        {
          EventBusName: ingest('IngestBusName'),
          Source: 'example.billing',
          DetailType: type,
          Detail: JSON.stringify(detail),
        },
      ],
    }),
  );
  expect(FailedEntryCount).toBe(0);
}

/** The ids of the messages. */
async function sendMessages(...messages: (string | object)[]): Promise<(string | undefined)[]> {
  const sqs = new SQSClient(producer());
  const ids: (string | undefined)[] = [];
  for (let start = 0; start < messages.length; start += 10) {
    const Entries = messages.slice(start, start + 10).map((message, index) => ({
      Id: `${index}`,
      MessageBody: typeof message === 'string' ? message : JSON.stringify(message),
    }));
    const command = new SendMessageBatchCommand({ QueueUrl: ingest('EventsQueueUrl'), Entries });
    const { Successful = [] } = await sqs.send(command);
    expect(Successful).toHaveLength(Entries.length);
    const byEntry = new Map(Successful.map(({ Id, MessageId }) => [Id, MessageId]));
    ids.push(...Entries.map(({ Id }) => byEntry.get(Id)));
  }
  return ids;
}
