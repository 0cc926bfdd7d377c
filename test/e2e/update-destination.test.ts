import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAccount } from '../support/accounts.ts';
import { createDestination } from '../support/main-job.ts';
import { type Platform, type RequestOptions, startPlatform } from '../support/platform.ts';
import { webhookEndpoint } from '../support/webhook-endpoint.ts';

const DESTINATIONS = '/v2/core/event_destinations';

let platform: Platform;
const clock = () => platform.cloud.clock;

beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform?.close());

const post = (path: string, body?: unknown, options: RequestOptions = {}) =>
  platform.request('POST', path, { ...options, ...(body !== undefined && { body }) });
const get = (path: string, options?: RequestOptions) => platform.request('GET', path, options);

describe('an update', () => {
  it('changes what it names, leaves everything else, and says when', async () => {
    const { body: created } = await post(DESTINATIONS, webhookEndpoint({ metadata: { team: 'a', region: 'eu' } }));
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
    const { body: created } = await post(DESTINATIONS, webhookEndpoint());
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
    const { body: created } = await post(DESTINATIONS, webhookEndpoint({ metadata }));
    const path = `${DESTINATIONS}/${created.id}`;
    const full = await post(path, { metadata: { one_more: 'v' } });
    expect(full).toMatchObject({ status: 400, body: { error: { code: 'invalid_fields' } } });
    expect(full.body.error.message).toContain("'metadata: Must have at most 50 keys.'");
    const exchanged = await post(path, { metadata: { one_more: 'v', key_0: null } });
    expect(Object.keys(exchanged.body.metadata)).toHaveLength(50);
    await platform.stripe().v2.core.eventDestinations.del(created.id);
  });

  it('loses nothing to others at the same time', async () => {
    const { body: created } = await post(DESTINATIONS, webhookEndpoint());
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
    const { body: created } = await post(DESTINATIONS, webhookEndpoint());
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
    const { body: created } = await post(DESTINATIONS, webhookEndpoint());
    const { key } = await createAccount(platform);
    for (const operation of ['', '/disable', '/enable']) {
      const { status, body } = await post(`${DESTINATIONS}/${created.id}${operation}`, undefined, { key });
      expect([status, body.error.code]).toEqual([404, 'not_found']);
    }
    await platform.stripe().v2.core.eventDestinations.del(created.id);
  });
});
