import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deliveriesOf, publish, type ShownDelivery } from '../support/main-job.ts';
import { type Platform, startPlatform } from '../support/platform.ts';
import { answer, createWebhook, hang, type Receiver, startReceiver } from '../support/receiver.ts';
import { publishMany } from '../support/retries.ts';

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

describe('a webhook that hangs', () => {
  it('opens its breaker with its second time-out in a row, and a new URL lets everything go', async () => {
    const hook = await createWebhook(platform, receiver.url, { enabled_events: ['charge.hanging'] });
    receiver.answering = hang;
    await publishAndShow('charge.hanging');
    await publishAndShow('charge.hanging');
    const { event, delivery } = await publishAndShow('charge.hanging');
    expect(delivery).toMatchObject({ status: 'pending', held_by: 'circuit_breaker', attempts: [] });
    expect(receiver.requests).toHaveLength(2);
    const mended = await startReceiver();
    await destinations().update(hook.id, { webhook_endpoint: { url: mended.url } });
    await platform.skip(2 * MINUTE);
    expect((await deliveriesOf(platform, event))[0]).toMatchObject({ status: 'delivered' });
    await platform.skip(20 * MINUTE);
    expect(mended.requests).toHaveLength(3);
    await mended.close();
    await destinations().del(hook.id);
  });

  it('takes no time from others: after its first time-out the rest goes by the queue of the slow, and is held', async () => {
    const slowQueue = platform.cloud.sqs.queue(
      'arn:aws:sqs:us-east-1:000000000000:event-destinations-dev-slow-webhook',
    );
    const sentSlowly = () => slowQueue?.counts.sent ?? 0;
    const wants = { enabled_events: ['charge.many'] };
    const hook = await createWebhook(platform, receiver.url, wants);
    receiver.answering = hang;
    await publishMany(platform, { count: 30, type: 'charge.many', livemode: false });
    await clock().advance(2 * SECOND);
    const heldBy = async () => {
      const { body } = await platform.request('GET', `${DESTINATIONS}/${hook.id}/deliveries?limit=100`);
      return body.data.map((one: ShownDelivery) => one.held_by);
    };
    expect(sentSlowly()).toBeGreaterThan(0);
    expect(receiver.requests.length).toBeLessThan(30);
    expect(await heldBy()).toContain('circuit_breaker');
    // Those of the first batch were to be tried again: they are held as well.
    await platform.skip(6 * MINUTE);
    expect(await heldBy()).toEqual(Array.from({ length: 30 }, () => 'circuit_breaker'));

    // Well again: what was held comes by the slow queue until five have been quick, and then by that of all.
    receiver.answering = answer(200);
    await platform.skip(40 * MINUTE);
    expect(new Set(await heldBy())).toEqual(new Set([null]));
    const before = sentSlowly();
    const { delivery } = await publishAndShow('charge.many');
    expect(delivery).toMatchObject({ status: 'delivered' });
    expect(sentSlowly()).toBe(before);
    await destinations().del(hook.id);
  });
});

describe('a destination with a rate limit', () => {
  it('gets no more a second than that, loses nothing, and shows when each delivery has its turn', async () => {
    const hook = await createWebhook(platform, receiver.url, { enabled_events: ['charge.limited'] });
    const of = ['--destination', hook.id, '--account', platform.seed.account];
    await platform.admin('deliveries', 'limit', ...of, '--per-second', '2');
    await publishMany(platform, { count: 25, type: 'charge.limited', livemode: false });
    await clock().advance(SECOND);
    const waiting = async () => {
      const { body } = await platform.request('GET', `${DESTINATIONS}/${hook.id}/deliveries?limit=100`);
      return body.data.filter(({ status }: ShownDelivery) => status === 'pending');
    };
    const now = clock().now();
    const shown: ShownDelivery[] = await waiting();
    expect(shown.length).toBeGreaterThan(15);
    for (const { held_by, attempts, next_attempt } of shown) {
      expect([held_by, attempts]).toEqual([null, []]);
      expect(Date.parse(next_attempt ?? '') - now).toBeLessThan(15 * SECOND);
    }
    await clock().advance(20 * SECOND);
    expect(await waiting()).toEqual([]);
    const bySecond = Map.groupBy(receiver.requests, ({ headers }) => String(headers['webhook-timestamp']));
    for (const [, sent] of bySecond) expect(sent.length).toBeLessThanOrEqual(3);
    expect(receiver.requests).toHaveLength(25);
    expect(new Set(receiver.requests.map(({ headers }) => headers['webhook-id'])).size).toBe(25);

    await platform.admin('deliveries', 'limit', ...of, '--unlimited');
    await publishMany(platform, { count: 10, type: 'charge.limited', livemode: false });
    await clock().advance(SECOND);
    await destinations().del(hook.id);
  });
});
