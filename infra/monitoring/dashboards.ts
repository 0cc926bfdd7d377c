import { Duration } from 'aws-cdk-lib';
import {
  AlarmStatusWidget,
  GraphWidget,
  type IAlarm,
  type IMetric,
  type IWidget,
  LogQueryVisualizationType,
  LogQueryWidget,
  MathExpression,
  Row,
  SingleValueWidget,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { P99, type ServiceMetrics } from './metrics.ts';

const DAY = Duration.days(1);

export interface DashboardLogs {
  readonly accessLogs: string;
  readonly functionLogs: readonly string[];
}

/** Whether customers get their events: the first row says it in ten seconds. */
export function overview(metrics: ServiceMetrics, alarms: readonly IAlarm[]): IWidget[] {
  const { queues, deadLetters } = metrics.watched;
  return [
    new Row(
      new SingleValueWidget({
        title: 'In the last hours: do customers get their events?',
        metrics: [
          metrics.own('accepted', { label: 'events accepted' }),
          metrics.own('delivered', { label: 'deliveries made' }),
          successShare(metrics),
          metrics.own('failed', { label: 'deliveries failed for good' }),
          metrics.own('rejected', { label: 'events rejected' }),
        ],
        setPeriodToTimeRange: true,
        width: 12,
        height: 6,
      }),
      new AlarmStatusWidget({ title: 'What is wrong now', alarms: [...alarms], width: 12, height: 6 }),
    ),
    new Row(
      graph('Events and their deliveries', [
        metrics.own('accepted'),
        metrics.own('matched'),
        metrics.own('delivered'),
        metrics.own('attempt_failed'),
        metrics.own('held'),
      ]),
      graph('From acceptance to the first attempt, and to delivery (ms)', [
        metrics.p50('first_attempt_latency', 'first attempt, p50'),
        metrics.p99('first_attempt_latency', 'first attempt, p99'),
        metrics.p50('delivery_latency', 'delivery, p50'),
        metrics.p99('delivery_latency', 'delivery, p99'),
      ]),
      graph(
        'Age of the oldest message (s)',
        queues.map((queue) => metrics.queue(queue, 'ApproximateAgeOfOldestMessage')),
      ),
    ),
    new Row(
      graph('Deliveries that began to wait, by what holds them', [
        metrics.own('held_source_pending', { label: 'source not associated' }),
        metrics.own('held_circuit_breaker', { label: 'circuit breaker open' }),
        metrics.own('held_paused', { label: 'paused by the operator' }),
        metrics.own('dead_letter_waiting', { label: 'dead letter' }),
      ]),
      graph('Destinations that fail', [metrics.own('breaker_opened'), metrics.own('breaker_closed')]),
      graph(
        'Dead letters',
        deadLetters.map((queue) => metrics.messagesIn(queue)),
      ),
    ),
  ];
}

/** Where to look when the overview is not green. */
export function depth(metrics: ServiceMetrics, logs: DashboardLogs): IWidget[] {
  return [
    heading('Deliveries'),
    ...deliveries(metrics),
    heading('Event sources'),
    ...sources(metrics),
    heading('Queues'),
    ...queues(metrics),
    heading('The API'),
    ...api(metrics, logs),
    heading('Functions, tables, the state machine'),
    ...machinery(metrics, logs),
  ];
}

const deliveries = (metrics: ServiceMetrics): IWidget[] => [
  new Row(
    graph('Attempts after the first', [
      metrics.own('retried'),
      metrics.own('scheduled'),
      metrics.own('attempt_failed'),
    ]),
    graph('Ends without a delivery', [metrics.own('failed'), metrics.own('canceled'), metrics.own('skipped')]),
    graph('Released, resent, and what came twice', [
      metrics.own('released'),
      metrics.own('resent'),
      metrics.own('superseded'),
    ]),
  ),
  new Row(
    graph('Given back, rejected, put off', [
      metrics.own('given_back'),
      metrics.own('rejected'),
      metrics.own('put_off'),
      metrics.own('rate_limited'),
    ]),
    graph('Slots ahead, and their wake-ups', [
      metrics.openExecutions(),
      metrics.retryMachine('ExecutionsStarted'),
      metrics.retryMachine('ExecutionsSucceeded'),
    ]),
    graph('Found by the daily reconciliation', [
      metrics.own('reconciliation_rounds', { period: DAY }),
      metrics.own('reconciliation_findings', { period: DAY }),
      metrics.own('breakers_open', { period: DAY, label: 'breakers open at the round' }),
    ]),
  ),
];

const sources = (metrics: ServiceMetrics): IWidget[] => [
  new Row(
    graph('Event sources by state, at the daily round', [
      metrics.own('sources_pending', { period: DAY }),
      metrics.own('sources_active', { period: DAY }),
      metrics.own('sources_unreachable', { period: DAY }),
    ]),
    graph('Activations, fallbacks and ends', [
      metrics.own('source_associated'),
      metrics.own('source_event_bus_lost'),
      metrics.own('source_expired'),
      metrics.own('source_deleted'),
    ]),
    graph('Deliveries held again after a fallback', [metrics.own('fell_back')]),
  ),
  new Row(
    graph('Made, out of sight, in sight again', [
      metrics.own('source_created'),
      metrics.own('source_unreachable'),
      metrics.own('source_reachable'),
    ]),
    graph('Refused, orphaned, unknown', [
      metrics.own('partner_not_authorized'),
      metrics.own('orphaned_sources'),
      metrics.own('unknown_sources'),
    ]),
  ),
];

function queues(metrics: ServiceMetrics): IWidget[] {
  const { queues: all } = metrics.watched;
  const of = (name: Parameters<ServiceMetrics['queue']>[1]) => all.map((queue) => metrics.queue(queue, name));
  return [
    new Row(
      graph('Visible messages', of('ApproximateNumberOfMessagesVisible')),
      graph('Messages being worked on, or given back', of('ApproximateNumberOfMessagesNotVisible')),
      graph(
        'Time to drain (s)',
        all.map((queue) => metrics.timeToDrain(queue)),
      ),
    ),
    new Row(
      graph('Sent', of('NumberOfMessagesSent')),
      graph('Done', of('NumberOfMessagesDeleted')),
      graph('What becomes of dead letters', [
        metrics.own('dead_letter_returned'),
        metrics.own('dead_letter_parked'),
        metrics.own('dead_letter_failed'),
      ]),
    ),
  ];
}

const api = (metrics: ServiceMetrics, { accessLogs }: DashboardLogs): IWidget[] => [
  new Row(
    graph('Requests', [metrics.api('Count'), metrics.api('4XXError'), metrics.api('5XXError')]),
    graph('Latency (ms)', [metrics.api('Latency', 'p50', 'p50'), metrics.api('Latency', P99, 'p99')]),
    logTable(
      'Requests by route and status (429 is throttled)',
      [accessLogs],
      [
        'stats count(*) as requests, pct(latencyMs, 50) as p50, pct(latencyMs, 99) as p99 by method, route, status',
        'sort requests desc',
        'limit 50',
      ],
    ),
  ),
];

function machinery(metrics: ServiceMetrics, { functionLogs }: DashboardLogs): IWidget[] {
  const { functions, tables } = metrics.watched;
  return [
    new Row(
      graph(
        'Crashes and time-outs',
        functions.map((fn) => metrics.fn(fn, 'Errors')),
      ),
      graph(
        'Throttled functions',
        functions.map((fn) => metrics.fn(fn, 'Throttles')),
      ),
      graph(
        'Concurrency',
        functions.map((fn) => metrics.concurrency(fn)),
      ),
    ),
    new Row(
      graph(
        'Duration, p99 (ms)',
        functions.map((fn) => metrics.duration(fn)),
      ),
      logTable('Cold starts', functionLogs, [
        'filter @type = "REPORT"',
        'stats count(@initDuration) as cold, count(*) as invocations, avg(@initDuration) as initMs, pct(@initDuration, 99) as initMsP99 by @log',
        'sort cold desc',
      ]),
      graph(
        'Throttled tables',
        tables.flatMap((table) => [
          metrics.table(table, 'ReadThrottleEvents'),
          metrics.table(table, 'WriteThrottleEvents'),
        ]),
      ),
    ),
    new Row(
      graph(
        'Capacity that is paid for',
        tables.flatMap((table) => [
          metrics.table(table, 'ConsumedReadCapacityUnits'),
          metrics.table(table, 'ConsumedWriteCapacityUnits'),
        ]),
      ),
      graph('Wake-ups that went wrong', [
        metrics.retryMachine('ExecutionsFailed'),
        metrics.retryMachine('ExecutionsTimedOut'),
        metrics.retryMachine('ExecutionsAborted'),
        metrics.retryMachine('ExecutionThrottled'),
      ]),
    ),
  ];
}

const successShare = (metrics: ServiceMetrics): IMetric =>
  new MathExpression({
    expression: '100 * FILL(delivered, 0) / (FILL(delivered, 0) + FILL(failed, 0))',
    usingMetrics: { delivered: metrics.own('delivered'), failed: metrics.own('failed') },
    label: 'of those that ended, delivered (%)',
  });

const graph = (title: string, left: IMetric[]): IWidget =>
  new GraphWidget({ title, left, width: 8, height: 6, liveData: true });

const heading = (text: string): IWidget => new TextWidget({ markdown: `## ${text}`, width: 24, height: 1 });

const logTable = (title: string, logGroupNames: readonly string[], queryLines: string[]): IWidget =>
  new LogQueryWidget({
    title,
    logGroupNames: [...logGroupNames],
    queryLines,
    view: LogQueryVisualizationType.TABLE,
    width: 8,
    height: 6,
  });
