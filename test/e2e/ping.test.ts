import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAccount } from '../support/accounts.ts';
import { associate, createActiveDestination, createDestination, deliveriesOf } from '../support/main-job.ts';
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
    const { body: created } = await post(DESTINATIONS, webhookEndpoint());
    await post(`${DESTINATIONS}/${created.id}/disable`);
    const { status, body } = await post(`${DESTINATIONS}/${created.id}/ping`);
    expect([status, body.error.code]).toEqual([400, 'event_destination_disabled']);
    expect(body.error.message).toContain('Enable it');
    await platform.stripe().v2.core.eventDestinations.del(created.id);
  });

  it('cannot be published, or sent to another account’s destination', async () => {
    const { body: created } = await post(DESTINATIONS, webhookEndpoint());
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
