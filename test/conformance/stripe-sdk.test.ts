import Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAccount } from '../support/accounts.ts';
import { holdNext } from '../support/hold.ts';
import { type Platform, startPlatform } from '../support/platform.ts';

type CreateParams = Stripe.V2.Core.EventDestinationCreateParams;

const ULID = '[0-9A-HJKMNP-TV-Z]{26}';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

let platform: Platform;
let stripe: Stripe;
beforeAll(async () => {
  platform = await startPlatform();
  stripe = platform.stripe();
});
afterAll(() => platform?.close());

const params = (changes: Partial<CreateParams> = {}): CreateParams => ({
  name: 'Conformance',
  type: 'amazon_eventbridge',
  event_payload: 'snapshot',
  enabled_events: ['customer.created'],
  amazon_eventbridge: { aws_account_id: platform.seed.customer_account_id, aws_region: 'us-east-1' },
  ...changes,
});

/** Without what the SDK adds to an object: what came over the wire. */
const wire = (object: unknown) => JSON.parse(JSON.stringify(object));

const failureOf = (call: Promise<unknown>): Promise<Stripe.errors.StripeError> =>
  call.then(
    (value) => expect.fail(`resolved with ${JSON.stringify(value)}`),
    (error: Stripe.errors.StripeError) => error,
  );

describe('an event destination', () => {
  it('is created with the least of parameters, and every other attribute has its default', async () => {
    const created = await stripe.v2.core.eventDestinations.create(params());
    expect(created.id).toMatch(new RegExp(`^ed_test_${ULID}$`));
    expect(wire(created)).toEqual({
      id: created.id,
      object: 'v2.core.event_destination',
      amazon_eventbridge: {
        aws_account_id: platform.seed.customer_account_id,
        aws_event_source_arn: `arn:aws:events:us-east-1::event-source/aws.partner/example.com/${created.id}`,
        aws_event_source_status: 'pending',
      },
      created: new Date().toISOString(),
      description: '',
      enabled_events: ['customer.created'],
      event_payload: 'snapshot',
      events_from: ['@self'],
      livemode: false,
      metadata: {},
      name: 'Conformance',
      snapshot_api_version: null,
      status: 'enabled',
      status_details: null,
      type: 'amazon_eventbridge',
      updated: new Date().toISOString(),
    });
  });

  it('is created with all of its parameters, and shows each as it was given, but for the Region', async () => {
    const given = {
      name: 'All of it',
      description: 'Everything that can be said',
      enabled_events: ['customer.created', 'customer.subscription.deleted'],
      events_from: ['@accounts'],
      metadata: { team: 'billing', 'cost centre': '' },
      snapshot_api_version: '2025-08-27.basil',
    };
    const created = await stripe.v2.core.eventDestinations.create(
      params({
        ...given,
        include: ['webhook_endpoint.signing_secret', 'webhook_endpoint.url'],
        amazon_eventbridge: { aws_account_id: '210987654321', aws_region: 'eu-central-1' },
      }),
    );
    expect(created).toMatchObject(given);
    expect(created.amazon_eventbridge).toEqual({
      aws_account_id: '210987654321',
      aws_event_source_arn: `arn:aws:events:eu-central-1::event-source/aws.partner/example.com/${created.id}`,
      aws_event_source_status: 'pending',
    });
  });

  it('of a thin payload has no snapshot_api_version', async () => {
    const created = await stripe.v2.core.eventDestinations.create(
      params({ event_payload: 'thin', enabled_events: ['v1.customer.created', 'v2.core.account[identity].updated'] }),
    );
    expect(created).toMatchObject({ event_payload: 'thin', snapshot_api_version: null });
  });

  it('of live mode says so in its id and livemode, and a test key does not see it', async () => {
    const created = await platform.stripe(platform.seed.live_key).v2.core.eventDestinations.create(params());
    expect(created.id).toMatch(new RegExp(`^ed_${ULID}$`));
    expect(created.livemode).toBe(true);
    expect(await failureOf(stripe.v2.core.eventDestinations.retrieve(created.id))).toMatchObject({ statusCode: 404 });
  });

  it('is retrieved as it was created', async () => {
    const created = await stripe.v2.core.eventDestinations.create(params({ metadata: { a: 'b' } }));
    const retrieved = await stripe.v2.core.eventDestinations.retrieve(created.id, {
      include: ['webhook_endpoint.url'],
    });
    expect(wire(retrieved)).toEqual(wire(created));
  });

  it('is active once its customer has associated the source, as the next retrieve a minute later shows', async () => {
    const created = await stripe.v2.core.eventDestinations.create(params());
    await platform.customer().associate(sourceOf(created));
    await platform.cloud.clock.advance(60_000);
    const retrieved = await stripe.v2.core.eventDestinations.retrieve(created.id);
    expect(retrieved.amazon_eventbridge?.aws_event_source_status).toBe('active');
  });

  it('is deleted: the answer names it, it is gone, and so is the source in the customer account', async () => {
    const created = await stripe.v2.core.eventDestinations.create(params());
    const deleted = await stripe.v2.core.eventDestinations.del(created.id);
    expect(wire(deleted)).toEqual({ id: created.id, object: 'v2.core.event_destination' });
    expect(await failureOf(stripe.v2.core.eventDestinations.retrieve(created.id))).toMatchObject({ statusCode: 404 });
    const { EventSources = [] } = await platform.customer().listSources();
    expect(EventSources.map(({ Name }) => Name)).not.toContain(sourceOf(created));
  });

  it('carries the SDK its request id and version with every answer', async () => {
    const { lastResponse } = await stripe.v2.core.eventDestinations.create(params());
    expect(lastResponse).toMatchObject({
      statusCode: 200,
      requestId: expect.stringMatching(UUID),
      apiVersion: stripe.getApiField('version'),
    });
  });
});

describe('the list of event destinations', () => {
  let own: Stripe;
  const newestFirst: string[] = [];
  beforeAll(async () => {
    own = platform.stripe((await createAccount(platform)).key);
    for (const name of ['first', 'second', 'third']) {
      newestFirst.unshift((await own.v2.core.eventDestinations.create(params({ name }))).id);
      await platform.cloud.clock.advance(1);
    }
  });

  it('is walked to its end page by page, newest first', async () => {
    let requests = 0;
    own.on('request', () => {
      requests += 1;
    });
    const seen: string[] = [];
    for await (const { id } of own.v2.core.eventDestinations.list({ limit: 1, include: ['webhook_endpoint.url'] }))
      seen.push(id);
    expect(seen).toEqual(newestFirst);
    expect(requests).toBe(3);
  });

  it('is one page with nothing but data and the two page URLs when all of it fits', async () => {
    const list = wire(await own.v2.core.eventDestinations.list({ limit: 3 }));
    expect(Object.keys(list).sort()).toEqual(['data', 'next_page_url', 'previous_page_url']);
    expect(list).toMatchObject({ next_page_url: null, previous_page_url: null });
    expect(list.data.map(({ id }: { id: string }) => id)).toEqual(newestFirst);
  });

  it('leads back from a later page to the one before', async () => {
    const first = await own.v2.core.eventDestinations.list({ limit: 2 });
    const get = (path: string | null) => own.rawRequest('GET', path ?? '') as unknown as Promise<typeof first>;
    const second = await get(first.next_page_url);
    expect(second.data.map(({ id }) => id)).toEqual(newestFirst.slice(2));
    const back = await get(second.previous_page_url);
    expect(back.data.map(({ id }) => id)).toEqual(newestFirst.slice(0, 2));
    expect(back.previous_page_url).toBeNull();
  });

  it('holds each destination as a retrieve shows it', async () => {
    const [id = ''] = newestFirst;
    const { data } = await own.v2.core.eventDestinations.list();
    expect(wire(data[0])).toEqual(wire(await own.v2.core.eventDestinations.retrieve(id)));
  });
});

describe('an event', () => {
  it('of API v1 is retrieved as the snapshot that was published', async () => {
    const data = {
      object: { id: 'cus_1', object: 'customer', email: 'new@example.com', tags: [] },
      previous_attributes: { email: 'old@example.com' },
    };
    const { id, at } = await publish('/v1/events', {
      type: 'customer.updated',
      data,
      api_version: '2025-08-27.basil',
      request: { id: 'req_1', idempotency_key: 'key_1' },
    });
    const event = await stripe.events.retrieve(id);
    expect(wire(event)).toEqual({
      id,
      object: 'event',
      api_version: '2025-08-27.basil',
      created: Math.floor(at.getTime() / 1000),
      data,
      livemode: false,
      pending_webhooks: 0,
      request: { id: 'req_1', idempotency_key: 'key_1' },
      type: 'customer.updated',
    });
  });

  it('of API v2 is retrieved with the attributes that its notification lacks', async () => {
    const content = {
      type: 'v1.billing.meter.error_report_triggered',
      related_object: { id: 'mtr_1', type: 'billing.meter', url: '/v1/billing/meters/mtr_1' },
      data: { developer_message_summary: 'Two errors', reason: { error_count: 2 } },
      changes: { before: { status: 'active' }, after: { status: 'inactive' } },
      reason: { type: 'request', request: { id: 'req_2', idempotency_key: 'key_2' } },
    };
    const { id, at } = await publish('/v2/core/events', content);
    const event = await stripe.v2.core.events.retrieve(id);
    expect(wire(event)).toEqual({
      id,
      object: 'v2.core.event',
      created: at.toISOString(),
      context: null,
      livemode: false,
      snapshot_event: null,
      ...content,
    });
  });

  it('of API v2 that says no more than its type is retrieved with nulls', async () => {
    const { id } = await publish('/v2/core/events', { type: 'v2.core.account.closed' });
    expect(wire(await stripe.v2.core.events.retrieve(id))).toMatchObject({
      context: null,
      related_object: null,
      data: null,
      changes: null,
      reason: null,
      snapshot_event: null,
    });
  });
});

describe('the main job', () => {
  it('brings a snapshot event to the customer, in an envelope that the SDK takes', async () => {
    const destination = await stripe.v2.core.eventDestinations.create(
      params({ amazon_eventbridge: { ...awsAccount(), aws_region: 'us-west-2' } }),
    );
    const collector = await collect(destination, 'us-west-2');
    const { id, at } = await publish('/v1/events', {
      type: 'customer.created',
      data: { object: { id: 'cus_1', object: 'customer', name: 'Zoë' } },
    });

    const [envelope, ...others] = await collector.received();

    expect(others).toEqual([]);
    expect(envelope).toEqual({
      version: '0',
      id: expect.stringMatching(UUID),
      'detail-type': 'customer.created',
      source: `aws.partner/example.com/${destination.id}`,
      account: platform.seed.customer_account_id,
      time: at.toISOString().replace(/\.\d+Z$/, 'Z'),
      region: 'us-west-2',
      resources: [destination.amazon_eventbridge?.aws_event_source_arn],
      detail: wire(await stripe.events.retrieve(id)),
    });
    const event = stripe.webhooks.constructEventWithoutVerification(JSON.stringify(envelope));
    expect(event).toEqual(envelope?.detail);
    expect(event).toMatchObject({ id, type: 'customer.created', data: { object: { name: 'Zoë' } } });
  });

  it('brings a thin event, with which the SDK fetches the whole event and the object that it is about', async () => {
    const destination = await stripe.v2.core.eventDestinations.create(
      params({ event_payload: 'thin', enabled_events: ['v2.core.account.updated'] }),
    );
    const collector = await collect(destination);
    const related_object = {
      id: destination.id,
      type: 'v2.core.event_destination',
      url: `/v2/core/event_destinations/${destination.id}`,
    };
    const data = { only: 'fetched' };
    const { id, at } = await publish('/v2/core/events', {
      type: 'v2.core.account.updated',
      related_object,
      data,
    });

    const [envelope] = await collector.received();

    expect(envelope?.detail).toEqual({
      id,
      object: 'v2.core.event',
      type: 'v2.core.account.updated',
      livemode: false,
      created: at.toISOString(),
      related_object,
    });
    const notification = stripe.parseEventNotificationWithoutVerification(JSON.stringify(envelope));
    if (notification.type !== 'v2.core.account.updated') expect.fail(`it is a ${notification.type}`);
    expect(wire(await notification.fetchEvent())).toMatchObject({ id, data });
    expect(wire(await notification.fetchRelatedObject())).toMatchObject({ id: destination.id, status: 'enabled' });
  });

  it("brings a connected account's thin event, and the SDK fetches it in that account's context", async () => {
    const destination = await stripe.v2.core.eventDestinations.create(
      params({ event_payload: 'thin', enabled_events: ['v1.customer.created'], events_from: ['@self', '@accounts'] }),
    );
    const collector = await collect(destination);
    const context = platform.seed.connected_account;
    const { id } = await publish('/v2/core/events', { type: 'v1.customer.created' }, { 'stripe-context': context });

    const [envelope] = await collector.received();

    const notification = stripe.parseEventNotificationWithoutVerification(JSON.stringify(envelope));
    expect(notification.context?.toString()).toBe(context);
    expect(wire(await notification.fetchEvent())).toMatchObject({ id, type: 'v1.customer.created' });
  });
});

describe('what goes wrong is an error of the right class', () => {
  it.each([
    ['an invalid request', 400, 'invalid_fields', Stripe.errors.StripeInvalidRequestError],
    ['an unknown key', 401, 'unauthenticated', Stripe.errors.StripeAuthenticationError],
    ['a key that may not', 403, 'permission_denied', Stripe.errors.StripePermissionError],
    ['an unknown id', 404, 'not_found', Stripe.errors.StripeInvalidRequestError],
  ])('%s', async (what, statusCode, code, errorClass) => {
    const calls: Record<string, () => Promise<unknown>> = {
      'an invalid request': () => stripe.v2.core.eventDestinations.create(params({ name: '' })),
      'an unknown key': () => platform.stripe(`sk_test_${'x'.repeat(48)}`).v2.core.eventDestinations.list(),
      'a key that may not': () => platform.stripe(platform.seed.publish_key).v2.core.eventDestinations.create(params()),
      'an unknown id': () => stripe.v2.core.eventDestinations.del('ed_test_61RM8ltWcTW4mbsxf16RJyfa2x'),
    };
    const error = await failureOf(calls[what]?.() ?? Promise.resolve());
    expect(error).toBeInstanceOf(errorClass);
    expect(error).toMatchObject({ statusCode, code, requestId: expect.stringMatching(UUID) });
    expect(error.message).not.toBe('');
  });

  it('an unknown event of API v1', async () => {
    const error = await failureOf(stripe.events.retrieve('evt_test_unknown'));
    expect(error).toBeInstanceOf(Stripe.errors.StripeInvalidRequestError);
    expect(error).toMatchObject({
      statusCode: 404,
      code: 'resource_missing',
      param: 'id',
      message: "No such event: 'evt_test_unknown'",
    });
  });

  it('an Idempotency-Key used again with other parameters, at which the SDK does not try again', async () => {
    const idempotencyKey = 'reused';
    await stripe.v2.core.eventDestinations.create(params(), { idempotencyKey });
    const retrying = platform.stripe(undefined, { maxNetworkRetries: 2 });
    let requests = 0;
    retrying.on('request', () => {
      requests += 1;
    });
    const error = await failureOf(
      retrying.v2.core.eventDestinations.create(params({ name: 'Other' }), { idempotencyKey }),
    );
    expect(error).toBeInstanceOf(Stripe.errors.StripeIdempotencyError);
    expect(error).toMatchObject({ statusCode: 409, code: 'idempotency_error' });
    expect(requests).toBe(1);
  });

  it('an Idempotency-Key that is still in use; the SDK tries again and gets the same destination', async () => {
    const idempotencyKey = 'in-flight';
    const slow = holdNext(platform.cloud.eventbridge, 'CreatePartnerEventSource');
    const first = stripe.v2.core.eventDestinations.create(params(), { idempotencyKey });
    await slow.reached;

    const error = await failureOf(stripe.v2.core.eventDestinations.create(params(), { idempotencyKey }));
    const retrying = platform.stripe(undefined, { maxNetworkRetries: 4 });
    retrying.once('request', () => retrying.once('request', slow.release));
    const second = retrying.v2.core.eventDestinations.create(params(), { idempotencyKey });

    expect(error).toBeInstanceOf(Stripe.errors.StripeIdempotencyError);
    expect(error).toMatchObject({ statusCode: 409, code: 'idempotency_error' });
    expect((await second).id).toBe((await first).id);
  });
});

const awsAccount = () => ({ aws_account_id: platform.seed.customer_account_id });

const sourceOf = ({ amazon_eventbridge }: Stripe.V2.Core.EventDestination): string =>
  amazon_eventbridge?.aws_event_source_arn?.split(':event-source/')[1] ?? '';

/** The customer associates the source and listens; the service knows it two minutes later at the latest. */
async function collect(destination: Stripe.V2.Core.EventDestination, region = 'us-east-1') {
  const customer = platform.customer(region);
  await customer.associate(sourceOf(destination));
  const collector = await customer.collect(sourceOf(destination));
  await platform.cloud.clock.advance(120_000);
  return collector;
}

/** No SDK publishes: a platform posts its events by hand. */
async function publish(path: string, body: unknown, headers: Record<string, string> = {}) {
  const at = new Date();
  const answer = await platform.request('POST', path, { key: platform.seed.publish_key, body, headers });
  expect(answer.status).toBe(200);
  // Queues wait a little for a batch to fill.
  await platform.cloud.clock.advance(5_000);
  return { id: String(answer.body.id), at };
}
