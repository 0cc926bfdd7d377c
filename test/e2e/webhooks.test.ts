import { Webhook as StandardWebhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deliveriesOf, publish, type ShownDelivery } from '../support/main-job.ts';
import { type Platform, startPlatform } from '../support/platform.ts';
import {
  answer,
  createWebhook,
  hang,
  type ReceivedRequest,
  type Receiver,
  startReceiver,
} from '../support/receiver.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DESTINATIONS = '/v2/core/event_destinations';

let platform: Platform;
let receiver: Receiver;
beforeAll(async () => {
  platform = await startPlatform({ functionEnvironment: { WEBHOOK_TIMEOUT_SECONDS: '1' } });
});
afterAll(() => platform.close());
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

const destinations = () => platform.stripe().v2.core.eventDestinations;
const clock = () => platform.cloud.clock;

/** Publishes an event of the type and lets it be delivered; its only delivery. */
async function publishAndShow(type: string): Promise<{ event: string; delivery: ShownDelivery | undefined }> {
  const event = await publish(platform, type);
  await clock().advance(2 * SECOND);
  return { event, delivery: (await deliveriesOf(platform, event))[0] };
}

/** Whether both libraries take the request as signed with the secret; they must not differ. Their clock is the receiver's. */
function verifiedBy({ body, headers }: ReceivedRequest, secret: string): boolean {
  const tries = [
    () => platform.stripe().webhooks.constructEvent(body, String(headers['stripe-signature']), secret, Infinity),
    () => {
      const at = Number(headers['webhook-timestamp']) * SECOND;
      const signature = new StandardWebhook(secret).sign(String(headers['webhook-id']), new Date(at), body);
      if (!String(headers['webhook-signature']).split(' ').includes(signature)) throw new Error('No such signature');
    },
  ];
  const taken = tries.map((verify) => {
    try {
      verify();
      return true;
    } catch {
      return false;
    }
  });
  expect(new Set(taken).size).toBe(1);
  return taken[0] === true;
}

const headersOf = ({ headers }: ReceivedRequest) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));

describe('a webhook', () => {
  it('receives exactly the rendered event in compact JSON, with the headers of the contract', async () => {
    const hook = await createWebhook(platform, `${receiver.url}/hooks?tenant=1`);
    const { event, delivery } = await publishAndShow('customer.created');
    expect(delivery).toMatchObject({
      event_destination: hook.id,
      status: 'delivered',
      attempts: [{ number: 1, outcome: 'succeeded', http_status: 200, failure_reason: null, aws_error_code: null }],
    });
    const [request, ...more] = receiver.requests;
    expect(more).toEqual([]);
    expect(request).toMatchObject({ method: 'POST', path: '/hooks?tenant=1' });
    const { body: published } = await platform.request('GET', `/v1/events/${event}`);
    expect(JSON.parse(request?.body ?? '')).toEqual({ ...published, pending_webhooks: 1 });
    expect(request?.body).toBe(JSON.stringify(JSON.parse(request?.body ?? '')));
    expect(request?.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      accept: '*/*; q=0.5, application/xml',
      'accept-encoding': 'gzip',
      'cache-control': 'no-cache',
      'stripe-signature': expect.stringMatching(/^t=\d+,v1=[0-9a-f]{64}$/),
      'webhook-id': event,
    });
    await destinations().del(hook.id);
  });

  it('is signed so that the libraries of Stripe and of Standard Webhooks take it, and no other secret does', async () => {
    const hook = await createWebhook(platform, receiver.url, { enabled_events: ['charge.signed'] });
    const { event } = await publishAndShow('charge.signed');
    const [request] = receiver.requests;
    if (!request) throw new Error('Nothing was received');
    const { webhooks } = platform.stripe();
    const headers = headersOf(request);
    expect(webhooks.constructEvent(request.body, headers['stripe-signature'] ?? '', hook.secret).id).toBe(event);
    expect(new StandardWebhook(hook.secret).verify(request.body, headers)).toMatchObject({ id: event });
    const other = `whsec_${'A'.repeat(32)}`;
    expect(() => webhooks.constructEvent(request.body, headers['stripe-signature'] ?? '', other)).toThrow();
    expect(() => new StandardWebhook(other).verify(request.body, headers)).toThrow();
    await destinations().del(hook.id);
  });

  it('is signed with both secrets while they are rolled, and with the new one alone after it', async () => {
    const hook = await createWebhook(platform, receiver.url, { enabled_events: ['charge.rolled'] });
    const { body: rolled } = await platform.request('POST', `${DESTINATIONS}/${hook.id}/roll_signing_secret`, {
      body: { expire_current_in: 3600, include: ['webhook_endpoint.signing_secret'] },
    });
    const next: string = rolled.webhook_endpoint.signing_secret;
    await publishAndShow('charge.rolled');
    await platform.skip(61 * MINUTE);
    await publishAndShow('charge.rolled');
    const [during, after] = receiver.requests;
    if (!during || !after) throw new Error('Both events must arrive');
    expect(during.headers['stripe-signature']).toMatch(/^t=\d+,v1=[0-9a-f]{64},v1=[0-9a-f]{64}$/);
    expect([verifiedBy(during, hook.secret), verifiedBy(during, next)]).toEqual([true, true]);
    expect([verifiedBy(after, hook.secret), verifiedBy(after, next)]).toEqual([false, true]);
    await destinations().del(hook.id);
  });

  it('receives thin events and pings, which the SDK reads as notifications', async () => {
    const thin = { event_payload: 'thin' as const, enabled_events: ['v2.orders.order.shipped'] };
    const hook = await createWebhook(platform, receiver.url, thin);
    await platform.request('POST', '/v2/core/events', {
      key: platform.seed.publish_key,
      body: { type: 'v2.orders.order.shipped', data: { carrier: 'ups' } },
    });
    const ping = await destinations().ping(hook.id);
    await clock().advance(2 * SECOND);
    const bodies = receiver.requests.map(({ body, headers }) =>
      platform.stripe().parseEventNotification(body, String(headers['stripe-signature']), hook.secret),
    );
    expect(bodies.map(({ type }) => String(type)).sort()).toEqual([
      'v2.core.event_destination.ping',
      'v2.orders.order.shipped',
    ]);
    expect(bodies.map(({ id }) => id)).toContain(ping.id);
    expect(receiver.requests.flatMap(({ body }) => Object.keys(JSON.parse(body)))).not.toContain('data');
    await destinations().del(hook.id);
  });

  it('receives the events of connected accounts, which name their account', async () => {
    const wants = { events_from: ['@accounts' as const], enabled_events: ['charge.connected'] };
    const hook = await createWebhook(platform, receiver.url, wants);
    const { connected_account, publish_key } = platform.seed;
    const { status } = await platform.request('POST', '/v1/events', {
      key: publish_key,
      headers: { 'Stripe-Account': connected_account },
      body: { type: 'charge.connected', data: { object: { id: 'ch_1' } } },
    });
    expect(status).toBe(200);
    await clock().advance(2 * SECOND);
    expect(receiver.requests.map(({ body }) => JSON.parse(body))).toEqual([
      expect.objectContaining({ account: connected_account, context: connected_account }),
    ]);
    await destinations().del(hook.id);
  });

  it('keeps its connection from one delivery to the next', async () => {
    const hook = await createWebhook(platform, receiver.url, { enabled_events: ['charge.kept'] });
    for (let n = 0; n < 4; n += 1) await publishAndShow('charge.kept');
    expect(receiver.requests).toHaveLength(4);
    expect(receiver.connections).toBeLessThan(4);
    await destinations().del(hook.id);
  });
});

describe('a webhook that fails', () => {
  it.each([
    [301, 'HTTP 301'],
    [302, 'HTTP 302'],
    [307, 'HTTP 307'],
    [400, 'HTTP 400'],
    [410, 'HTTP 410'],
    [500, 'HTTP 500'],
  ])(
    'with %i shows the status and the beginning of the answer, and is not followed anywhere',
    async (status, reason) => {
      const elsewhere = await startReceiver();
      receiver.answering = answer(status, `${'é'.repeat(255)}abcd`, { location: elsewhere.url });
      const type = `charge.answered_${status}`;
      const hook = await createWebhook(platform, receiver.url, { enabled_events: [type] });
      const { delivery } = await publishAndShow(type);
      expect(delivery).toMatchObject({ status: 'pending', held_by: null });
      expect(delivery?.attempts).toMatchObject([
        { outcome: 'failed', http_status: status, failure_reason: reason, aws_error_code: null },
      ]);
      expect(delivery?.attempts[0]?.message).toBe(`${'é'.repeat(255)}ab`);
      expect(elsewhere.connections).toBe(0);
      await elsewhere.close();
      await destinations().del(hook.id);
    },
  );

  it('for want of a connection, of TLS, or of an answer in time says which', async () => {
    const closed = await startReceiver();
    await closed.close();
    receiver.answering = hang;
    const cases = [
      [closed.url, 'Unable to connect'],
      [receiver.url.replace('http:', 'https:'), 'TLS error'],
      [receiver.url, 'Timed out'],
    ];
    for (const [url = '', failure_reason] of cases) {
      const hook = await createWebhook(platform, url, { enabled_events: ['charge.unanswered'] });
      const { delivery } = await publishAndShow('charge.unanswered');
      expect(delivery?.attempts).toMatchObject([{ outcome: 'failed', failure_reason, http_status: null }]);
      await destinations().del(hook.id);
    }
  });

  it('is tried again, signed anew, until it succeeds', async () => {
    const hook = await createWebhook(platform, receiver.url, { enabled_events: ['charge.retried'] });
    receiver.answering = answer(503);
    const { event, delivery } = await publishAndShow('charge.retried');
    receiver.answering = answer(204);
    await platform.skip(Date.parse(delivery?.next_attempt ?? '') - clock().now() + SECOND);
    expect((await deliveriesOf(platform, event))[0]).toMatchObject({
      status: 'delivered',
      attempts: [{ http_status: 503 }, { http_status: 204, outcome: 'succeeded' }],
    });
    const [first, second] = receiver.requests;
    expect(second?.body).toBe(first?.body);
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(second?.headers['stripe-signature']).not.toBe(first?.headers['stripe-signature']);
    const signature = String(second?.headers['stripe-signature']);
    expect(platform.stripe().webhooks.constructEvent(second?.body ?? '', signature, hook.secret).id).toBe(event);
    await destinations().del(hook.id);
  });

  it.each([
    ['in seconds', () => '1200'],
    ['as a date', () => new Date(clock().now() + 20 * MINUTE).toUTCString()],
  ])('is not tried again before the Retry-After that it gave %s', async (_how, header) => {
    const hook = await createWebhook(platform, receiver.url, { enabled_events: ['charge.later'] });
    receiver.answering = answer(429, 'slow down', { 'retry-after': header() });
    const { delivery } = await publishAndShow('charge.later');
    const ahead = Date.parse(delivery?.next_attempt ?? '') - clock().now();
    // The policy's own first delay in test mode is about five minutes.
    expect(ahead).toBeGreaterThanOrEqual(20 * MINUTE - 3 * SECOND);
    await destinations().del(hook.id);
  });

  it('can be resent by hand, and is canceled when its destination is disabled or deleted', async () => {
    const hook = await createWebhook(platform, receiver.url, { enabled_events: ['charge.by_hand'] });
    receiver.answering = answer(500);
    const { event } = await publishAndShow('charge.by_hand');
    receiver.answering = answer(200);
    const retried = await platform.request('POST', `/v1/events/${event}/retry`, {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `webhook_endpoint=${hook.id}`,
    });
    expect(retried.status).toBe(200);
    await clock().advance(2 * SECOND);
    expect((await deliveriesOf(platform, event))[0]).toMatchObject({ status: 'delivered' });

    receiver.answering = answer(500);
    const { event: next } = await publishAndShow('charge.by_hand');
    await destinations().disable(hook.id);
    await platform.skip(20 * MINUTE);
    expect((await deliveriesOf(platform, next))[0]).toMatchObject({
      status: 'canceled',
      reason: 'destination_disabled',
    });
    await destinations().enable(hook.id);
    const { event: last } = await publishAndShow('charge.by_hand');
    await destinations().del(hook.id);
    await platform.skip(20 * MINUTE);
    expect((await deliveriesOf(platform, last))[0]).toMatchObject({
      status: 'canceled',
      reason: 'destination_deleted',
    });
  });
});
