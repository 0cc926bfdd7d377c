import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { killAtEveryCall } from '../support/crash.ts';
import {
  associate,
  createActiveDestination,
  deliveriesOf,
  type EventDestination,
  publish,
  sourceOf,
} from '../support/main-job.ts';
import { type Platform, startPlatform } from '../support/platform.ts';
import { failEntries } from '../support/retries.ts';
import { eventSourceOf } from '../support/sources.ts';

vi.setConfig({ testTimeout: 900_000 });

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform({ log: () => undefined });
});
afterAll(() => platform.close());

const clock = () => platform.cloud.clock;

/** An active destination, confirmed so just now, whose customer then deletes the bus. */
async function createAndLoseBus(type: string) {
  const { destination, collector } = await createActiveDestination(platform, { enabled_events: [type] });
  const loseBus = async () => {
    // The next collector reads the same queue.
    await collector.received();
    await platform.customer().deleteBus(sourceOf(destination));
  };
  return { destination, loseBus };
}

/** A few seconds after the tracker has seen the status, which it does in its next round. */
async function untilStatus({ id }: EventDestination, status: string) {
  for (let waited = 0; waited < 2 * MINUTE; waited += 5 * SECOND) {
    const source = await eventSourceOf(platform, id);
    if (source.status === status) return source;
    await clock().advance(5 * SECOND);
  }
  throw new Error(`The source is not ${status}`);
}

/** Detected within five minutes, returned two minutes later. */
const untilReturned = () => clock().advance(8 * MINUTE);

describe('an event source that loses its event bus', () => {
  it('gets again what was put to it since it was last confirmed, once it has a bus again', async () => {
    const { destination, loseBus } = await createAndLoseBus('fallback.dropped');
    await loseBus();
    const event = await publish(platform, 'fallback.dropped');
    await clock().advance(2 * SECOND);
    // AWS answered success and dropped it; nobody can know yet.
    expect(await deliveriesOf(platform, event)).toMatchObject([{ status: 'delivered' }]);
    await untilReturned();
    const [returned] = await deliveriesOf(platform, event);
    expect(returned).toMatchObject({ status: 'pending', held_by: 'source_pending', next_attempt: null });
    expect(returned?.attempts.map(({ outcome, aws_error_code }) => [outcome, aws_error_code])).toEqual([
      ['succeeded', null],
      ['failed', 'source_fell_back'],
    ]);
    const collector = await associate(platform, destination);
    await clock().advance(2 * MINUTE);
    expect((await collector.received()).map(({ detail }) => detail.id)).toEqual([event]);
    const [ended] = await deliveriesOf(platform, event);
    expect(ended).toMatchObject({ status: 'delivered' });
    expect(ended?.attempts.map(({ number }) => number)).toEqual([1, 2, 3]);
  });

  it('is charged for no time without a bus, also of what its circuit breaker had held before', async () => {
    const type = 'fallback.open';
    const { destination, loseBus } = await createAndLoseBus(type);
    const heal = failEntries(platform, destination);
    for (let failures = 0; failures < 4; failures += 1) {
      await publish(platform, type);
      await platform.skip(MINUTE);
    }
    const event = await publish(platform, type);
    await platform.skip(2 * SECOND);
    expect(await deliveriesOf(platform, event)).toMatchObject([{ status: 'pending', held_by: 'circuit_breaker' }]);
    await loseBus();
    await untilStatus(destination, 'pending');
    // Test mode's window is six hours.
    await platform.skip(24 * HOUR);
    heal();
    const collector = await associate(platform, destination);
    await untilStatus(destination, 'active');
    // Until the next round of probes.
    await platform.skip(5 * HOUR);
    expect(await deliveriesOf(platform, event)).toMatchObject([{ status: 'delivered' }]);
    expect((await collector.received()).map(({ detail }) => detail.id)).toContain(event);
  });

  it('does not get again what was confirmed, but what was retried since, and the copy of what was resent', async () => {
    const type = 'fallback.late';
    const { destination, loseBus } = await createAndLoseBus(type);
    const firm = await publish(platform, type);
    const resent = await publish(platform, type);
    await clock().advance(2 * SECOND);
    const heal = failEntries(platform, destination);
    const retried = await publish(platform, type);
    await clock().advance(2 * SECOND);
    heal();
    // Two confirmations later the bus goes; the retry of five minutes comes after that.
    const [waiting] = await deliveriesOf(platform, retried);
    await clock().advance(Date.parse(waiting?.next_attempt ?? '') - clock().now() - 5 * SECOND);
    await loseBus();
    await platform.stripe().rawRequest('POST', `/v1/events/${resent}/retry`, { webhook_endpoint: destination.id });
    // The due time has jitter: a round of the tracker may fall between, and would hold the retry.
    await platform.skip(10 * SECOND);
    expect(await deliveriesOf(platform, retried)).toMatchObject([{ status: 'delivered' }]);
    await untilReturned();
    expect(await deliveriesOf(platform, firm)).toMatchObject([{ status: 'delivered', attempts: [{}] }]);
    expect(await deliveriesOf(platform, retried)).toMatchObject([{ status: 'pending', held_by: 'source_pending' }]);
    // It had arrived before: what may have been dropped is a copy.
    const [copied] = await deliveriesOf(platform, resent);
    expect(copied?.status).toBe('delivered');
    expect(copied?.attempts.map(({ manual, outcome, aws_error_code }) => [manual, outcome, aws_error_code])).toEqual([
      [false, 'succeeded', null],
      [true, 'succeeded', null],
      [true, 'failed', 'source_fell_back'],
    ]);
    const collector = await associate(platform, destination);
    await clock().advance(2 * MINUTE);
    const ids = (await collector.received()).map(({ detail }) => detail.id);
    expect(ids.toSorted()).toEqual([retried, resent].toSorted());
    const [ended] = await deliveriesOf(platform, resent);
    expect(ended).toMatchObject({ status: 'delivered', attempts: { length: 4 } });
    expect(ended?.attempts.at(-1)).toMatchObject({ manual: true, outcome: 'succeeded' });
  });

  it('never makes undelivered what a bulk resend has sent once more', async () => {
    const type = 'fallback.bulk';
    const { destination, loseBus } = await createAndLoseBus(type);
    const event = await publish(platform, type);
    await clock().advance(10 * MINUTE);
    await loseBus();
    await platform.stripe().rawRequest('POST', '/v2/core/event_resends', {
      event_destination: destination.id,
      event_created: { gte: new Date(clock().now() - HOUR).toISOString() },
      statuses: ['delivered'],
    });
    await clock().advance(20 * SECOND);
    await untilReturned();
    await platform.stripe().v2.core.eventDestinations.disable(destination.id);
    await clock().advance(5 * MINUTE);
    expect(await deliveriesOf(platform, event)).toMatchObject([{ status: 'delivered' }]);
  });

  it('releases nothing before everything is returned, even if it has a bus again at once', async () => {
    const { destination, loseBus } = await createAndLoseBus('fallback.quick');
    await loseBus();
    const dropped = await publish(platform, 'fallback.quick');
    await untilStatus(destination, 'pending');
    const collector = await associate(platform, destination);
    expect(await untilStatus(destination, 'active')).toMatchObject({ returning: { from: expect.any(String) } });
    const held = await publish(platform, 'fallback.quick');
    await clock().advance(2 * SECOND);
    expect(await deliveriesOf(platform, held)).toMatchObject([{ status: 'pending', held_by: 'source_pending' }]);
    await clock().advance(3 * MINUTE);
    const ids = (await collector.received()).map(({ detail }) => detail.id);
    expect(ids.toSorted()).toEqual([dropped, held].toSorted());
  });

  it('ends what was dropped as canceled when the destination is deleted meanwhile', async () => {
    const { destination, loseBus } = await createAndLoseBus('fallback.deleted');
    await loseBus();
    const event = await publish(platform, 'fallback.deleted');
    await clock().advance(6 * MINUTE);
    await platform.stripe().v2.core.eventDestinations.disable(destination.id);
    await clock().advance(5 * MINUTE);
    expect(await deliveriesOf(platform, event)).toMatchObject([{ status: 'canceled', reason: 'destination_disabled' }]);
  });

  // Hours pass in each of its plays, which takes minutes: `npm run test:long`.
  it.skipIf(process.env.CRASHES !== 'all').each(['TrackSources', 'Release'])(
    'loses nothing when %s is killed at any of its AWS calls',
    async (functionName) => {
      const type = `fallback.${functionName.toLowerCase()}`;
      const { destination, loseBus } = await createAndLoseBus(type);
      const crashes = await killAtEveryCall(platform.cloud, functionName, async (crashing) => {
        await loseBus();
        const event = await publish(platform, type);
        await clock().advance(2 * SECOND);
        await crashing(() => clock().advance(8 * MINUTE));
        await platform.skip(2 * HOUR);
        const collector = await associate(platform, destination);
        await clock().advance(3 * MINUTE);
        await platform.skip(2 * HOUR);
        await clock().advance(2 * MINUTE);
        expect(await deliveriesOf(platform, event)).toMatchObject([{ status: 'delivered' }]);
        expect(new Set((await collector.received()).map(({ detail }) => detail.id))).toEqual(new Set([event]));
      });
      expect(crashes).toBeGreaterThanOrEqual(8);
    },
  );
});
