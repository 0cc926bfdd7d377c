import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AwsError } from '../../local/aws-error.ts';
import { createAccount } from '../support/accounts.ts';
import { associate, createActiveDestination, createDestination, deliveriesOf, publish } from '../support/main-job.ts';
import { type Platform, type RequestOptions, startPlatform } from '../support/platform.ts';

const DESTINATIONS = '/v2/core/event_destinations';
const MINUTE = 60_000;

let platform: Platform;
const clock = () => platform.cloud.clock;

beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.close());

const post = (path: string, body?: unknown, options: RequestOptions = {}) =>
  platform.request('POST', path, { ...options, ...(body !== undefined && { body }) });
const get = (path: string, options?: RequestOptions) => platform.request('GET', path, options);

const webhook = (changes: object = {}) => ({
  name: 'A webhook',
  type: 'webhook_endpoint',
  event_payload: 'snapshot',
  enabled_events: ['customer.created'],
  webhook_endpoint: { url: 'https://example.com/hook' },
  ...changes,
});

describe('a webhook_endpoint destination', () => {
  const SECRET = 'webhook_endpoint.signing_secret';
  const URL = 'webhook_endpoint.url';

  it('shows its signing secret when it is created, if that is included, and never again', async () => {
    const created = await post(DESTINATIONS, webhook({ include: [SECRET, URL] }));
    expect(created.status).toBe(200);
    expect(created.body).toMatchObject({
      object: 'v2.core.event_destination',
      type: 'webhook_endpoint',
      status: 'enabled',
      webhook_endpoint: {
        signing_secret: expect.stringMatching(/^whsec_[A-Za-z0-9]{32}$/),
        url: 'https://example.com/hook',
      },
    });
    expect(created.body).not.toHaveProperty('amazon_eventbridge');
    const { body } = await get(`${DESTINATIONS}/${created.body.id}?include=${URL}`);
    expect(body.webhook_endpoint).toEqual({ signing_secret: null, url: 'https://example.com/hook' });
    const refused = await get(`${DESTINATIONS}/${created.body.id}?include[0]=${SECRET}`);
    expect(refused).toMatchObject({ status: 400, body: { error: { code: 'invalid_fields' } } });
    expect(refused.body.error.message).toContain(`'include[0]: Unrecognized enum value '${SECRET}'`);
    await platform.stripe().v2.core.eventDestinations.del(created.body.id);
  });

  it('shows its secret again to the repeat of a create request whose answer was lost', async () => {
    const headers = { 'idempotency-key': 'lost-answer' };
    const [first, second] = [
      await post(DESTINATIONS, webhook({ include: [SECRET] }), { headers }),
      await post(DESTINATIONS, webhook({ include: [SECRET] }), { headers }),
    ];
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect(second.body.webhook_endpoint.signing_secret).toBe(first.body.webhook_endpoint.signing_secret);
    await platform.stripe().v2.core.eventDestinations.del(first.body.id);
  });

  it.each(['include', 'include[]', 'include[0]', 'include%5B0%5D'])(
    'shows its URL by %s to retrieve and list, and null without it',
    async (parameter) => {
      const { body: created } = await post(DESTINATIONS, webhook());
      expect(created.webhook_endpoint).toEqual({ signing_secret: null, url: null });
      const shown = { signing_secret: null, url: 'https://example.com/hook' };
      const one = await get(`${DESTINATIONS}/${created.id}?${parameter}=${URL}`);
      expect(one.body.webhook_endpoint).toEqual(shown);
      const list = await get(`${DESTINATIONS}?${parameter}=${URL}`);
      expect(list.body.data[0]).toMatchObject({ id: created.id, webhook_endpoint: shown });
      const without = await get(DESTINATIONS);
      expect(without.body.data[0].webhook_endpoint).toEqual({ signing_secret: null, url: null });
      await platform.stripe().v2.core.eventDestinations.del(created.id);
    },
  );

  it.each([
    [{ webhook_endpoint: undefined }, "'webhook_endpoint: This field is required when type is 'webhook_endpoint'.'"],
    [{ webhook_endpoint: {} }, "'webhook_endpoint.url: This field is required.'"],
    [{ webhook_endpoint: { url: '/hook' } }, "'webhook_endpoint.url: Must be an absolute URL with a host"],
    [
      { amazon_eventbridge: { aws_account_id: '123456789012', aws_region: 'us-east-1' } },
      "'amazon_eventbridge: Only for destinations of type 'amazon_eventbridge'.'",
    ],
  ])('is refused with the field to blame: %j', async (changes, message) => {
    const { status, body } = await post(DESTINATIONS, webhook(changes));
    expect(status).toBe(400);
    expect(body.error.message).toContain(message);
  });

  it('has to be reached by https in live mode', async () => {
    const plain = webhook({ webhook_endpoint: { url: 'http://localhost:4242' }, include: [URL] });
    const test = await post(DESTINATIONS, plain);
    expect(test.body.webhook_endpoint.url).toBe('http://localhost:4242');
    const live = await post(DESTINATIONS, plain, { key: platform.seed.live_key });
    expect(live.body.error.message).toContain('Must begin with https:// in live mode.');
    await platform.stripe().v2.core.eventDestinations.del(test.body.id);
  });

  it.each([
    ['http://169.254.169.254/latest/meta-data', '169.254.169.254 is in 169.254.0.0/16 (link-local'],
    ['http://2852039166/', '169.254.169.254 is in 169.254.0.0/16 (link-local'],
    ['http://printer.local/', "'printer.local' is a name that is only known locally"],
    ['http://example.com:25/', 'port 25, which belongs to another protocol'],
  ])('is refused where nothing may be sent, at creation and by an update: %s', async (url, message) => {
    const created = await post(DESTINATIONS, webhook({ webhook_endpoint: { url } }));
    expect(created.status).toBe(400);
    expect(created.body.error.message).toContain(message);
    const { body: hook } = await post(DESTINATIONS, webhook());
    const updated = await post(`${DESTINATIONS}/${hook.id}`, { webhook_endpoint: { url } });
    expect(updated.status).toBe(400);
    expect(updated.body.error.message).toContain(message);
    await platform.stripe().v2.core.eventDestinations.del(hook.id);
  });
});

describe('an account', () => {
  it('has sixteen destinations in each mode, however many are created at once', { timeout: 60_000 }, async () => {
    const { key } = await createAccount(platform);
    const create = (name: string) => post(DESTINATIONS, webhook({ name }), { key });
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => create(`Number ${index}`)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(16);
    for (const { body } of answers.filter(({ status }) => status !== 200))
      expect(body.error).toEqual({
        type: 'invalid_request_error',
        code: 'event_destination_limit_reached',
        message:
          'This account has 16 event destinations in test mode, the most that it can have. Delete one to make place for another.',
      });
    const { body: list } = await get(`${DESTINATIONS}?limit=100`, { key });
    expect(list.data).toHaveLength(16);
    await platform.request('DELETE', `${DESTINATIONS}/${list.data[7].id}`, { key });
    const again = await Promise.all([create('One'), create('of two')]);
    expect(again.map(({ status }) => status).sort()).toEqual([200, 400]);
  });

  it('gets the place back of a creation that was undone', async () => {
    const { key } = await createAccount(platform);
    const refused = { aws_account_id: '123456789012', aws_region: 'us-east-2' };
    platform.cloud.eventbridge.faults.injectFault({
      operation: 'CreatePartnerEventSource',
      region: 'us-east-2',
      times: 100,
      error: new AwsError('OperationDisabledException', 'Not here'),
    });
    for (let n = 0; n < 17; n += 1) {
      const body = {
        ...webhook({ webhook_endpoint: undefined }),
        type: 'amazon_eventbridge',
        amazon_eventbridge: refused,
      };
      const answer = await post(DESTINATIONS, body, { key });
      expect(answer.body.error.message).toContain('does not take partner event sources in us-east-2');
    }
    platform.cloud.eventbridge.faults.clear();
  });
});

describe('an update', () => {
  it('changes what it names, leaves everything else, and says when', async () => {
    const { body: created } = await post(DESTINATIONS, webhook({ metadata: { team: 'a', region: 'eu' } }));
    await clock().advance(1500);
    const { status, body } = await post(`${DESTINATIONS}/${created.id}`, {
      description: 'New',
      enabled_events: ['invoice.paid', 'invoice.paid'],
      metadata: { team: null, stage: 'prod' },
      webhook_endpoint: { url: 'https://example.com/other' },
      include: ['webhook_endpoint.url'],
    });
    expect(status).toBe(200);
    expect(body).toEqual({
      ...created,
      description: 'New',
      enabled_events: ['invoice.paid'],
      metadata: { region: 'eu', stage: 'prod' },
      webhook_endpoint: { signing_secret: null, url: 'https://example.com/other' },
      updated: new Date(Date.parse(created.updated) + 1500).toISOString(),
    });
    const renamed = await post(`${DESTINATIONS}/${created.id}`, { name: 'Renamed' });
    expect(renamed.body).toMatchObject({ name: 'Renamed', description: 'New', webhook_endpoint: { url: null } });
    await platform.stripe().v2.core.eventDestinations.del(created.id);
  });

  it.each([
    ['an empty object', {}],
    ['an empty body', ''],
    ['no body', undefined],
  ])('of %s changes nothing', async (_name, body) => {
    const { body: created } = await post(DESTINATIONS, webhook());
    await clock().advance(1000);
    expect(await post(`${DESTINATIONS}/${created.id}`, body)).toMatchObject({ status: 200, body: created });
    await platform.stripe().v2.core.eventDestinations.del(created.id);
  });

  it.each([
    [{ type: 'webhook_endpoint' }, "'type: Cannot be changed after creation"],
    [{ event_payload: 'thin' }, "'event_payload: Cannot be changed after creation"],
    [{ events_from: ['@accounts'] }, "'events_from: Cannot be changed after creation"],
    [{ snapshot_api_version: '2025-08-27.basil' }, "'snapshot_api_version: Cannot be changed after creation"],
    [{ amazon_eventbridge: { aws_region: 'eu-west-1' } }, "'amazon_eventbridge: Cannot be changed after creation"],
    [{ status: 'disabled' }, "'status: Cannot be changed by an update: use POST"],
    [{ livemode: true, name: 'x' }, "'livemode: Cannot be changed"],
    [
      { webhook_endpoint: { url: 'https://a.b' } },
      "'webhook_endpoint: Only for destinations of type 'webhook_endpoint'",
    ],
    [{ colour: 'blue' }, "'colour: Unknown field.'"],
    [{ include: ['webhook_endpoint.signing_secret'] }, "'include[0]: Unrecognized enum value"],
    [{ enabled_events: [] }, "'enabled_events: Must be at least 1 item"],
    [{ enabled_events: ['v2.a.b'] }, "'enabled_events[0]: 'v2.a.b' is a thin event's type"],
    [{ enabled_events: ['issuing_authorization.request'] }, 'requires a response'],
    [{ name: '' }, "'name: Must be at least 1 character"],
    [{ metadata: { 'a[b]': 'c' } }, 'square brackets'],
    [{ metadata: { a: 1 } }, "'metadata.a: Expected a string, but got a number.'"],
  ])('of %j is refused', async (changes, message) => {
    const [destination] = (await platform.stripe().v2.core.eventDestinations.list()).data.filter(
      ({ name }) => name === 'Fixed',
    );
    const { id } = destination ?? (await createDestination(platform, { name: 'Fixed' }));
    const { status, body } = await post(`${DESTINATIONS}/${id}`, changes);
    expect(status).toBe(400);
    expect(body.error.code).toBe('invalid_fields');
    expect(body.error.message).toContain(message);
  });

  it('keeps the limit of metadata after the merge', async () => {
    const metadata = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`key_${index}`, 'v']));
    const { body: created } = await post(DESTINATIONS, webhook({ metadata }));
    const path = `${DESTINATIONS}/${created.id}`;
    const full = await post(path, { metadata: { one_more: 'v' } });
    expect(full).toMatchObject({ status: 400, body: { error: { code: 'invalid_fields' } } });
    expect(full.body.error.message).toContain("'metadata: Must have at most 50 keys.'");
    const exchanged = await post(path, { metadata: { one_more: 'v', key_0: null } });
    expect(Object.keys(exchanged.body.metadata)).toHaveLength(50);
    await platform.stripe().v2.core.eventDestinations.del(created.id);
  });

  it('loses nothing to others at the same time', async () => {
    const { body: created } = await post(DESTINATIONS, webhook());
    const path = `${DESTINATIONS}/${created.id}`;
    const answers = await Promise.all([
      ...[1, 2, 3, 4].map((n) => post(path, { metadata: { [`key_${n}`]: 'v' } })),
      post(path, { name: 'Another name' }),
      post(`${path}/disable`),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200));
    expect((await get(path)).body).toMatchObject({
      name: 'Another name',
      status: 'disabled',
      metadata: { key_1: 'v', key_2: 'v', key_3: 'v', key_4: 'v' },
    });
    await platform.stripe().v2.core.eventDestinations.del(created.id);
  });

  it('is done once for an Idempotency-Key, and its repeat answers with what is', async () => {
    const { body: created } = await post(DESTINATIONS, webhook());
    const path = `${DESTINATIONS}/${created.id}`;
    const headers = { 'idempotency-key': 'update-once' };
    await post(path, { name: 'First' }, { headers });
    await post(path, { name: 'Second' });
    const repeat = await post(path, { name: 'First' }, { headers });
    expect(repeat.body.name).toBe('Second');
    expect(repeat.headers.get('idempotent-replayed')).toBe('true');
    expect((await post(path, { name: 'Third' }, { headers })).status).toBe(409);
    await platform.stripe().v2.core.eventDestinations.del(created.id);
  });

  it('of another account’s destination finds none', async () => {
    const { body: created } = await post(DESTINATIONS, webhook());
    const { key } = await createAccount(platform);
    for (const operation of ['', '/disable', '/enable']) {
      const { status, body } = await post(`${DESTINATIONS}/${created.id}${operation}`, undefined, { key });
      expect([status, body.error.code]).toEqual([404, 'not_found']);
    }
    await platform.stripe().v2.core.eventDestinations.del(created.id);
  });
});

describe('disabling', () => {
  it('cancels what is under way, skips what comes, and enabling takes events again', async () => {
    const { destination, collector } = await createActiveDestination(platform, { enabled_events: ['price.created'] });
    const path = `${DESTINATIONS}/${destination.id}`;
    const disabled = await post(`${path}/disable`);
    expect(disabled.body).toMatchObject({ status: 'disabled', status_details: { disabled: { reason: 'user' } } });
    await clock().advance(1000);
    expect((await post(`${path}/disable`, {})).body).toEqual(disabled.body);
    const skipped = await publish(platform, 'price.created');
    await clock().advance(2000);
    const enabled = await post(`${path}/enable`);
    expect(enabled.body).toMatchObject({ status: 'enabled', status_details: null });
    expect((await post(`${path}/enable`)).body).toEqual(enabled.body);
    const event = await publish(platform, 'price.created');
    await clock().advance(2000);
    expect((await collector.received()).map(({ detail }) => detail.id)).toEqual([event]);
    expect(await deliveriesOf(platform, skipped)).toMatchObject([{ status: 'skipped' }]);
    await platform.stripe().v2.core.eventDestinations.del(destination.id);
  });

  it('ends what is held', async () => {
    const destination = await createDestination(platform, { enabled_events: ['plan.deleted'] });
    const event = await publish(platform, 'plan.deleted');
    await clock().advance(2000);
    expect(await deliveriesOf(platform, event)).toMatchObject([{ status: 'pending', held_by: 'source_pending' }]);
    await post(`${DESTINATIONS}/${destination.id}/disable`);
    await clock().advance(2000);
    expect(await deliveriesOf(platform, event)).toMatchObject([{ status: 'canceled', reason: 'destination_disabled' }]);
    await platform.stripe().v2.core.eventDestinations.del(destination.id);
  });

  it('takes no parameters', async () => {
    const { body: created } = await post(DESTINATIONS, webhook());
    const { status, body } = await post(`${DESTINATIONS}/${created.id}/disable`, { include: [] });
    expect([status, body.error.message]).toEqual([400, expect.stringContaining("'include: Unknown field.'")]);
    await platform.stripe().v2.core.eventDestinations.del(created.id);
  });
});

describe('enabling', () => {
  it('a destination whose event source is gone is refused, with words that say what to do', async () => {
    const destination = await createDestination(platform, { enabled_events: ['transfer.paid'] });
    const path = `${DESTINATIONS}/${destination.id}`;
    await post(`${path}/disable`);
    await platform.skip(7 * 24 * 60 * MINUTE);
    await clock().advance(5 * MINUTE);
    const { status, body } = await post(`${path}/enable`);
    expect(status).toBe(400);
    expect(body.error).toEqual({
      type: 'invalid_request_error',
      code: 'event_destination_gone',
      message: expect.stringMatching(
        /^This event destination cannot be enabled\. .* Create a new event destination\.$/,
      ),
    });
    expect((await get(path)).body).toMatchObject({
      status: 'disabled',
      amazon_eventbridge: { aws_event_source_status: 'deleted' },
    });
    await platform.stripe().v2.core.eventDestinations.del(destination.id);
  });
});

describe('a ping', () => {
  const pinged = (id: string) => ({
    object: 'v2.core.event',
    type: 'v2.core.event_destination.ping',
    related_object: { id, type: 'v2.core.event_destination', url: `/v2/core/event_destinations/${id}` },
    livemode: false,
  });

  it('is an event that its destination alone receives, whatever that is subscribed to', async () => {
    const { destination, collector } = await createActiveDestination(platform, { enabled_events: ['sku.created'] });
    const other = await createActiveDestination(platform, { event_payload: 'thin', enabled_events: ['*'] });
    const headers = { 'idempotency-key': 'a-ping' };
    const answer = await post(`${DESTINATIONS}/${destination.id}/ping`, {}, { headers });
    const reason = {
      type: 'request',
      request: { id: answer.headers.get('request-id'), idempotency_key: 'a-ping' },
    };
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      ...pinged(destination.id),
      id: expect.stringMatching(/^evt_test_/),
      created: expect.any(String),
      context: null,
      reason,
      snapshot_event: null,
      data: null,
      changes: null,
    });
    await clock().advance(2000);
    const [envelope, ...more] = await collector.received();
    expect(more).toEqual([]);
    expect(envelope?.['detail-type']).toBe('v2.core.event_destination.ping');
    expect(envelope?.detail).toEqual({
      ...pinged(destination.id),
      id: answer.body.id,
      created: answer.body.created,
      reason,
    });
    // It is told what becomes of the other destinations of its account.
    const types = (await other.collector.received()).map((received) => received['detail-type']);
    expect(types).not.toContain('v2.core.event_destination.ping');
    expect((await get(`/v2/core/events/${answer.body.id}`)).body).toEqual(answer.body);
    expect(await deliveriesOf(platform, answer.body.id)).toMatchObject([
      { event_destination: destination.id, status: 'delivered' },
    ]);
    const repeat = await post(`${DESTINATIONS}/${destination.id}/ping`, {}, { headers });
    expect(repeat.body).toEqual(answer.body);
    expect(repeat.headers.get('idempotent-replayed')).toBe('true');
    await clock().advance(2000);
    expect(await collector.received()).toEqual([]);
    for (const { id } of [destination, other.destination]) await platform.stripe().v2.core.eventDestinations.del(id);
  });

  it('waits for its source like any other event', async () => {
    const destination = await createDestination(platform);
    const { body } = await post(`${DESTINATIONS}/${destination.id}/ping`);
    await clock().advance(2000);
    expect(await deliveriesOf(platform, body.id)).toMatchObject([{ status: 'pending', held_by: 'source_pending' }]);
    const collector = await associate(platform, destination);
    await clock().advance(61_000);
    expect((await collector.received()).map(({ detail }) => detail.id)).toEqual([body.id]);
    await platform.stripe().v2.core.eventDestinations.del(destination.id);
  });

  it('of a disabled destination is refused, with words that say what to do', async () => {
    const { body: created } = await post(DESTINATIONS, webhook());
    await post(`${DESTINATIONS}/${created.id}/disable`);
    const { status, body } = await post(`${DESTINATIONS}/${created.id}/ping`);
    expect([status, body.error.code]).toEqual([400, 'event_destination_disabled']);
    expect(body.error.message).toContain('Enable it');
    await platform.stripe().v2.core.eventDestinations.del(created.id);
  });

  it('cannot be published, or sent to another account’s destination', async () => {
    const { body: created } = await post(DESTINATIONS, webhook());
    const published = await post(
      '/v2/core/events',
      { type: 'v2.core.event_destination.ping', related_object: pinged(created.id).related_object },
      { key: platform.seed.publish_key },
    );
    expect(published.body.error.message).toContain('/ping');
    const { key } = await createAccount(platform);
    expect((await post(`${DESTINATIONS}/${created.id}/ping`, {}, { key })).status).toBe(404);
    await platform.stripe().v2.core.eventDestinations.del(created.id);
  });
});

describe('a destination with a snapshot_api_version', () => {
  it('receives events in that version, and another one as they were published', async () => {
    const enabled_events = ['invoice.finalized'];
    const old = await createActiveDestination(platform, { enabled_events, snapshot_api_version: '2024-10-28.acacia' });
    const unversioned = await createActiveDestination(platform, { enabled_events });
    const parent = { subscription_details: { subscription: 'sub_1' } };
    await publish(platform, 'invoice.finalized', { id: 'in_1', object: 'invoice', parent });
    await clock().advance(2000);
    expect((await old.collector.received()).map(({ detail }) => detail)).toMatchObject([
      { api_version: '2024-10-28.acacia', data: { object: { id: 'in_1', object: 'invoice', subscription: 'sub_1' } } },
    ]);
    expect((await unversioned.collector.received()).map(({ detail }) => detail)).toMatchObject([
      { api_version: null, data: { object: { id: 'in_1', object: 'invoice', parent } } },
    ]);
    for (const { destination } of [old, unversioned])
      await platform.stripe().v2.core.eventDestinations.del(destination.id);
  });
});
