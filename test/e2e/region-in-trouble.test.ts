import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AwsError } from '../../local/aws-error.ts';
import { createActiveDestination, deliveriesOf, publish } from '../support/main-job.ts';
import { metricValues } from '../support/metrics.ts';
import { type Platform, startPlatform } from '../support/platform.ts';
import { publishMany, retryMachineCounts } from '../support/retries.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform({ log: () => undefined });
});
afterAll(() => platform?.close());

const clock = () => platform.cloud.clock;
const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:event-destinations-dev-deliveries-eventbridge';
const queue = () => platform.cloud.sqs.queue(QUEUE);
const inFlight = () => Number(queue()?.getAttribute('ApproximateNumberOfMessagesNotVisible'));
const deadLetters = () => queue()?.counts.deadLettered;

/** How often the log says so of an event. */
function givenBack(event: string): number {
  const groups = platform.cloud.logs.snapshot('nobody') as { events: { message: string }[] }[];
  const lines = groups.flatMap(({ events }) => events.map(({ message }) => message));
  return lines.filter((line) => line.includes('"A delivery is given back"') && line.includes(event)).length;
}

/** Until what it returns is called. */
const trouble = (region: string) =>
  platform.cloud.eventbridge.faults.injectFault({
    operation: 'PutPartnerEvents',
    region,
    error: new AwsError('InternalException', 'Trouble', 500),
  });

describe('a Region in which EventBridge takes no events', () => {
  it('has nothing in flight after a few minutes, so that its queue serves the others, and gets everything later', async () => {
    const types = { dead: 'trouble.there', well: 'trouble.elsewhere' };
    const there = await createActiveDestination(platform, { enabled_events: [types.dead] }, 'eu-west-1');
    const elsewhere = await createActiveDestination(platform, { enabled_events: [types.well] });
    const heal = trouble('eu-west-1');
    const count = 60;
    await publishMany(platform, { count, type: types.dead, livemode: false });
    await platform.skip(10 * SECOND);
    expect(inFlight()).toBe(count);
    await platform.skip(4 * MINUTE);
    expect(inFlight()).toBe(0);
    const event = await publish(platform, types.well);
    await platform.skip(5 * SECOND);
    expect((await elsewhere.collector.received()).map(({ detail }) => detail.id)).toEqual([event]);

    // Far longer than the retry window of test mode, and than twenty receives take.
    await platform.skip(3 * DAY);
    heal();
    await platform.skip(6 * HOUR);
    expect(await there.collector.received()).toHaveLength(count);
    expect(deadLetters()).toBe(0);
  });

  it('is charged to nobody, and each delivery says when it is tried again', async () => {
    const { collector } = await createActiveDestination(platform, { enabled_events: ['trouble.shown'] }, 'eu-west-2');
    const heal = trouble('eu-west-2');
    const event = await publish(platform, 'trouble.shown');
    await platform.skip(DAY);
    const [delivery] = await deliveriesOf(platform, event);
    expect(delivery).toMatchObject({ status: 'pending', held_by: null, attempts: [] });
    const ahead = Date.parse(delivery?.next_attempt ?? '') - clock().now();
    expect(ahead).toBeGreaterThan(0);
    expect(ahead).toBeLessThan(5 * HOUR);
    expect(metricValues(platform, 'given_back').reduce((sum, value) => sum + value, 0)).toBeGreaterThan(0);
    // The log says why for as long as it goes on, not only of what is still in the queue.
    expect(givenBack(event)).toBeGreaterThan(5);
    heal();
    await platform.skip(ahead + 10 * SECOND);
    expect(await deliveriesOf(platform, event)).toMatchObject([{ status: 'delivered', attempts: [{ number: 1 }] }]);
    expect(await collector.received()).toHaveLength(1);
  });

  it('floods no destination that has a rate limit when it is well again', async () => {
    const type = 'trouble.limited';
    const { destination, collector } = await createActiveDestination(
      platform,
      { enabled_events: [type] },
      'eu-central-1',
    );
    await platform.admin(
      'deliveries',
      'limit',
      '--destination',
      destination.id,
      '--account',
      platform.seed.account,
      '--per-second',
      '1',
    );
    const heal = trouble('eu-central-1');
    const count = 120;
    await publishMany(platform, { count, type, livemode: false });
    await platform.skip(6 * HOUR);
    heal();
    const perMinute: number[] = [];
    for (let waited = 0; waited < 5 * 60; waited += 1) {
      await platform.skip(MINUTE);
      perMinute.push((await collector.received()).length);
    }
    expect(perMinute.reduce((sum, arrived) => sum + arrived, 0)).toBe(count);
    // By a second each, and what a batch waits for.
    expect(Math.max(...perMinute), perMinute.filter(Boolean).join()).toBeLessThanOrEqual(65);
  });

  it('costs as many executions for many events as for one', async () => {
    const executionsFor = async (count: number, type: string) => {
      await createActiveDestination(platform, { enabled_events: [type] }, 'eu-west-3');
      const heal = trouble('eu-west-3');
      const before = retryMachineCounts(platform).executions;
      await publishMany(platform, { count, type, livemode: true });
      await platform.skip(DAY);
      heal();
      await platform.skip(6 * HOUR);
      return retryMachineCounts(platform).executions - before;
    };
    expect(await executionsFor(40, 'trouble.many')).toBeLessThanOrEqual((await executionsFor(1, 'trouble.one')) + 2);
  });
});
