import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createAccount } from '../support/accounts.ts';
import { createActiveDestination, createDestination, deliveriesOf, publish, sourceOf } from '../support/main-job.ts';
import { type Platform, type RequestOptions, startPlatform } from '../support/platform.ts';
import { failEntries, publishMany } from '../support/retries.ts';

const RESENDS = '/v2/core/event_resends';
const DESTINATIONS = '/v2/core/event_destinations';
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

// Days of virtual time pass: a test that is cut off would leave them running into the next.
vi.setConfig({ testTimeout: 180_000 });

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform({ log: () => undefined });
});
afterAll(() => platform?.close());
afterEach(() => platform.cloud.eventbridge.faults.clear());

const clock = () => platform.cloud.clock;
const ago = (ms: number) => new Date(clock().now() - ms).toISOString();
const post = (path: string, body?: unknown, options: RequestOptions = {}) =>
  platform.request('POST', path, { ...options, ...(body !== undefined && { body }) });
const get = async (id: string) => (await platform.request('GET', `${RESENDS}/${id}`)).body;

async function resend(destination: string, more: object = {}) {
  const body = { event_destination: destination, event_created: { gte: ago(24 * HOUR) }, ...more };
  const answer = await post(RESENDS, body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body;
}
async function shown(event: string, destination: string) {
  return (await deliveriesOf(platform, event)).find((one) => one.event_destination === destination);
}
const switchTo = (id: string, what: 'enable' | 'disable') => post(`${DESTINATIONS}/${id}/${what}`);

describe('a bulk resend', () => {
  it('brings back what failed, was canceled and was skipped, and leaves alone what is delivered', async () => {
    const { destination, collector } = await createActiveDestination(platform, { enabled_events: ['bulk.ended'] });
    const delivered = await publish(platform, 'bulk.ended');
    await clock().advance(2 * SECOND);
    const heal = failEntries(platform, destination);
    const failed = await publish(platform, 'bulk.ended');
    await platform.skip(7 * HOUR);
    const canceled = await publish(platform, 'bulk.ended');
    await clock().advance(2 * SECOND);
    await switchTo(destination.id, 'disable');
    const skipped = await publish(platform, 'bulk.ended');
    await platform.skip(10 * MINUTE);
    const states = async () =>
      Promise.all(
        [delivered, failed, canceled, skipped].map(async (event) => (await shown(event, destination.id))?.status),
      );
    expect(await states()).toEqual(['delivered', 'failed', 'canceled', 'skipped']);
    await switchTo(destination.id, 'enable');
    heal();
    await collector.received();

    const job = await resend(destination.id);
    expect(job).toMatchObject({
      id: expect.stringMatching(/^resend_test_/),
      object: 'v2.core.event_resend',
      event_destination: destination.id,
      statuses: ['failed', 'canceled', 'skipped'],
      status: 'in_progress',
      status_details: null,
      progress: { matched: 0, sent: 0 },
      livemode: false,
    });
    await clock().advance(2 * MINUTE);
    expect(await states()).toEqual(['delivered', 'delivered', 'delivered', 'delivered']);
    const received = (await collector.received()).map(({ detail }) => detail.id);
    expect(received.sort()).toEqual([failed, canceled, skipped].sort());
    const done = await get(job.id);
    expect(done).toMatchObject({
      status: 'completed',
      progress: { matched: 3, sent: 3, through: done.event_created.lt },
    });
    // The attempts go on counting where they were.
    expect((await shown(failed, destination.id))?.attempts.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5]);
  });

  it("finds a connected account's event that was skipped where that account has it", async () => {
    const { destination, collector } = await createActiveDestination(platform, {
      enabled_events: ['bulk.connected'],
      events_from: ['@accounts'],
    });
    await switchTo(destination.id, 'disable');
    const account = platform.seed.connected_account;
    const body = { type: 'bulk.connected', data: { object: { id: 'ch_1' } } };
    const headers = { 'stripe-context': account };
    const published = await post('/v1/events', body, { key: platform.seed.publish_key, headers });
    await clock().advance(2 * SECOND);
    const listed = await platform.request('GET', `${DESTINATIONS}/${destination.id}/deliveries`);
    expect(listed.body.data).toMatchObject([{ event: published.body.id, status: 'skipped' }]);
    await switchTo(destination.id, 'enable');
    await resend(destination.id);
    await clock().advance(2 * MINUTE);
    const received = await collector.received();
    expect(received.map(({ detail }) => [detail.id, detail.account])).toEqual([[published.body.id, account]]);
  });

  it('has automatic retries in a new window, and what fails to their end is failed again', async () => {
    const { destination } = await createActiveDestination(platform, { enabled_events: ['bulk.again'] });
    failEntries(platform, destination);
    const event = await publish(platform, 'bulk.again');
    await platform.skip(30 * HOUR);
    expect(await shown(event, destination.id)).toMatchObject({ status: 'failed' });
    await resend(destination.id, { event_created: { gte: ago(48 * HOUR) } });
    await clock().advance(2 * MINUTE);
    const pending = await shown(event, destination.id);
    expect(pending).toMatchObject({ status: 'pending', next_attempt: expect.any(String) });
    await platform.skip(24 * HOUR);
    const ended = await shown(event, destination.id);
    expect(ended?.status).toBe('failed');
    expect(ended?.attempts.length).toBeGreaterThan(4);
  });

  it('of everything in a time range sends the delivered again, and un-delivers none of them by failing', async () => {
    const { destination, collector } = await createActiveDestination(platform, { enabled_events: ['bulk.all'] });
    const before = await publish(platform, 'bulk.all');
    await clock().advance(HOUR);
    const from = ago(0);
    const inside = await publish(platform, 'bulk.all');
    await clock().advance(MINUTE);
    const until = ago(0);
    const after = await publish(platform, 'bulk.all');
    await clock().advance(MINUTE);
    await collector.received();
    const statuses = ['failed', 'canceled', 'skipped', 'delivered'];
    const everything = { event_created: { gte: from, lt: until }, statuses };
    const job = await resend(destination.id, everything);
    await clock().advance(2 * MINUTE);
    expect((await collector.received()).map(({ detail }) => detail.id)).toEqual([inside]);
    expect(await get(job.id)).toMatchObject({ status: 'completed', progress: { matched: 1, sent: 1 }, statuses });

    failEntries(platform, destination);
    await resend(destination.id, everything);
    await clock().advance(2 * MINUTE);
    expect(await shown(inside, destination.id)).toMatchObject({
      status: 'delivered',
      attempts: [{ outcome: 'succeeded' }, { outcome: 'succeeded' }, { outcome: 'failed' }],
    });
    for (const event of [before, after]) expect((await shown(event, destination.id))?.attempts).toHaveLength(1);
  });

  it('goes out at the rate of a drain, ten a second at first', async () => {
    const { destination, collector } = await createActiveDestination(platform, { enabled_events: ['bulk.many'] });
    await switchTo(destination.id, 'disable');
    await publishMany(platform, { count: 120, type: 'bulk.many', livemode: false });
    await clock().advance(MINUTE);
    await switchTo(destination.id, 'enable');
    const job = await resend(destination.id);
    await clock().advance(6 * SECOND);
    const early = (await collector.received()).length;
    expect(early).toBeGreaterThanOrEqual(40);
    expect(early).toBeLessThanOrEqual(80);
    expect(await get(job.id)).toMatchObject({ status: 'completed', progress: { matched: 120, sent: 120 } });
    await clock().advance(10 * SECOND);
    expect(early + (await collector.received()).length).toBe(120);
  });

  it('sends nothing more once it is canceled, and leaves the rest for another one', async () => {
    const { destination, collector } = await createActiveDestination(platform, { enabled_events: ['bulk.cancel'] });
    await switchTo(destination.id, 'disable');
    const event = await publish(platform, 'bulk.cancel');
    await clock().advance(MINUTE);
    await switchTo(destination.id, 'enable');
    const only = ['--destination', destination.id, '--account', platform.seed.account];
    await platform.admin('deliveries', 'pause', ...only);
    const job = await resend(destination.id);
    await clock().advance(MINUTE);
    const canceled = await post(`${RESENDS}/${job.id}/cancel`);
    expect(canceled.body).toMatchObject({ status: 'canceled', status_details: { canceled: { reason: 'user' } } });
    await platform.admin('deliveries', 'resume', ...only);
    await clock().advance(10 * MINUTE);
    expect(await collector.received()).toEqual([]);
    expect((await post(`${RESENDS}/${job.id}/cancel`)).body.status).toBe('canceled');
    const rest = await resend(destination.id);
    await clock().advance(MINUTE);
    expect(await get(rest.id)).toMatchObject({ status: 'completed', progress: { matched: 1, sent: 1 } });
    expect((await collector.received()).map(({ detail }) => detail.id)).toEqual([event]);
  });

  it('waits while the destination holds, and ends when it is disabled', async () => {
    const { destination } = await createActiveDestination(platform, { enabled_events: ['bulk.holds'] });
    await switchTo(destination.id, 'disable');
    const event = await publish(platform, 'bulk.holds');
    await clock().advance(MINUTE);
    await switchTo(destination.id, 'enable');
    await platform.customer().deleteBus(sourceOf(destination));
    await clock().advance(7 * MINUTE);
    const job = await resend(destination.id);
    await clock().advance(2 * MINUTE);
    expect(await get(job.id)).toMatchObject({ status: 'in_progress', progress: { matched: 0 } });
    expect((await shown(event, destination.id))?.status).toBe('skipped');
    await platform.customer().associate(sourceOf(destination));
    await clock().advance(8 * MINUTE);
    expect(await get(job.id)).toMatchObject({ status: 'completed', progress: { sent: 1 } });
    expect((await shown(event, destination.id))?.status).toBe('delivered');

    await platform.customer().deleteBus(sourceOf(destination));
    await clock().advance(7 * MINUTE);
    const other = await resend(destination.id);
    await clock().advance(MINUTE);
    await switchTo(destination.id, 'disable');
    await clock().advance(6 * MINUTE);
    expect(await get(other.id)).toMatchObject({
      status: 'canceled',
      status_details: { canceled: { reason: 'destination_disabled' } },
    });
  });
});

describe('bulk resends', () => {
  it('are listed, newest first, page by page, and by destination', async () => {
    const { key } = await createAccount(platform);
    const [one, other] = [
      await createDestination(platform, {}, 'us-east-1', key),
      await createDestination(platform, {}, 'us-east-1', key),
    ];
    const jobs: string[] = [];
    for (const { id } of [one, other, one]) {
      const body = { event_destination: id, event_created: { gte: ago(HOUR) } };
      const { body: job } = await post(RESENDS, body, { key });
      jobs.unshift(job.id);
      await post(`${RESENDS}/${job.id}/cancel`, undefined, { key });
      await clock().advance(SECOND);
    }
    const list = async (path: string) => (await platform.request('GET', path, { key })).body;
    const ids = (body: { data: { id: string }[] }) => body.data.map(({ id }) => id);
    const first = await list(`${RESENDS}?limit=2`);
    expect(ids(first)).toEqual(jobs.slice(0, 2));
    expect(ids(await list(first.next_page_url))).toEqual(jobs.slice(2));
    expect(ids(await list(`${RESENDS}?event_destination=${other.id}`))).toEqual([jobs[1]]);
    expect((await platform.request('GET', `${RESENDS}/${jobs[0]}`)).status).toBe(404);
  });

  it('are begun once for an Idempotency-Key, and one at a time for a destination', async () => {
    // Its source is pending: the first one waits.
    const destination = await createDestination(platform);
    const body = { event_destination: destination.id, event_created: { gte: ago(HOUR) } };
    const headers = { 'idempotency-key': 'bulk-once' };
    const [first, second] = [await post(RESENDS, body, { headers }), await post(RESENDS, body, { headers })];
    expect([second.headers.get('idempotent-replayed'), second.body.id]).toEqual(['true', first.body.id]);
    const other = await post(RESENDS, body);
    expect(other).toMatchObject({ status: 400, body: { error: { code: 'event_resend_in_progress' } } });
    expect(other.body.error.message).toContain(`/v2/core/event_resends/${first.body.id}/cancel`);
    await post(`${RESENDS}/${first.body.id}/cancel`);
    expect((await post(RESENDS, body)).status).toBe(200);
  });

  it('cannot be canceled when they have ended', async () => {
    const { destination } = await createActiveDestination(platform);
    const { id } = await resend(destination.id);
    await clock().advance(MINUTE);
    const late = await post(`${RESENDS}/${id}/cancel`);
    expect(late).toMatchObject({ status: 400, body: { error: { code: 'event_resend_ended' } } });
  });

  it('are refused with words that help', async () => {
    const destination = await createDestination(platform);
    const begin = (body: object, options?: RequestOptions) =>
      post(RESENDS, { event_destination: destination.id, event_created: { gte: ago(HOUR) }, ...body }, options);
    const message = async (body: object) => {
      const answer = await begin(body);
      expect(answer.status).toBe(400);
      return answer.body.error.message;
    };
    expect(await message({ event_created: { gte: ago(0), lt: ago(HOUR) } })).toContain('it must begin before it ends');
    expect(await message({ event_created: { gte: ago(40 * 24 * HOUR), lt: ago(31 * 24 * HOUR) } })).toContain(
      'Events are kept since 2026-',
    );
    expect(await message({ event_created: { gte: 'yesterday' } })).toContain('Must be a time such as');
    expect(await message({ statuses: ['pending'] })).toContain("Unrecognized enum value 'pending'");
    expect((await begin({ event_destination: 'ed_1' })).status).toBe(404);
    await switchTo(destination.id, 'disable');
    expect(await message({})).toContain('Enable it with POST');
    const publisher = await begin({}, { key: platform.seed.publish_key });
    expect(publisher).toMatchObject({ status: 403, body: { error: { code: 'permission_denied' } } });
    const { key } = await createAccount(platform);
    expect((await begin({}, { key })).status).toBe(404);
  });
});
