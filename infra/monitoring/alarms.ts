import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, type IMetric, MathExpression, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { MINUTES_5, P99, type ServiceMetrics } from './metrics.ts';
import type { Named } from './watched.ts';

/** One alarm, or one for each queue, function or table. */
export interface AlarmRow {
  /** Part of the alarm's name, and the runbook's section in docs/operations.md. */
  readonly name: string;
  readonly says: string;
  readonly metric: IMetric | readonly { readonly of: Named; readonly metric: IMetric }[];
  readonly when: ComparisonOperator;
  readonly threshold: number;
  /** Periods of the metric in a row. */
  readonly periods: number;
  /** What it means that there is nothing to measure. */
  readonly missing: TreatMissingData;
}

type Condition = Pick<AlarmRow, 'when' | 'threshold' | 'periods' | 'missing'>;

/** On while it is at the threshold or over it; where there is nothing to measure, nothing is wrong. */
const reaches = (threshold: number, { periods }: Pick<AlarmRow, 'periods'>): Condition => ({
  when: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  missing: TreatMissingData.NOT_BREACHING,
  threshold,
  periods,
});

/** On while something does not happen that always does: that there is nothing to measure is what is wrong. */
const isSilent = ({ periods }: Pick<AlarmRow, 'periods'>): Condition => ({
  when: ComparisonOperator.LESS_THAN_THRESHOLD,
  missing: TreatMissingData.BREACHING,
  threshold: 1,
  periods,
});

const SECONDS_BY_QUEUE: Readonly<Record<string, number>> = {
  events: 300,
  'source-checks': 300,
  // A part of the daily round may have to wait for its turn.
  reconciliations: 6 * 3600,
};
/** A message may have been sent with fifteen minutes of delay. */
const SECONDS_OF_OTHER_QUEUES = 1800;

/** What wakes somebody, the most important first. */
export function alarmTable(metrics: ServiceMetrics): AlarmRow[] {
  const { queues, deadLetters, functions, tables } = metrics.watched;
  const each = (named: readonly Named[], metric: (of: Named) => IMetric) =>
    named.map((of) => ({ of, metric: metric(of) }));
  const tracker = functions.filter(({ label }) => label === 'track-sources');
  return [
    {
      name: 'deliveries-stalled',
      says: 'Events match destinations, and nothing becomes of their deliveries',
      metric: stalled(metrics),
      ...reaches(1, { periods: 2 }),
    },
    {
      name: 'first-attempts-late',
      says: 'One of a hundred events waits for its first attempt for more than a minute',
      metric: metrics.own('first_attempt_latency', { statistic: P99 }),
      ...reaches(60_000, { periods: 3 }),
    },
    {
      name: 'attempts-failing',
      says: 'At least three of ten attempts fail, of at least fifty',
      metric: failingShare(metrics),
      ...reaches(30, { periods: 3 }),
    },
    {
      name: 'breakers-opening',
      says: 'The circuit breakers of ten destinations opened within a quarter of an hour',
      metric: metrics.own('breaker_opened', { period: Duration.minutes(15) }),
      ...reaches(10, { periods: 1 }),
    },
    ...queues.map(
      (queue): AlarmRow => ({
        name: 'queue-waiting',
        says: 'The oldest message of a queue is older than it should ever be',
        metric: each([queue], (of) => metrics.queue(of, 'ApproximateAgeOfOldestMessage', Duration.minutes(1))),
        ...reaches(SECONDS_BY_QUEUE[queue.label] ?? SECONDS_OF_OTHER_QUEUES, { periods: 3 }),
      }),
    ),
    {
      name: 'dead-letters',
      says: 'Messages failed twenty times; they will be returned by themselves',
      metric: each(deadLetters, (of) => metrics.messagesIn(of)),
      ...reaches(1, { periods: 1 }),
    },
    {
      name: 'dead-letters-parked',
      says: 'A dead letter was returned ten times in vain, and waits for you',
      metric: metrics.own('dead_letter_parked'),
      ...reaches(1, { periods: 1 }),
    },
    {
      name: 'events-rejected',
      says: 'A producer published what is no event, or names no account, by the bus or the queue',
      metric: metrics.own('rejected'),
      ...reaches(1, { periods: 1 }),
    },
    {
      name: 'messages-given-back',
      says: 'Work fails for reasons of our own, and comes again',
      metric: metrics.own('given_back'),
      ...reaches(10, { periods: 3 }),
    },
    {
      name: 'reconciliation-findings',
      says: 'Deliveries were found that nothing would have brought back; they were brought back',
      metric: metrics.own('reconciliation_findings', { period: Duration.hours(1) }),
      ...reaches(1, { periods: 1 }),
    },
    {
      name: 'reconciliation-silent',
      says: 'No daily reconciliation has begun for two days',
      metric: metrics.own('reconciliation_rounds', { period: Duration.days(1) }),
      ...isSilent({ periods: 2 }),
    },
    {
      name: 'tracker-silent',
      says: 'Nobody asks AWS for the states of event sources',
      metric: each(tracker, (of) => metrics.fn(of, 'Invocations')),
      ...isSilent({ periods: 2 }),
    },
    {
      name: 'sources-gone',
      says: 'Ten event sources were found gone within an hour: customers forget one, not ten',
      metric: goneSources(metrics),
      ...reaches(10, { periods: 1 }),
    },
    {
      name: 'partner-not-authorized',
      says: 'AWS refuses this account the calls of a partner',
      metric: metrics.own('partner_not_authorized'),
      ...reaches(1, { periods: 1 }),
    },
    {
      name: 'function-failing',
      says: 'A function crashes or times out',
      metric: each(functions, (of) => metrics.fn(of, 'Errors')),
      ...reaches(1, { periods: 3 }),
    },
    {
      name: 'function-throttled',
      says: 'Lambda has no concurrency left for a function',
      metric: each(functions, (of) => metrics.fn(of, 'Throttles')),
      ...reaches(1, { periods: 3 }),
    },
    {
      name: 'api-failing',
      says: 'The API answers 5xx',
      metric: metrics.api('5XXError'),
      ...reaches(5, { periods: 2 }),
    },
    {
      name: 'api-slow',
      says: 'One of a hundred requests takes five seconds or more',
      metric: metrics.api('Latency', P99),
      ...reaches(5000, { periods: 3 }),
    },
    {
      name: 'retry-machine-failing',
      says: 'A wake-up ended otherwise than by itself, or Step Functions throttles them',
      metric: badExecutions(metrics),
      ...reaches(1, { periods: 1 }),
    },
    {
      name: 'retry-machine-full',
      says: 'Four fifths of the open executions that the account may have are there',
      metric: metrics.openExecutions(),
      ...reaches(800_000, { periods: 1 }),
    },
    {
      name: 'table-throttled',
      says: 'DynamoDB throttles a table',
      metric: each(tables, (of) => throttled(metrics, of)),
      ...reaches(1, { periods: 3 }),
    },
  ];
}

const SETTLED = ['delivered', 'attempt_failed', 'failed', 'held', 'canceled'] as const;

function stalled(metrics: ServiceMetrics): IMetric {
  const settled = SETTLED.map((name) => `FILL(${name}, 0)`).join(' + ');
  return new MathExpression({
    expression: `IF(matched >= 10 AND ${settled} == 0, 1, 0)`,
    usingMetrics: Object.fromEntries(['matched' as const, ...SETTLED].map((name) => [name, metrics.own(name)])),
    label: 'stalled',
    period: MINUTES_5,
  });
}

function failingShare(metrics: ServiceMetrics): IMetric {
  const bad = 'FILL(attempt_failed, 0) + FILL(failed, 0)';
  const all = `FILL(delivered, 0) + ${bad}`;
  return new MathExpression({
    expression: `IF(${all} >= 50, 100 * (${bad}) / (${all}), 0)`,
    usingMetrics: Object.fromEntries(
      (['delivered', 'attempt_failed', 'failed'] as const).map((name) => [name, metrics.own(name)]),
    ),
    label: 'failing attempts, %',
    period: MINUTES_5,
  });
}

function goneSources(metrics: ServiceMetrics): IMetric {
  const period = Duration.hours(1);
  return new MathExpression({
    expression: 'FILL(expired, 0) + FILL(deleted, 0)',
    usingMetrics: {
      expired: metrics.own('source_expired', { period }),
      deleted: metrics.own('source_deleted', { period }),
    },
    label: 'sources gone',
    period,
  });
}

function badExecutions(metrics: ServiceMetrics): IMetric {
  return new MathExpression({
    expression: 'FILL(failed, 0) + FILL(timed_out, 0) + FILL(aborted, 0) + FILL(throttled, 0)',
    usingMetrics: {
      failed: metrics.retryMachine('ExecutionsFailed'),
      timed_out: metrics.retryMachine('ExecutionsTimedOut'),
      aborted: metrics.retryMachine('ExecutionsAborted'),
      throttled: metrics.retryMachine('ExecutionThrottled'),
    },
    label: 'bad executions',
    period: MINUTES_5,
  });
}

function throttled(metrics: ServiceMetrics, table: Named): IMetric {
  return new MathExpression({
    expression: 'FILL(reads, 0) + FILL(writes, 0)',
    usingMetrics: {
      reads: metrics.table(table, 'ReadThrottleEvents'),
      writes: metrics.table(table, 'WriteThrottleEvents'),
    },
    label: table.label,
    period: MINUTES_5,
  });
}
