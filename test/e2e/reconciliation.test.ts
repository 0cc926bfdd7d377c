import { PurgeQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AwsError } from '../../local/aws-error.ts';
import { associate, createActiveDestination, createDestination, deliveriesOf, publish } from '../support/main-job.ts';
import { metricValues } from '../support/metrics.ts';
import { type Platform, startPlatform } from '../support/platform.ts';
import { failEntries, publishMany } from '../support/retries.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform({ log: () => undefined });
});
afterAll(() => platform.close());

const live = () => ({ key: platform.seed.live_key, publish: platform.seed.publish_live_key });

/** The sum of what the rounds during the work have found; that there was a round at all. */
async function foundDuring(work: () => Promise<void>): Promise<{ rounds: number; findings: number }> {
  const before = metricValues(platform, 'reconciliation_findings').length;
  await work();
  const values = metricValues(platform, 'reconciliation_findings').slice(before);
  return { rounds: values.length, findings: values.reduce((sum, value) => sum + value, 0) };
}

/** Until the end of the next daily round. */
const untilReconciled = () => platform.skip(DAY + HOUR, { reconciling: true });

function queue(name: string) {
  const credentials = { accessKeyId: '000000000000', secretAccessKey: 'local' };
  const sqs = new SQSClient({
    region: 'us-east-1',
    endpoint: platform.cloud.awsUrl,
    credentials,
    useQueueUrlAsEndpoint: false,
  });
  const QueueUrl = `${platform.cloud.awsUrl}/000000000000/event-destinations-dev-${name}`;
  return { purge: () => sqs.send(new PurgeQueueCommand({ QueueUrl })) };
}

/** Does what releases something, of which every message is lost. */
async function losingReleases<Result>(work: () => Promise<Result>): Promise<Result> {
  const { lambda, clock } = platform.cloud;
  const invoke = lambda.invoke.bind(lambda);
  lambda.invoke = async (name, ...rest) => {
    if (name.includes('Release')) throw new Error('Not now');
    return invoke(name, ...rest);
  };
  const result = await work();
  await clock.advance(3 * MINUTE);
  await queue('releases').purge();
  lambda.invoke = invoke;
  return result;
}

describe('the daily reconciliation', () => {
  it('finds nothing where all is well: delivered, failing, held and canceled events', async () => {
    await createActiveDestination(platform, { enabled_events: ['rec.well'] });
    const pending = await createDestination(platform, { enabled_events: ['rec.well'] });
    const failing = await createActiveDestination(
      platform,
      { enabled_events: ['rec.failing'] },
      'us-east-1',
      live().key,
    );
    failEntries(platform, failing.destination);
    await publish(platform, 'rec.well');
    await publishMany(platform, { count: 60, type: 'rec.failing', livemode: true });
    const found = await foundDuring(() => platform.skip(3 * DAY, { reconciling: true }));
    expect(found.rounds).toBeGreaterThanOrEqual(9);
    expect(found.findings).toBe(0);
    // Its source would expire in the middle of what the others do.
    await platform.stripe().v2.core.eventDestinations.del(pending.id);
  }, 180_000);

  it('finds nothing where a Region takes no events for a day: each delivery says when it is tried again', async () => {
    const { destination, collector } = await createActiveDestination(platform, { enabled_events: ['rec.region'] });
    const heal = platform.cloud.eventbridge.faults.injectFault({
      operation: 'PutPartnerEvents',
      error: new AwsError('AccessDeniedException', 'Not authorized'),
    });
    const event = await publish(platform, 'rec.region');
    expect(await foundDuring(untilReconciled)).toMatchObject({ findings: 0 });
    const [delivery] = await deliveriesOf(platform, event);
    expect(delivery).toMatchObject({ status: 'pending', held_by: null, attempts: [] });
    const next = Date.parse(delivery?.next_attempt ?? '');
    expect(next).toBeGreaterThan(platform.cloud.clock.now());
    heal();
    await platform.skip(next - platform.cloud.clock.now() + 10 * SECOND);
    expect(await deliveriesOf(platform, event)).toMatchObject([{ status: 'delivered', attempts: [{ number: 1 }] }]);
    expect((await collector.received()).map(({ detail }) => detail.id)).toEqual([event]);
    await platform.stripe().v2.core.eventDestinations.del(destination.id);
  });

  it('finds an event whose first message was lost, and delivers it', async () => {
    const { collector } = await createActiveDestination(platform, { enabled_events: ['rec.lost'] });
    const heal = platform.cloud.eventbridge.faults.injectFault({
      operation: 'PutPartnerEvents',
      error: new AwsError('AccessDeniedException', 'Not authorized'),
    });
    const event = await publish(platform, 'rec.lost');
    await platform.skip(5 * SECOND);
    await queue('deliveries-eventbridge').purge();
    heal();
    await platform.skip(2 * HOUR);
    expect(await deliveriesOf(platform, event)).toMatchObject([{ status: 'pending', attempts: [] }]);
    expect(await foundDuring(untilReconciled)).toMatchObject({ findings: 1 });
    expect(await deliveriesOf(platform, event)).toMatchObject([{ status: 'delivered' }]);
    expect((await collector.received()).map(({ detail }) => detail.id)).toEqual([event]);
    expect(await foundDuring(untilReconciled)).toMatchObject({ findings: 0 });
  });

  it('finds a delivery whose retry was lost, and goes on with it', async () => {
    const { destination, collector } = await createActiveDestination(platform, { enabled_events: ['rec.retry'] });
    const heal = failEntries(platform, destination);
    const event = await publish(platform, 'rec.retry');
    await platform.skip(5 * SECOND);
    heal();
    await queue('deliveries-eventbridge').purge();
    await platform.skip(HOUR);
    expect(await deliveriesOf(platform, event)).toMatchObject([{ status: 'pending' }]);
    expect(await foundDuring(untilReconciled)).toMatchObject({ findings: 1 });
    expect(await deliveriesOf(platform, event)).toMatchObject([{ status: 'delivered', attempts: [{}, {}] }]);
    expect((await collector.received()).map(({ detail }) => detail.id)).toEqual([event]);
  });

  it('finds what a lost release would have taken, and releases it', async () => {
    const destination = await createDestination(platform, { enabled_events: ['rec.release'] });
    await publishMany(platform, { count: 25, type: 'rec.release', livemode: false });
    const collector = await losingReleases(() => associate(platform, destination));
    await platform.skip(2 * HOUR);
    expect(await collector.received()).toEqual([]);
    expect(await foundDuring(untilReconciled)).toMatchObject({ findings: 25 });
    const received = (await collector.received()).map(({ detail }) => detail.id);
    expect([received.length, new Set(received).size]).toEqual([25, 25]);
  });

  it('finds what was on its way to a destination that is deleted, and cancels it', async () => {
    const destination = await createDestination(platform, { enabled_events: ['rec.deleted'] });
    const event = await publish(platform, 'rec.deleted');
    await platform.skip(5 * SECOND);
    await losingReleases(() => platform.stripe().v2.core.eventDestinations.del(destination.id));
    await platform.skip(2 * HOUR);
    expect(await deliveriesOf(platform, event)).toMatchObject([{ status: 'pending', held_by: 'source_pending' }]);
    expect(await foundDuring(untilReconciled)).toMatchObject({ findings: 1 });
    expect(await deliveriesOf(platform, event)).toMatchObject([{ status: 'canceled', reason: 'destination_deleted' }]);
    expect(await foundDuring(untilReconciled)).toMatchObject({ findings: 0 });
  });

  it('ends what has waited for as long as events are kept, while it can still be read', async () => {
    const { destination } = await createActiveDestination(platform, { enabled_events: ['rec.forever'] });
    const one = ['--destination', destination.id, '--account', platform.seed.account];
    await platform.admin('deliveries', 'pause', ...one);
    const event = await publish(platform, 'rec.forever');
    await platform.skip(28.5 * DAY);
    expect(await deliveriesOf(platform, event)).toMatchObject([{ status: 'pending', held_by: 'paused' }]);
    const before = metricValues(platform, 'failed').length;
    expect(await foundDuring(() => platform.skip(DAY + HOUR, { reconciling: true }))).toMatchObject({ findings: 0 });
    expect(await deliveriesOf(platform, event)).toMatchObject([{ status: 'failed', reason: 'event_expired' }]);
    expect(metricValues(platform, 'failed').slice(before)).toEqual([1]);
    await platform.admin('deliveries', 'resume', ...one);
  });

  it('finds a breaker that lost its wake-up, and revives its probes', async () => {
    const { key, publish: publishKey } = live();
    const wants = { enabled_events: ['rec.breaker'] };
    const { destination, collector } = await createActiveDestination(platform, wants, 'us-east-1', key);
    const heal = failEntries(platform, destination);
    const event = await publish(platform, 'rec.breaker', { id: 'obj_1' }, publishKey);
    await platform.skip(5 * MINUTE);
    expect(await deliveriesOf(platform, event, key)).toMatchObject([{ held_by: 'circuit_breaker' }]);
    await stopExecutions(destination.id);
    heal();
    await platform.skip(3 * HOUR);
    expect(await deliveriesOf(platform, event, key)).toMatchObject([{ held_by: 'circuit_breaker' }]);
    expect(await foundDuring(untilReconciled)).toMatchObject({ findings: 1 });
    await platform.skip(HOUR);
    expect((await collector.received()).map(({ detail }) => detail.id)).toEqual([event]);
  });
});

/** Somebody stops what waits for the destination's slots. */
async function stopExecutions(destination: string): Promise<void> {
  const owner = { account: '000000000000', region: 'us-east-1' };
  const stateMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:event-destinations-dev-retry';
  const { stepFunctions } = platform.cloud;
  const listed = (await stepFunctions?.handle(
    'ListExecutions',
    { stateMachineArn, statusFilter: 'RUNNING' },
    owner,
  )) as {
    executions: { name: string; executionArn: string }[];
  };
  for (const { name, executionArn } of listed.executions)
    if (name.startsWith(destination)) await stepFunctions?.handle('StopExecution', { executionArn }, owner);
}
