import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { type MetricName, NAMESPACE } from '../../shared/metrics.ts';
import { RETENTION } from '../constructs/work-queue.ts';
import { metricsService } from './metrics-service.ts';
import type { Named, Watched } from './watched.ts';

const { SUM, MAXIMUM } = Stats;
const P50 = Stats.p(50);
export const P99 = Stats.p(99);

export const MINUTES_5 = Duration.minutes(5);

/** The metrics that there are, by what has them. Which alarms and widgets come of them is decided elsewhere. */
export class ServiceMetrics {
  readonly watched: Watched;
  readonly #stage: string;

  constructor(watched: Watched, stage: string) {
    this.watched = watched;
    this.#stage = stage;
  }

  /** One that a function writes. */
  own(metricName: MetricName, { statistic = SUM, period = MINUTES_5, label = metricName as string } = {}): Metric {
    const dimensionsMap = { service: metricsService(this.#stage) };
    return new Metric({ namespace: NAMESPACE, metricName, dimensionsMap, statistic, period, label });
  }

  p50 = (name: MetricName, label: string) => this.own(name, { statistic: P50, label });
  p99 = (name: MetricName, label: string) => this.own(name, { statistic: P99, label });

  queue({ name, label }: Named, metricName: QueueMetric, period = MINUTES_5): Metric {
    const statistic = metricName.startsWith('NumberOf') ? SUM : MAXIMUM;
    return new Metric({
      namespace: 'AWS/SQS',
      metricName,
      dimensionsMap: { QueueName: name },
      statistic,
      period,
      label,
    });
  }

  /** Messages that are there, visible or not: a function may have hidden them for hours. */
  messagesIn(queue: Named): MathExpression {
    return new MathExpression({
      expression: `${id('visible', queue)} + ${id('hidden', queue)}`,
      usingMetrics: {
        [id('visible', queue)]: this.queue(queue, 'ApproximateNumberOfMessagesVisible'),
        [id('hidden', queue)]: this.queue(queue, 'ApproximateNumberOfMessagesNotVisible'),
      },
      label: queue.label,
      period: MINUTES_5,
    });
  }

  /**
   * Seconds until the queue is empty at the rate at which messages are deleted now. Of one that stands still, all that a
   * message is kept for; what is hidden alone does not stand still, but was given back until later.
   */
  timeToDrain(queue: Named): MathExpression {
    const [visible, hidden, deleted] = [id('visible', queue), id('hidden', queue), id('deleted', queue)];
    const drains = `(${visible} + ${hidden}) / (${deleted} / PERIOD(${deleted}))`;
    return new MathExpression({
      expression: `IF(${deleted} > 0, ${drains}, IF(${visible} > 0, ${RETENTION.toSeconds()}, 0))`,
      usingMetrics: {
        [visible]: this.queue(queue, 'ApproximateNumberOfMessagesVisible'),
        [hidden]: this.queue(queue, 'ApproximateNumberOfMessagesNotVisible'),
        [deleted]: this.queue(queue, 'NumberOfMessagesDeleted'),
      },
      label: queue.label,
      period: MINUTES_5,
    });
  }

  fn({ name, label }: Named, metricName: FunctionMetric, statistic: string = SUM): Metric {
    const dimensionsMap = { FunctionName: name };
    return new Metric({ namespace: 'AWS/Lambda', metricName, dimensionsMap, statistic, period: MINUTES_5, label });
  }

  api(
    metricName: 'Count' | '4XXError' | '5XXError' | 'Latency',
    statistic: string = SUM,
    label = metricName as string,
  ) {
    const dimensionsMap = { ApiName: this.watched.apiName, Stage: this.#stage };
    return new Metric({ namespace: 'AWS/ApiGateway', metricName, dimensionsMap, statistic, period: MINUTES_5, label });
  }

  table({ name, label }: Named, metricName: TableMetric): Metric {
    const dimensionsMap = { TableName: name };
    return new Metric({
      namespace: 'AWS/DynamoDB',
      metricName,
      dimensionsMap,
      statistic: SUM,
      period: MINUTES_5,
      label: `${label} ${metricName}`,
    });
  }

  retryMachine(metricName: MachineMetric): Metric {
    return new Metric({
      namespace: 'AWS/States',
      metricName,
      dimensionsMap: { StateMachineArn: this.watched.retryMachineArn },
      statistic: SUM,
      period: MINUTES_5,
      label: metricName,
    });
  }

  /** Of the whole account and Region: each slot that a destination has ahead of it is one. */
  openExecutions(): Metric {
    return new Metric({
      namespace: 'AWS/States',
      metricName: 'OpenExecutionCount',
      statistic: MAXIMUM,
      period: MINUTES_5,
      label: 'slots ahead (open executions)',
    });
  }

  concurrency = (named: Named) => this.fn(named, 'ConcurrentExecutions', MAXIMUM);
  duration = (named: Named) => this.fn(named, 'Duration', P99);
}

/** The id of a metric in an expression; in one graph no two may be the same. */
const id = (what: string, { label }: Named): string => `${what}_${label.replaceAll('-', '_')}`;

type QueueMetric =
  | 'ApproximateAgeOfOldestMessage'
  | 'ApproximateNumberOfMessagesVisible'
  | 'ApproximateNumberOfMessagesNotVisible'
  | 'NumberOfMessagesSent'
  | 'NumberOfMessagesDeleted';
type FunctionMetric = 'Invocations' | 'Errors' | 'Throttles' | 'Duration' | 'ConcurrentExecutions';
type TableMetric =
  | 'ReadThrottleEvents'
  | 'WriteThrottleEvents'
  | 'ConsumedReadCapacityUnits'
  | 'ConsumedWriteCapacityUnits';
type MachineMetric =
  | 'ExecutionsStarted'
  | 'ExecutionsSucceeded'
  | 'ExecutionsFailed'
  | 'ExecutionsTimedOut'
  | 'ExecutionsAborted'
  | 'ExecutionThrottled';
