import {
  CloudWatchClient,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  ListMetricsCommand,
} from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AwsError } from '../../local/aws-error.ts';
import { createActiveDestination, publish } from '../support/main-job.ts';
import { type Platform, startPlatform } from '../support/platform.ts';
import { failEntries, publishMany } from '../support/retries.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

let platform: Platform;
let cloudWatch: CloudWatchClient;
beforeAll(async () => {
  // Functions are throttled on purpose.
  platform = await startPlatform({ log: () => undefined });
  const credentials = { accessKeyId: '000000000000', secretAccessKey: 'local' };
  cloudWatch = new CloudWatchClient({ region: 'us-east-1', endpoint: platform.cloud.awsUrl, credentials });
  // From the first request on alarms are evaluated.
  expect((await cloudWatch.send(new DescribeAlarmsCommand({}))).MetricAlarms?.length).toBeGreaterThan(40);
});
afterAll(() => platform.close());

const named = (alarm: string) => `event-destinations-dev-${alarm}`;

async function stateOf(alarm: string) {
  const { MetricAlarms = [] } = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: [named(alarm)] }));
  expect(MetricAlarms, alarm).toHaveLength(1);
  return MetricAlarms[0]?.StateValue;
}

const queue = (part: string) => `arn:aws:sqs:us-east-1:000000000000:event-destinations-dev-${part}`;

/** Lambda has no concurrency left for a function, until what it returns is called. */
function throttle(functionName: string): () => void {
  const { lambda } = platform.cloud;
  lambda.beforeInvoke = (name) => {
    if (name.includes(functionName)) throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429);
  };
  return () => {
    lambda.beforeInvoke = undefined;
  };
}

describe('the alarms, by the metrics of what really happens', () => {
  it('are quiet while all is well', async () => {
    await createActiveDestination(platform, { enabled_events: ['alarm.quiet'] });
    await publish(platform, 'alarm.quiet');
    await platform.cloud.clock.advance(15 * MINUTE);
    const { MetricAlarms = [] } = await cloudWatch.send(new DescribeAlarmsCommand({ StateValue: 'ALARM' }));
    // Until the first night there was no round: after a first deployment as well.
    expect(MetricAlarms.map(({ AlarmName }) => AlarmName)).toEqual([named('reconciliation-silent')]);
  });

  it('say when a producer publishes what is no event, and when it has ended', async () => {
    await platform.cloud.sqs.send(queue('events'), { body: '{"nonsense":true}' });
    await platform.skip(2 * MINUTE);
    expect(await stateOf('events-rejected')).toBe('ALARM');
    await platform.skip(6 * MINUTE);
    expect(await stateOf('events-rejected')).toBe('OK');
    const { AlarmHistoryItems = [] } = await cloudWatch.send(
      new DescribeAlarmHistoryCommand({ AlarmName: named('events-rejected') }),
    );
    const told = AlarmHistoryItems.map(({ HistorySummary }) => HistorySummary);
    expect(told).toContain('Alarm updated from OK to ALARM');
    const action = 'Successfully executed action arn:aws:sns:us-east-1:000000000000:event-destinations-dev-alarms';
    expect(told.filter((summary) => summary === action).length).toBeGreaterThanOrEqual(2);
  });

  it('say when deliveries stand still, and when a queue waits', async () => {
    await createActiveDestination(platform, { enabled_events: ['alarm.stalled'] });
    const twelve = { count: 12, type: 'alarm.stalled', livemode: false };
    const heal = throttle('DeliverEventBridge');
    await publishMany(platform, twelve);
    await platform.skip(5 * MINUTE);
    expect(await stateOf('deliveries-stalled')).toBe('OK');
    await publishMany(platform, twelve);
    await platform.skip(4 * MINUTE);
    expect(await stateOf('deliveries-stalled')).toBe('ALARM');
    await platform.skip(25 * MINUTE);
    expect(await stateOf('queue-waiting-deliveries-eventbridge')).toBe('ALARM');
    heal();
    await platform.skip(15 * MINUTE);
    expect(await stateOf('deliveries-stalled')).toBe('OK');
    expect(await stateOf('queue-waiting-deliveries-eventbridge')).toBe('OK');
  });

  it('say when first attempts come late again and again', async () => {
    await createActiveDestination(platform, { enabled_events: ['alarm.late'] });
    for (let period = 0; period < 3; period += 1) {
      expect(await stateOf('first-attempts-late')).toBe('OK');
      const heal = throttle('DeliverEventBridge');
      await publish(platform, 'alarm.late');
      await platform.skip(70 * SECOND);
      heal();
      await platform.skip(5 * MINUTE - 70 * SECOND);
    }
    expect(await stateOf('first-attempts-late')).toBe('ALARM');
  });

  it('say when too many attempts fail, though each delivery succeeds at last and no breaker opens', async () => {
    const { destination } = await createActiveDestination(platform, { enabled_events: ['alarm.failing'] });
    const failed = new Set<unknown>();
    const heal = failEntries(platform, destination, ({ Detail }) => {
      const { id, data } = JSON.parse(String(Detail));
      if (failed.has(id) || Number(data.object.id.split('_')[1]) % 5 < 2) return false;
      failed.add(id);
      return true;
    });
    for (let period = 0; period < 3; period += 1) {
      expect(await stateOf('attempts-failing')).toBe('OK');
      await publishMany(platform, { count: 60, type: 'alarm.failing', livemode: false });
      await platform.skip(5 * MINUTE);
    }
    heal();
    expect(await stateOf('attempts-failing')).toBe('ALARM');
    expect(await stateOf('breakers-opening')).toBe('OK');
  });

  it('say when dead letters arrive', async () => {
    expect(await stateOf('dead-letters-deliveries-eventbridge-dead-letters')).toBe('OK');
    await platform.cloud.sqs.send(queue('deliveries-eventbridge-dead-letters'), { body: '{"v":99}' });
    await platform.skip(2 * MINUTE);
    expect(await stateOf('dead-letters-deliveries-eventbridge-dead-letters')).toBe('ALARM');
  });

  it('say when the reconciliation finds what nothing would have brought back', async () => {
    await createActiveDestination(platform, { enabled_events: ['alarm.lost'] });
    const error = new AwsError('AccessDeniedException', 'Not authorized');
    const heal = platform.cloud.eventbridge.faults.injectFault({ operation: 'PutPartnerEvents', error });
    await publish(platform, 'alarm.lost');
    await platform.skip(5 * SECOND);
    await platform.cloud.sqs.queue(queue('deliveries-eventbridge'))?.purge();
    heal();
    const untilThree = new Date(platform.cloud.clock.now()).setUTCHours(27, 10, 0, 0) - platform.cloud.clock.now();
    await platform.skip(untilThree, { reconciling: true });
    expect(await stateOf('reconciliation-findings')).toBe('ALARM');
    expect(await stateOf('reconciliation-silent')).toBe('OK');
    await platform.skip(2 * HOUR);
    expect(await stateOf('reconciliation-findings')).toBe('OK');
  });
});

describe('the metrics', () => {
  it('can be read by CloudWatch’s own client, percentiles and metric math included', async () => {
    const { Metrics = [] } = await cloudWatch.send(new ListMetricsCommand({ Namespace: 'EventDestinations' }));
    expect(Metrics.map(({ MetricName }) => MetricName)).toEqual(
      expect.arrayContaining(['accepted', 'matched', 'delivered', 'first_attempt_latency', 'delivery_latency']),
    );
    for (const { Dimensions } of Metrics)
      expect(Dimensions).toEqual([{ Name: 'service', Value: 'event-destinations-dev' }]);
    const metric = (MetricName: string, Stat: string) => ({
      MetricStat: {
        Metric: {
          Namespace: 'EventDestinations',
          MetricName,
          Dimensions: [{ Name: 'service', Value: 'event-destinations-dev' }],
        },
        Period: 24 * 3600,
        Stat,
      },
    });
    const { MetricDataResults = [] } = await cloudWatch.send(
      new GetMetricDataCommand({
        StartTime: new Date('2026-11-21T00:00:00Z'),
        EndTime: new Date('2026-11-22T00:00:00Z'),
        MetricDataQueries: [
          { Id: 'matched', ...metric('matched', 'Sum') },
          { Id: 'late', ...metric('first_attempt_latency', 'p99') },
          { Id: 'share', Expression: 'IF(matched > 0, 100 * matched / matched, 0)' },
        ],
      }),
    );
    const [matched, late, share] = MetricDataResults.map(({ Values }) => Values?.[0]);
    expect(matched).toBeGreaterThanOrEqual(14);
    expect(late).toBeGreaterThan(MINUTE);
    expect(share).toBe(100);
  });
});
