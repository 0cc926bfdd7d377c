import Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createActiveDestination } from '../support/main-job.ts';
import { type Platform, startPlatform } from '../support/platform.ts';

let platform: Platform;
let destinations: Stripe.V2.Core.EventDestinationResource;

beforeAll(async () => {
  platform = await startPlatform();
  destinations = platform.stripe().v2.core.eventDestinations;
});
afterAll(() => platform.close());

const webhook = (
  changes: Partial<Stripe.V2.Core.EventDestinationCreateParams> = {},
): Stripe.V2.Core.EventDestinationCreateParams => ({
  name: 'A webhook',
  type: 'webhook_endpoint',
  event_payload: 'thin',
  enabled_events: ['v1.billing.meter.error_report_triggered'],
  webhook_endpoint: { url: 'https://example.com/my/webhook/endpoint' },
  ...changes,
});

describe('Stripe’s SDK, unmodified', () => {
  it('creates a webhook endpoint with its secret, and reads it with its URL', async () => {
    const created = await destinations.create(
      webhook({ include: ['webhook_endpoint.signing_secret', 'webhook_endpoint.url'] }),
    );
    expect(created.webhook_endpoint?.signing_secret).toMatch(/^whsec_/);
    const include: ['webhook_endpoint.url'] = ['webhook_endpoint.url'];
    const read = await destinations.retrieve(created.id, { include });
    expect(read.webhook_endpoint?.url).toBe('https://example.com/my/webhook/endpoint');
    const [listed] = (await destinations.list({ limit: 1, include })).data;
    expect(listed).toEqual(read);
    // The secret signs as the SDK signs.
    const secret = created.webhook_endpoint?.signing_secret ?? '';
    const header = platform.stripe().webhooks.generateTestHeaderString({ payload: '{}', secret });
    expect(platform.stripe().webhooks.signature?.verifyHeader('{}', header, secret)).toBe(true);
    await destinations.del(created.id);
  });

  it('keeps the URLs in the pages that it follows by itself', async () => {
    for (let n = 0; n < 4; n += 1) await destinations.create(webhook({ name: `Page ${n}` }));
    const urls: unknown[] = [];
    for await (const { id, webhook_endpoint } of destinations.list({ limit: 1, include: ['webhook_endpoint.url'] })) {
      urls.push(webhook_endpoint?.url);
      await destinations.del(id);
    }
    expect(urls).toEqual(Array(4).fill('https://example.com/my/webhook/endpoint'));
  });

  it('updates, with and without parameters', async () => {
    const { id } = await destinations.create(webhook({ metadata: { a: 'b', keep: 'me' } }));
    const updated = await destinations.update(id, {
      description: 'y',
      metadata: { a: null, c: 'd' } as unknown as Record<string, string>,
      webhook_endpoint: { url: 'https://example.com/new' },
      include: ['webhook_endpoint.url'],
    });
    expect(updated).toMatchObject({
      description: 'y',
      metadata: { c: 'd', keep: 'me' },
      webhook_endpoint: { url: 'https://example.com/new' },
    });
    expect(await destinations.update(id)).toMatchObject({ description: 'y', updated: updated.updated });
    await destinations.del(id);
  });

  it('disables and enables, twice each', async () => {
    const { id } = await destinations.create(webhook());
    for (let n = 0; n < 2; n += 1)
      expect(await destinations.disable(id)).toMatchObject({
        status: 'disabled',
        status_details: { disabled: { reason: 'user' } },
      });
    for (let n = 0; n < 2; n += 1)
      expect(await destinations.enable(id)).toMatchObject({ status: 'enabled', status_details: null });
    await destinations.del(id);
  });

  it('pings, and parses the ping that arrives', async () => {
    const { destination, collector } = await createActiveDestination(platform);
    const event = await destinations.ping(destination.id, {}, { idempotencyKey: 'ping-by-sdk' });
    expect(event).toMatchObject({ object: 'v2.core.event', type: 'v2.core.event_destination.ping' });
    await platform.cloud.clock.advance(2000);
    const [envelope] = await collector.received();
    const notification = platform.stripe().parseEventNotificationWithoutVerification(JSON.stringify(envelope));
    if (notification.type !== 'v2.core.event_destination.ping') throw new Error(`Arrived: ${notification.type}`);
    expect(notification.id).toBe(event.id);
    expect(notification.reason?.request?.idempotency_key).toBe('ping-by-sdk');
    expect(await notification.fetchRelatedObject()).toMatchObject({ id: destination.id });
    expect(await notification.fetchEvent()).toMatchObject({ id: event.id });
    await destinations.del(destination.id);
  });

  it('raises the class that its users catch', async () => {
    const { id } = await destinations.create(webhook());
    const { StripeInvalidRequestError, StripeIdempotencyError } = Stripe.errors;
    await expect(destinations.update(id, { name: '' })).rejects.toBeInstanceOf(StripeInvalidRequestError);
    await expect(destinations.ping('ed_test_none')).rejects.toBeInstanceOf(StripeInvalidRequestError);
    await expect(destinations.enable('ed_test_none')).rejects.toMatchObject({ statusCode: 404, code: 'not_found' });
    await destinations.update(id, { name: 'One' }, { idempotencyKey: 'used-twice' });
    const other = destinations.update(id, { name: 'Two' }, { idempotencyKey: 'used-twice' });
    await expect(other).rejects.toBeInstanceOf(StripeIdempotencyError);
    await destinations.disable(id);
    await expect(destinations.ping(id)).rejects.toBeInstanceOf(StripeInvalidRequestError);
    await destinations.del(id);
  });
});
