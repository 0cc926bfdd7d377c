import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createActiveDestination, createDestination, deliveriesOf, publish } from '../support/main-job.ts';
import { type Platform, type RequestOptions, startPlatform } from '../support/platform.ts';
import { webhookEndpoint } from '../support/webhook-endpoint.ts';

const DESTINATIONS = '/v2/core/event_destinations';
const MINUTE = 60_000;

let platform: Platform;
const clock = () => platform.cloud.clock;

beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform?.close());

const post = (path: string, body?: unknown, options: RequestOptions = {}) =>
  platform.request('POST', path, { ...options, ...(body !== undefined && { body }) });
const get = (path: string, options?: RequestOptions) => platform.request('GET', path, options);

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
    const { body: created } = await post(DESTINATIONS, webhookEndpoint());
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
