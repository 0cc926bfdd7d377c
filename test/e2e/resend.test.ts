import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createAccount } from '../support/accounts.ts';
import {
  associate,
  createActiveDestination,
  createDestination,
  deliveriesOf,
  publish,
  sourceOf,
} from '../support/main-job.ts';
import { type Answer, type Envelope, type Platform, startPlatform } from '../support/platform.ts';

const SECOND = 1000;
const HOUR = 3600 * SECOND;

// Days of virtual time pass: a test that is cut off would leave them running into the next.
vi.setConfig({ testTimeout: 180_000 });

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform({ log: () => undefined });
});
afterAll(() => platform?.close());
afterEach(() => platform.cloud.eventbridge.faults.clear());

const settle = () => platform.cloud.clock.advance(2 * SECOND);
const fail = () =>
  platform.cloud.eventbridge.faults.injectEntryFault({
    match: () => true,
    code: 'InvalidArgument',
    message: 'No',
    times: 1000,
  });

/** As `stripe events resend` sends it. */
function resend(event: string, parameters: Record<string, string>, options: Record<string, string> = {}) {
  const headers = { 'content-type': 'application/x-www-form-urlencoded', ...options };
  const body = new URLSearchParams(parameters).toString();
  return platform.request('POST', `/v1/events/${event}/retry`, { body, headers });
}
async function resendTo(event: string, destination: string): Promise<Answer['body']> {
  const { status, body } = await resend(event, { webhook_endpoint: destination });
  expect(status, JSON.stringify(body)).toBe(200);
  await settle();
  return body;
}

const idsIn = (envelopes: readonly Envelope[]) => envelopes.map(({ detail }) => detail.id);
const shown = async (event: string, destination: string) => {
  const found = (await deliveriesOf(platform, event)).find((one) => one.event_destination === destination);
  return { status: found?.status, attempts: found?.attempts.map((one) => ({ ...one })) };
};
const attempt = (number: number, manual: boolean, outcome: string) =>
  expect.objectContaining({ number, manual, outcome });

describe('a manual attempt', () => {
  it('of a failed delivery delivers it, and answers with the event', async () => {
    const { destination, collector } = await createActiveDestination(platform, { enabled_events: ['resend.failed'] });
    fail();
    const event = await publish(platform, 'resend.failed');
    await platform.skip(6 * HOUR);
    expect(await resendTo(event, destination.id)).toMatchObject({ id: event, object: 'event', type: 'resend.failed' });
    // It failed, too: that is recorded, and changes nothing.
    expect(await shown(event, destination.id)).toMatchObject({
      status: 'failed',
      attempts: [...[1, 2, 3, 4].map((number) => attempt(number, false, 'failed')), attempt(1, true, 'failed')],
    });
    platform.cloud.eventbridge.faults.clear();
    await resendTo(event, destination.id);
    expect(idsIn(await collector.received())).toEqual([event]);
    const { status, attempts } = await shown(event, destination.id);
    expect(status).toBe('delivered');
    expect(attempts?.slice(4)).toEqual([attempt(1, true, 'failed'), attempt(2, true, 'succeeded')]);
  });

  it('that succeeds ends the automatic retries', async () => {
    const { destination, collector } = await createActiveDestination(platform, { enabled_events: ['resend.pending'] });
    fail();
    const event = await publish(platform, 'resend.pending');
    await settle();
    expect((await shown(event, destination.id)).status).toBe('pending');
    platform.cloud.eventbridge.faults.clear();
    await resendTo(event, destination.id);
    await platform.skip(6 * HOUR);
    expect(idsIn(await collector.received())).toEqual([event]);
    expect(await shown(event, destination.id)).toMatchObject({
      status: 'delivered',
      attempts: [attempt(1, false, 'failed'), attempt(1, true, 'succeeded')],
    });
  });

  it('that fails leaves the automatic retries as they are', async () => {
    const { destination, collector } = await createActiveDestination(platform, { enabled_events: ['resend.retry'] });
    fail();
    const event = await publish(platform, 'resend.retry');
    await settle();
    const [before] = await deliveriesOf(platform, event);
    await resendTo(event, destination.id);
    const [after] = await deliveriesOf(platform, event);
    expect(after).toMatchObject({ status: 'pending', next_attempt: before?.next_attempt });
    platform.cloud.eventbridge.faults.clear();
    await platform.skip(HOUR);
    expect(idsIn(await collector.received())).toEqual([event]);
    expect((await shown(event, destination.id)).attempts).toEqual([
      attempt(1, false, 'failed'),
      attempt(1, true, 'failed'),
      attempt(2, false, 'succeeded'),
    ]);
  });

  it('of a delivered event sends it again, large as it may be', async () => {
    const { destination, collector } = await createActiveDestination(platform, { enabled_events: ['resend.again'] });
    const event = await publish(platform, 'resend.again', { id: 're_1', text: 'x'.repeat(200_000) });
    await settle();
    await platform.stripe().rawRequest('POST', `/v1/events/${event}/retry`, { webhook_endpoint: destination.id });
    await settle();
    expect(idsIn(await collector.received())).toEqual([event, event]);
    expect((await shown(event, destination.id)).status).toBe('delivered');
  });

  it('waits for a pending source like any other, and takes no held delivery’s place', async () => {
    const { destination, collector } = await createActiveDestination(platform, { enabled_events: ['resend.held'] });
    fail();
    const failed = await publish(platform, 'resend.held');
    await platform.skip(6 * HOUR);
    platform.cloud.eventbridge.faults.clear();
    await platform.customer().deleteBus(sourceOf(destination));
    await platform.cloud.clock.advance(6 * 60 * SECOND);
    const held = await publish(platform, 'resend.held');
    await settle();
    await resendTo(failed, destination.id);
    await resendTo(held, destination.id);
    expect((await shown(failed, destination.id)).status).toBe('failed');
    expect((await shown(held, destination.id)).status).toBe('pending');
    expect(await collector.received()).toEqual([]);
    const again = await associate(platform, destination);
    await platform.cloud.clock.advance(180 * SECOND);
    expect(idsIn(await again.received()).sort()).toEqual([failed, held].sort());
    for (const event of [failed, held]) expect((await shown(event, destination.id)).status).toBe('delivered');
  });

  it('is made once for an Idempotency-Key', async () => {
    const { destination, collector } = await createActiveDestination(platform, { enabled_events: ['resend.once'] });
    const event = await publish(platform, 'resend.once');
    await settle();
    await collector.received();
    const options = { 'idempotency-key': 'resend-once' };
    await resend(event, { webhook_endpoint: destination.id }, options);
    const { status, headers, body } = await resend(event, { webhook_endpoint: destination.id }, options);
    expect([status, headers.get('idempotent-replayed'), body.id]).toEqual([200, 'true', event]);
    await settle();
    expect(idsIn(await collector.received())).toEqual([event]);
  });

  it('of a connected account’s event is asked for with `account`', async () => {
    const { destination, collector } = await createActiveDestination(platform, {
      enabled_events: ['resend.connected'],
      events_from: ['@accounts'],
    });
    const { connected_account: account, publish_key: key } = platform.seed;
    const { body } = await platform.request('POST', '/v1/events', {
      key,
      body: { type: 'resend.connected', data: { object: { id: 'cus_1' } } },
      headers: { 'stripe-account': account },
    });
    await settle();
    const answer = await resend(body.id, { webhook_endpoint: destination.id, account });
    expect(answer.body).toMatchObject({ id: body.id, account });
    await settle();
    expect(idsIn(await collector.received())).toEqual([body.id, body.id]);
    const { account: stranger } = await createAccount(platform);
    expect((await resend(body.id, { webhook_endpoint: destination.id, account: stranger })).status).toBe(404);
  });
});

describe('a delivery', () => {
  it('says until when it can be resent: thirty days by the API, fifteen by the Dashboard', async () => {
    const destination = await createDestination(platform, { enabled_events: ['resend.until'] });
    const created = platform.cloud.clock.now();
    const event = await publish(platform, 'resend.until');
    await settle();
    const path = `/v2/core/event_destinations/${destination.id}/deliveries`;
    const { body } = await platform.request('GET', path);
    expect(body.data[0]).toMatchObject({
      event,
      resendable_until: {
        api: new Date(created + 30 * 24 * HOUR).toISOString(),
        dashboard: new Date(created + 15 * 24 * HOUR).toISOString(),
      },
    });
  });
});

describe('a manual attempt is refused', () => {
  const refused = async (event: string, parameters: Record<string, string>) => {
    const { status, body } = await resend(event, parameters);
    return { status, ...body.error };
  };

  it('to a destination that does not exist, did not match, or was deleted', async () => {
    const event = await publish(platform, 'resend.refused');
    await settle();
    const later = await createDestination(platform, { enabled_events: ['resend.refused'] });
    const missing = { status: 404, code: 'resource_missing', param: 'webhook_endpoint' };
    expect(await refused(event, { webhook_endpoint: 'we_1' })).toMatchObject(missing);
    const unmatched = await refused(event, { webhook_endpoint: later.id });
    expect(unmatched).toMatchObject({ status: 400, param: 'webhook_endpoint' });
    expect(unmatched.message).toContain("was not subscribed to 'resend.refused'");
    await platform.stripe().v2.core.eventDestinations.del(later.id);
    const deleted = await refused(event, { webhook_endpoint: later.id });
    expect(deleted).toMatchObject(missing);
    expect(deleted.message).toContain('It was deleted');
  });

  it('to a destination that is disabled, or whose event source is gone', async () => {
    const destination = await createDestination(platform, { enabled_events: ['resend.off'] });
    const event = await publish(platform, 'resend.off');
    await settle();
    await platform.stripe().v2.core.eventDestinations.disable(destination.id);
    const disabled = await refused(event, { webhook_endpoint: destination.id });
    expect(disabled).toMatchObject({ status: 400, param: 'webhook_endpoint' });
    expect(disabled.message).toContain('is disabled. Enable it before resending.');
    await platform.stripe().v2.core.eventDestinations.enable(destination.id);
    // AWS deletes a source that nobody has associated for seven days.
    await platform.skip(7 * 24 * HOUR);
    await platform.cloud.clock.advance(300 * SECOND);
    const gone = await refused(event, { webhook_endpoint: destination.id });
    expect(gone).toMatchObject({ status: 400, param: 'webhook_endpoint' });
    expect(gone.message).toContain('Create a new event destination.');
  });

  it('without a destination, or with what is no parameter', async () => {
    const event = await publish(platform, 'resend.refused');
    await settle();
    expect(await refused(event, { for_stripecli: 'true' })).toMatchObject({ status: 400, param: 'webhook_endpoint' });
    expect(await refused(event, { color: 'blue' })).toMatchObject({ status: 400, param: 'color' });
  });

  it('of an event that there is not, or not any more', async () => {
    const event = await publish(platform, 'resend.old');
    await settle();
    const missing = { status: 404, code: 'resource_missing', param: 'id' };
    expect(await refused('evt_1', { webhook_endpoint: 'ed_1' })).toMatchObject(missing);
    await platform.skip(31 * 24 * HOUR);
    const old = await refused(event, { webhook_endpoint: 'ed_1' });
    expect(old).toMatchObject(missing);
    expect(old.message).toContain('It is too old to be resent: events are kept since 2026-');
  });
});
