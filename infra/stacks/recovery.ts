import { Stack, type StackProps, Validations } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { Config } from '../config.ts';
import type { RetryMachine } from '../constructs/retry-machine.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import { grantTable } from '../constructs/table-access.ts';
import { queueUrls, type ReturningQueue, WorkQueue } from '../constructs/work-queue.ts';
import { timeouts } from '../timeouts.ts';

export interface RecoveryStackProps extends StackProps {
  readonly config: Config;
  readonly registry: Table;
  readonly ledger: Table;
  readonly returningQueues: readonly ReturningQueue[];
  readonly retry: RetryMachine;
  /** Queues of deliveries, by the environment variable with their URL. */
  readonly deliveriesQueues: Readonly<Record<string, Queue>>;
  readonly releasesQueue: Queue;
}

/** What brings back that which went wrong for long: dead letters, and once a day whatever else is found to be stuck. */
export class RecoveryStack extends Stack {
  constructor(scope: Construct, id: string, props: RecoveryStackProps) {
    super(scope, id, props);
    const reconciliations = new WorkQueue(this, 'Reconciliations', {
      queueName: `event-destinations-${props.config.stage}-reconciliations`,
      functionTimeout: timeouts.reconcile,
    });
    this.#reconcile(props, reconciliations.queue);
    this.#returnDeadLetters({ ...props, returningQueues: [...props.returningQueues, reconciliations] });
  }

  #reconcile({ config, registry, ledger, retry, deliveriesQueues, ...props }: RecoveryStackProps, parts: Queue) {
    const reconcile = new ServiceFunction(this, 'Reconcile', {
      name: 'reconcile',
      description: 'Finds deliveries that nothing would bring back, once a day, and brings them back',
      timeout: timeouts.reconcile,
      sendsToItself: true,
      environment: {
        ...queueUrls(deliveriesQueues),
        REGISTRY_TABLE: registry.tableName,
        LEDGER_TABLE: ledger.tableName,
        RETENTION_DAYS: String(config.retentionDays),
        RECONCILIATIONS_QUEUE_URL: parts.queueUrl,
        RELEASES_QUEUE_URL: props.releasesQueue.queueUrl,
      },
    });
    retry.grantStart(reconcile);
    reconcile.addEventSource(
      new SqsEventSource(parts, { batchSize: 1, reportBatchItemFailures: true, maxConcurrency: 5 }),
    );
    for (const queue of [parts, props.releasesQueue, ...Object.values(deliveriesQueues)])
      queue.grant(reconcile, 'sqs:SendMessage');
    grantTable(registry, reconcile, ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Scan', 'dynamodb:PutItem']);
    grantTable(
      ledger,
      reconcile,
      ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:DeleteItem'],
      { indexes: ['undelivered'] },
    );
    const everyDay = new Rule(this, 'EveryDay', {
      description: 'Starts the daily reconciliation',
      schedule: Schedule.cron({ hour: '3', minute: '0' }),
      targets: [new LambdaFunction(reconcile)],
    });
    Validations.of(everyDay).acknowledge({
      id: 'Serverless-EventBusDLQ',
      reason: "The next day's round looks at two days; an alarm says when no round has reported for longer.",
    });
  }

  #returnDeadLetters({ config, registry, ledger, returningQueues }: RecoveryStackProps) {
    const queues = returningQueues.map(({ queue, deadLetters }) => [
      deadLetters.queueArn,
      { url: deadLetters.queueUrl, returnsTo: queue.queueUrl },
    ]);
    const returns = new ServiceFunction(this, 'ReturnDeadLetters', {
      name: 'return-dead-letters',
      description: 'Returns dead letters to their queues, ten times over days, then parks them for the operator',
      timeout: timeouts.returnDeadLetters,
      // A returned message may come back: ten times, by a count of its own.
      sendsToItself: true,
      environment: {
        REGISTRY_TABLE: registry.tableName,
        LEDGER_TABLE: ledger.tableName,
        RETENTION_DAYS: String(config.retentionDays),
        DEAD_LETTER_QUEUES: this.toJsonString(Object.fromEntries(queues)),
      },
    });
    for (const { queue, deadLetters } of returningQueues) {
      returns.addEventSource(new SqsEventSource(deadLetters, { batchSize: 10, reportBatchItemFailures: true }));
      queue.grant(returns, 'sqs:SendMessage');
    }
    grantTable(registry, returns, ['dynamodb:GetItem']);
    grantTable(ledger, returns, ['dynamodb:GetItem', 'dynamodb:PutItem']);
  }
}
