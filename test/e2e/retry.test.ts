import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { armCrash } from '../support/crash.ts';
import { createActiveDestination, deliveriesOf, publish } from '../support/main-job.ts';
import { metricValues } from '../support/metrics.ts';
import { type Collector, type Platform, startPlatform } from '../support/platform.ts';
import { failEntries, publishMany, retryMachineCounts } from '../support/retries.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform({ functionEnvironment: { DISABLE_FAILING_AFTER_DAYS: '4' } });
});
afterAll(() => platform.close());

/** An active destination in live mode for one type of event, at which everything fails until it is healed. */
async function createFailing(type: string) {
  const { live_key } = platform.seed;
  const { destination, collector } = await createActiveDestination(
    platform,
    { enabled_events: [type] },
    'us-east-1',
    live_key,
  );
  return { destination, collector, heal: failEntries(platform, destination) };
}

/** How many deliveries of the destination have a status. */
async function countBy(destination: string, status: string): Promise<number> {
  let found = 0;
  let path: string | null = `/v2/core/event_destinations/${destination}/deliveries?status=${status}&limit=100`;
  while (path) {
    const { body } = await platform.request('GET', path, { key: platform.seed.live_key });
    found += body.data.length;
    path = body.next_page_url;
  }
  return found;
}

/** The events about destinations that an account was told, whole, once the tracker has come by. */
async function newsOf(collector: Collector) {
  await platform.cloud.clock.advance(2 * MINUTE);
  const pushed = (await collector.received()).filter((envelope) =>
    envelope['detail-type'].includes('event_destination'),
  );
  const key = platform.seed.live_key;
  return Promise.all(
    pushed.map(async ({ detail }) => (await platform.request('GET', `/v2/core/events/${detail.id}`, { key })).body),
  );
}

/** The release function is killed after it has written that attribute, and hears nothing of it; once. */
async function killedAfterWriting(attribute: string, work: () => Promise<void>): Promise<void> {
  const of = (operation: string, input: unknown) =>
    operation === 'UpdateItem' && JSON.stringify(input).includes(attribute);
  const crash = armCrash(platform.cloud, { functionName: 'Release', nth: 1, of, when: 'after' });
  await work();
  expect(crash.crashed).toBe(true);
  crash.disarm();
}

describe('a delivery that fails at a destination which is well otherwise', () => {
  it('is attempted at the seconds that the policy says, delayed and scheduled, until it succeeds', async () => {
    const { destination, collector } = await createActiveDestination(platform, { enabled_events: ['*'] });
    const heal = failEntries(platform, destination, ({ DetailType }) => DetailType === 'invoice.poisoned');
    const event = await publish(platform, 'invoice.poisoned');
    const shown: number[] = [];
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      await platform.skip(2 * SECOND);
      const [delivery] = await deliveriesOf(platform, event);
      expect(delivery).toMatchObject({ status: 'pending', held_by: null });
      expect(delivery?.attempts).toHaveLength(attempt);
      const due = Date.parse(delivery?.next_attempt ?? '');
      shown.push(due);
      // What succeeds in between keeps the breaker closed.
      await publish(platform, 'invoice.paid');
      await platform.skip(due - platform.cloud.clock.now() - 2 * SECOND);
      expect((await deliveriesOf(platform, event))[0]?.attempts).toHaveLength(attempt);
      if (attempt === 3) heal();
      await platform.skip(3 * SECOND);
    }
    const [ended] = await deliveriesOf(platform, event);
    expect(ended).toMatchObject({ status: 'delivered' });
    for (const [index, due] of shown.entries()) {
      const made = Date.parse(ended?.attempts[index + 1]?.created ?? '');
      expect(made).toBeGreaterThanOrEqual(due);
      expect(made - due).toBeLessThanOrEqual(SECOND);
    }
    const received = (await collector.received()).map((envelope) => envelope['detail-type']);
    expect(received.filter((type) => type === 'invoice.poisoned')).toHaveLength(1);
  });
});

describe('a destination at which everything fails', () => {
  it('holds new events while its breaker is open, and says so and when the next probe is', async () => {
    const { heal } = await createFailing('charge.held');
    await publishMany(platform, { count: 5, type: 'charge.held', livemode: true });
    await platform.skip(10 * MINUTE);
    const event = await publish(platform, 'charge.held', { id: 'ch_1' }, platform.seed.publish_live_key);
    await platform.skip(2 * SECOND);
    const [delivery] = await deliveriesOf(platform, event, platform.seed.live_key);
    expect(delivery).toMatchObject({ status: 'pending', held_by: 'circuit_breaker', attempts: [] });
    const probe = Date.parse(delivery?.next_attempt ?? '');
    expect(probe).toBeGreaterThan(platform.cloud.clock.now());
    expect(probe).toBeLessThan(platform.cloud.clock.now() + 30 * MINUTE);
    heal();
    await platform.skip(HOUR);
    expect((await deliveriesOf(platform, event, platform.seed.live_key))[0]).toMatchObject({ status: 'delivered' });
  });

  it('ends with failed deliveries after three days; its account is told, and a day later it is disabled', async () => {
    const { live_key, publish_live_key } = platform.seed;
    const { collector: told } = await createActiveDestination(
      platform,
      {
        event_payload: 'thin',
        enabled_events: ['failing', 'disabled'].map((name) => `v2.core.event_destination.${name}`),
      },
      'us-east-1',
      live_key,
    );
    const { destination, collector, heal } = await createFailing('charge.lost');
    await publishMany(platform, { count: 30, type: 'charge.lost', livemode: true });
    const counted = () => metricValues(platform, 'failed').reduce((sum, value) => sum + value, 0);
    const before = counted();
    await killedAfterWriting('told_failing', () => platform.skip(3 * DAY + 5 * HOUR));
    expect(await countBy(destination.id, 'failed')).toBe(30);
    expect(counted() - before).toBe(30);
    expect(await countBy(destination.id, 'pending')).toBe(0);
    expect(await newsOf(told)).toMatchObject([
      {
        type: 'v2.core.event_destination.failing',
        related_object: { id: destination.id },
        data: { status: 'enabled', failing_since: expect.any(String), will_be_disabled: expect.any(String) },
      },
    ]);

    await publish(platform, 'charge.lost', { id: 'ch_31' }, publish_live_key);
    await killedAfterWriting('disabled_reason', () => platform.skip(DAY + 5 * HOUR));
    expect(await newsOf(told)).toMatchObject([
      {
        type: 'v2.core.event_destination.disabled',
        data: { status: 'disabled', reason: 'user', cause: 'failing', failing_since: expect.any(String) },
      },
    ]);
    const destinations = platform.stripe(live_key).v2.core.eventDestinations;
    expect(await destinations.retrieve(destination.id)).toMatchObject({
      status: 'disabled',
      status_details: { disabled: { reason: 'user' } },
    });
    expect(await countBy(destination.id, 'canceled')).toBe(1);
    heal();
    await destinations.enable(destination.id);
    await publish(platform, 'charge.lost', { id: 'ch_32' }, publish_live_key);
    await platform.skip(10 * MINUTE);
    expect((await collector.received()).map(({ detail }) => detail.data.object.id)).toEqual(['ch_32']);
  });

  it('gets everything after two days, once, for as many state transitions with one event as with two hundred and two thousand', async () => {
    const costs: number[] = [];
    for (const count of [1, 200, 2000]) {
      const type = `payout.failing_${count}`;
      const { destination, collector, heal } = await createFailing(type);
      const before = retryMachineCounts(platform).transitions;
      await publishMany(platform, { count, type, livemode: true });
      await platform.skip(2 * DAY);
      expect(await countBy(destination.id, 'pending')).toBe(count);
      expect(await collector.received()).toEqual([]);
      costs.push(retryMachineCounts(platform).transitions - before);
      // Nothing comes after the last: who waits for its deliveries, waits for nothing that the others have not shown.
      if (count === 2000) break;
      heal();
      // Past the wake-up after the probe that succeeds: it is no cost of the next destination's.
      await platform.skip(12 * HOUR);
      expect(await countBy(destination.id, 'delivered')).toBe(count);
      const ids = (await collector.received()).map(({ detail }) => detail.id);
      expect(new Set(ids).size).toBe(count);
      expect(ids).toHaveLength(count);
    }
    const [one = 0] = costs;
    expect(one).toBeGreaterThan(20);
    const most = Math.max(...costs.map((cost) => Math.abs(cost - one) / one));
    expect(most, `Transitions for 1, 200 and 2,000 events: ${costs.join(', ')}`).toBeLessThanOrEqual(0.1);
  }, 600_000);
});
