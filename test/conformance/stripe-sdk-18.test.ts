import type { Stripe as NewestStripe } from 'stripe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Platform, startPlatform } from '../support/platform.ts';

/**
 * Its own types claim the module name `stripe` and would replace those of the newest; the calls are the same, so those
 * serve for both.
 */
const { default: Stripe }: { default: typeof NewestStripe } = await import(String('stripe-18'));

/** An SDK of a year before: it repeats array parameters instead of numbering them, and has older error classes. */
let platform: Platform;
let stripe: NewestStripe;

beforeAll(async () => {
  platform = await startPlatform();
  stripe = new Stripe(platform.seed.test_key, {
    host: '127.0.0.1',
    port: platform.cloud.apiPort,
    protocol: 'http',
    maxNetworkRetries: 0,
  });
});
afterAll(() => platform.close());

describe('stripe@18.5.0', () => {
  it('creates, retrieves with include, lists, updates, disables, enables, pings and deletes', async () => {
    const { eventDestinations } = stripe.v2.core;
    const created = await eventDestinations.create({
      name: 'By an older SDK',
      type: 'webhook_endpoint',
      event_payload: 'thin',
      enabled_events: ['v1.billing.meter.error_report_triggered'],
      webhook_endpoint: { url: 'https://example.com/hook' },
      events_from: ['self'],
      include: ['webhook_endpoint.signing_secret', 'webhook_endpoint.url'],
    });
    expect(created.webhook_endpoint).toEqual({
      signing_secret: expect.stringMatching(/^whsec_/),
      url: 'https://example.com/hook',
    });
    // The version that it sends is older than the spelling with an @.
    expect(created.events_from).toEqual(['self']);
    const shown = await eventDestinations.retrieve(created.id, { include: ['webhook_endpoint.url'] });
    expect(shown.webhook_endpoint).toEqual({
      signing_secret: null,
      url: 'https://example.com/hook',
    });
    const listed = [];
    for await (const { id } of eventDestinations.list({ limit: 1 })) listed.push(id);
    expect(listed).toEqual([created.id]);
    expect(await eventDestinations.update(created.id, { description: 'New' })).toMatchObject({ description: 'New' });
    expect(await eventDestinations.disable(created.id)).toMatchObject({ status: 'disabled' });
    expect(await eventDestinations.enable(created.id)).toMatchObject({ status: 'enabled' });
    expect(await eventDestinations.ping(created.id)).toMatchObject({ type: 'v2.core.event_destination.ping' });
    expect(await eventDestinations.del(created.id)).toMatchObject({ id: created.id });
  });

  it('raises its own classes of errors', async () => {
    const { eventDestinations } = stripe.v2.core;
    await expect(eventDestinations.retrieve('ed_test_none')).rejects.toBeInstanceOf(
      Stripe.errors.StripeInvalidRequestError,
    );
    const bad = new Stripe('sk_test_0000000000000000', {
      host: '127.0.0.1',
      port: platform.cloud.apiPort,
      protocol: 'http',
    });
    await expect(bad.v2.core.eventDestinations.retrieve('ed_test_none')).rejects.toBeInstanceOf(
      Stripe.errors.StripeAuthenticationError,
    );
  });
});
