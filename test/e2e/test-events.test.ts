import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createActiveDestination } from '../support/main-job.ts';
import { type Platform, startPlatform } from '../support/platform.ts';

const EVENTS = '/v2/test_helpers/events';
const TYPES = '/v2/test_helpers/event_types';

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform?.close());

const trigger = (body: object, options: { key?: string; headers?: Record<string, string> } = {}) =>
  platform.request('POST', EVENTS, { body, ...options });
const settle = () => platform.cloud.clock.advance(2000);

describe('triggering a test event', () => {
  it('publishes a realistic event of that type to oneself, by a secret key alone', async () => {
    const { collector } = await createActiveDestination(platform, { enabled_events: ['customer.created'] });
    const { status, body } = await trigger({ type: 'customer.created' });
    expect(status, JSON.stringify(body)).toBe(200);
    const now = Math.floor(platform.cloud.clock.now() / 1000);
    expect(body).toMatchObject({
      object: 'event',
      type: 'customer.created',
      api_version: '2026-10-28.endive',
      livemode: false,
      created: now,
      data: {
        object: {
          id: expect.stringMatching(/^cus_[A-Za-z0-9]{14}$/),
          object: 'customer',
          email: 'jenny.rosen@example.com',
          created: now,
        },
      },
    });
    await settle();
    const [received, ...others] = await collector.received();
    expect(others).toEqual([]);
    expect(received?.detail).toEqual(body);
    expect(platform.stripe().webhooks.constructEventWithoutVerification(JSON.stringify(received)).id).toBe(body.id);
    expect((await platform.stripe().events.retrieve(body.id)).type).toBe('customer.created');
  });

  it('publishes the thin twin of a snapshot event, with what changed, and thin events of v2', async () => {
    const types = ['v1.customer.updated', 'v2.core.account.created'] as const;
    const { collector } = await createActiveDestination(platform, {
      enabled_events: [...types],
      event_payload: 'thin',
    });
    const { body: twin } = await trigger({ type: types[0], overrides: { id: 'cus_mine' } });
    expect(twin).toMatchObject({
      object: 'v2.core.event',
      type: 'v1.customer.updated',
      related_object: { id: 'cus_mine', type: 'customer', url: '/v1/customers/cus_mine' },
      changes: { before: { phone: null }, after: { phone: '+14155550132' } },
      reason: { type: 'request', request: { id: expect.any(String) } },
    });
    const { body: account } = await trigger({ type: types[1] });
    expect(account.related_object).toEqual({
      id: platform.seed.account,
      type: 'v2.core.account',
      url: `/v2/core/accounts/${platform.seed.account}`,
    });
    await settle();
    const received = await collector.received();
    expect(received.map(({ detail }) => detail.id).sort()).toEqual([twin.id, account.id].sort());
    expect(received.find(({ detail }) => detail.id === twin.id)?.detail).not.toHaveProperty('changes');
  });

  it('overrides fields of the object, as deep as they lie', async () => {
    const overrides = { customer: 'cus_9', metadata: { order: '17' }, billing_details: { address: { city: 'Bern' } } };
    const { body } = await trigger({ type: 'charge.succeeded', overrides });
    const { customer, metadata, billing_details, amount } = body.data.object;
    expect({ customer, metadata, amount }).toEqual({ customer: 'cus_9', metadata: { order: '17' }, amount: 2000 });
    expect(billing_details).toMatchObject({
      address: { city: 'Bern', country: 'US' },
      email: 'jenny.rosen@example.com',
    });
    const { body: refused } = await trigger({ type: 'v2.core.account.created', overrides: { name: 'x' } });
    expect(refused.error.message).toContain("'overrides: An event of type 'v2.core.account.created' has no data");
  });

  it('tells one story in the events of a scenario, and another one in each event without', async () => {
    const story = async (scenario?: string) => {
      const tell = async (type: string) => (await trigger({ type, ...(scenario && { scenario }) })).body.data.object;
      const [customer, subscription] = [await tell('customer.created'), await tell('customer.subscription.created')];
      const [invoice, intent] = [await tell('invoice.paid'), await tell('payment_intent.succeeded')];
      return { customer, subscription, invoice, intent, charge: await tell('charge.succeeded') };
    };
    const { customer, subscription, invoice, intent, charge } = await story('first order');
    for (const one of [subscription, invoice, intent, charge]) expect(one.customer).toBe(customer.id);
    expect(invoice.parent.subscription_details.subscription).toBe(subscription.id);
    expect([subscription.latest_invoice, intent.latest_charge]).toEqual([invoice.id, charge.id]);
    expect([invoice.amount_paid, intent.amount_received, charge.amount_captured]).toEqual([2000, 2000, 2000]);
    const others = await story();
    expect(new Set(Object.values(others).map((one) => one.customer ?? one.id)).size).toBe(5);
  });

  it('publishes once for an Idempotency-Key, and answers its repeat with the same event', async () => {
    const { collector } = await createActiveDestination(platform, { enabled_events: ['payout.paid'] });
    const headers = { 'idempotency-key': 'trigger-once' };
    const first = await trigger({ type: 'payout.paid' }, { headers });
    const second = await trigger({ type: 'payout.paid' }, { headers });
    await settle();
    const third = await trigger({ type: 'payout.paid' }, { headers });
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    for (const { body } of [second, third]) expect([body.id, body.data]).toEqual([first.body.id, first.body.data]);
    expect(await collector.received()).toHaveLength(1);
  });

  it('is refused with words that help: live mode, an unknown type, an unknown field, a key that may not', async () => {
    const live = await trigger({ type: 'customer.created' }, { key: platform.seed.live_key });
    expect(live).toMatchObject({ status: 400, body: { error: { code: 'test_mode_only' } } });
    const unknown = await trigger({ type: 'toString' });
    expect(unknown.status).toBe(400);
    expect(unknown.body.error.message).toContain(`GET ${TYPES} lists the types there are`);
    expect((await trigger({ type: 'customer.created', object: {} })).body.error.message).toContain('Unknown field');
    const publisher = await trigger({ type: 'customer.created' }, { key: platform.seed.publish_key });
    expect(publisher).toMatchObject({ status: 403, body: { error: { code: 'permission_denied' } } });
    const large = await trigger({ type: 'customer.created', overrides: { description: 'x'.repeat(300_000) } });
    expect([large.status, large.body.error.code]).toEqual([413, 'event_too_large']);
  });
});

describe('the list of types that can be triggered', () => {
  it('has more than forty snapshot types, their thin twins, and thin types of their own', async () => {
    const { body } = await platform.request('GET', TYPES);
    const types: { type: string; event_payload: string }[] = body.data;
    const of = (payload: string) => types.filter((one) => one.event_payload === payload).map(({ type }) => type);
    const [snapshot, thin] = [of('snapshot'), of('thin')];
    expect(snapshot.length).toBeGreaterThan(40);
    expect(thin).toEqual(expect.arrayContaining(snapshot.map((type) => `v1.${type}`)));
    expect(thin.filter((type) => type.startsWith('v2.')).length).toBeGreaterThanOrEqual(8);
    for (const type of ['invoice.updated', 'v1.invoice.updated', 'v1.billing.meter.error_report_triggered'])
      expect((await trigger({ type })).body.type).toBe(type);
  });
});
