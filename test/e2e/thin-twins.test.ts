import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createActiveDestination } from '../support/main-job.ts';
import { type Collector, type Envelope, type Platform, startPlatform } from '../support/platform.ts';

type Json = Record<string, unknown>;

let platform: Platform;
let snapshots: Collector;
let twins: Collector;
beforeAll(async () => {
  platform = await startPlatform();
  ({ collector: snapshots } = await createActiveDestination(platform, { enabled_events: ['*'] }));
  ({ collector: twins } = await createActiveDestination(platform, { event_payload: 'thin', enabled_events: ['*'] }));
});
afterAll(() => platform?.close());

const content = (object: Json, more: Json = {}) => ({ data: { object }, thin_event: true, ...more });
const customer = (id: string) => ({ id, object: 'customer', name: 'Zoë' });

const post = (body: unknown, headers: Record<string, string> = {}) =>
  platform.request('POST', '/v1/events', { key: platform.seed.publish_key, body, headers });
const detailOf = (object: Json) => ({ account: platform.seed.account, livemode: false, ...content(object) });
const ingest = (output: string): string => platform.cloud.outputs['event-destinations-dev-ingest']?.[output] ?? '';
const producer = () => ({
  region: 'us-east-1',
  endpoint: platform.cloud.awsUrl,
  credentials: { accessKeyId: '000000000000', secretAccessKey: 'local' },
});
const message = (object: Json, changes: Json = {}) => ({
  'detail-type': 'customer.updated',
  detail: detailOf(object),
  ...changes,
});
const send = (body: Json) =>
  new SQSClient(producer()).send(
    new SendMessageCommand({ QueueUrl: ingest('EventsQueueUrl'), MessageBody: JSON.stringify(body) }),
  );

const doors: Record<string, (object: Json) => Promise<unknown>> = {
  'the HTTPS API': (object) => post({ type: 'customer.updated', ...content(object) }),
  'the ingest bus': (object) =>
    new EventBridgeClient(producer()).send(
      new PutEventsCommand({
        Entries: [
          {
            EventBusName: ingest('IngestBusName'),
            Source: 'example.billing',
            DetailType: 'customer.updated',
            Detail: JSON.stringify(detailOf(object)),
          },
        ],
      }),
    ),
  'the events queue': (object) => send(message(object)),
};

async function received(): Promise<{ snapshots: Envelope[]; twins: Envelope[] }> {
  await platform.cloud.clock.advance(5_000);
  // Subscribed to everything, it is also told what becomes of the account's other destinations.
  const ofDestinations = (envelope: Envelope) => envelope['detail-type'].startsWith('v2.core.event_destination.');
  return {
    snapshots: await snapshots.received(),
    twins: (await twins.received()).filter((envelope) => !ofDestinations(envelope)),
  };
}

const fetchThin = async (id: string) => (await platform.request('GET', `/v2/core/events/${id}`)).body;

describe('a snapshot event that asks for its thin twin', () => {
  it.each(Object.keys(doors))('has one, published by %s', async (door) => {
    await doors[door]?.(customer('cus_1'));
    const arrived = await received();

    expect(arrived.snapshots).toHaveLength(1);
    const snapshot = arrived.snapshots[0]?.detail;
    expect(snapshot).toMatchObject({ object: 'event', data: { object: customer('cus_1') } });
    expect(snapshot).not.toHaveProperty('thin_event');
    expect(arrived.twins).toHaveLength(1);
    const [envelope] = arrived.twins;
    const related_object = { id: 'cus_1', type: 'customer', url: '/v1/customers/cus_1' };
    expect(envelope?.['detail-type']).toBe('v1.customer.updated');
    expect(envelope?.detail).toEqual({
      id: expect.stringMatching(/^evt_test_[0-9A-Z]{26}$/),
      object: 'v2.core.event',
      type: 'v1.customer.updated',
      created: expect.any(String),
      livemode: false,
      related_object,
      snapshot_event: snapshot.id,
    });
    expect(Math.floor(Date.parse(envelope?.detail.created) / 1000)).toBe(snapshot.created);
    expect(await fetchThin(envelope?.detail.id)).toEqual({
      ...envelope?.detail,
      context: null,
      reason: null,
      data: null,
      changes: null,
    });
  });

  it('has it in the list of thin events, found by the object, too', async () => {
    const { body } = await post({ type: 'customer.created', ...content(customer('cus_listed')) });
    await received();
    for (const query of ['limit=1', 'object_id=cus_listed', 'types[0]=v1.customer.created']) {
      const list = await platform.request('GET', `/v2/core/events?${query}`);
      expect(list.body.data[0]).toMatchObject({ type: 'v1.customer.created', snapshot_event: body.id });
    }
    expect((await platform.request('GET', '/v1/events?object_id=cus_listed')).body.data).toHaveLength(1);
  });

  it('says why the event happened, if the snapshot does', async () => {
    const request = { id: 'req_1', idempotency_key: 'key_1' };
    await post({ type: 'customer.created', ...content(customer('cus_why'), { request }) });
    expect((await received()).twins[0]?.detail.reason).toEqual({ type: 'request', request });
  });

  it('is a twin in every redelivery: sent again, nothing is delivered a second time', async () => {
    const twice = message(customer('cus_twice'), { id: 'order-1', time: new Date().toISOString() });
    await send(twice);
    const first = await received();
    await send(twice);
    const second = await received();
    expect([first.snapshots.length, first.twins.length]).toEqual([1, 1]);
    expect(second).toEqual({ snapshots: [], twins: [] });
  });

  it('of a connected account names the account as its context', async () => {
    const account = platform.seed.connected_account;
    const { collector } = await createActiveDestination(platform, {
      event_payload: 'thin',
      enabled_events: ['v1.account.updated'],
      events_from: ['@accounts'],
    });
    await post({ type: 'account.updated', ...content({ id: 'a', object: 'account' }) }, { 'stripe-context': account });
    await platform.cloud.clock.advance(5_000);
    const [envelope] = await collector.received();
    expect(envelope?.detail).toMatchObject({ context: account, related_object: { url: '/v1/accounts/a' } });
  });

  it('is among several events in one request', async () => {
    const one = { type: 'customer.created', ...content(customer('cus_first')) };
    await post({ events: [one, { ...one, thin_event: false }] });
    const arrived = await received();
    expect([arrived.snapshots.length, arrived.twins.length]).toEqual([2, 1]);
  });

  it.each<[what: string, object: Json, related: unknown]>([
    ['a plural of its own', { id: 'a', object: 'capability' }, '/v1/capabilities/a'],
    ['a name of several parts', { id: 'a', object: 'billing.meter' }, '/v1/billing/meters/a'],
    ['a path of its own', { id: 'a', object: 'order', url: '/v2/orders/a' }, '/v2/orders/a'],
    ['a URL that is no path', { id: 'a', object: 'order', url: 'https://a.example' }, '/v1/orders/a'],
    ['an id that a path must escape', { id: 'a/ \ud800', object: 'order' }, '/v1/orders/a%2F%20%EF%BF%BD'],
    ['no type', { id: 'a' }, undefined],
    ['no id', { object: 'order' }, undefined],
    ['an id that is too long', { id: 'a'.repeat(256), object: 'order' }, undefined],
    ['a type that is none', { id: 'a', object: 'An order' }, undefined],
  ])('is about the object as far as that says what it is: %s', async (_what, object, url) => {
    await post({ type: 'a.b', ...content(object) });
    const [envelope] = (await received()).twins;
    expect(envelope?.detail.related_object?.url).toBe(url);
  });

  it('is refused when the type of the twin would be too long', async () => {
    const type = `a.${'b'.repeat(124)}`;
    const answer = await post({ type, ...content({}) });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid_fields', param: 'thin_event' } } });
    expect((await post({ type, ...content({}), thin_event: false })).status).toBe(200);
    await received();
  });

  it('is taken by the SDK, which fetches the event', async () => {
    const { body } = await post({ type: 'customer.created', ...content(customer('cus_sdk')) });
    const [envelope] = (await received()).twins;
    const stripe = platform.stripe();
    const notification = stripe.parseEventNotificationWithoutVerification(JSON.stringify(envelope));
    if (notification.type !== 'v1.customer.created') expect.fail(`it is a ${notification.type}`);
    expect(notification.snapshot_event).toBe(body.id);
    expect(await notification.fetchEvent()).toMatchObject({ snapshot_event: body.id });
  });
});

describe('a snapshot event that does not ask for it', () => {
  it.each([{}, { thin_event: false }])('has none, and costs no write more: %j', async (asked) => {
    const puts = () => platform.cloud.dynamodb.counts.get('PutItem') ?? 0;
    const before = puts();
    await post({ type: 'customer.created', data: { object: {} }, ...asked });
    const arrived = await received();
    expect([arrived.snapshots.length, arrived.twins.length]).toEqual([1, 0]);
    // The event and its delivery; it has no object to be found by.
    expect(puts() - before).toBe(2);
  });
});
