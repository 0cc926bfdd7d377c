import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { Construct } from 'constructs';
import type { Config } from '../config.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import { grantTable } from '../constructs/table-access.ts';
import type { ReturningQueue } from '../constructs/work-queue.ts';
import { timeouts } from '../timeouts.ts';

export interface RecoveryStackProps extends StackProps {
  readonly config: Config;
  readonly registry: Table;
  readonly ledger: Table;
  readonly returningQueues: readonly ReturningQueue[];
}

/** What brings back that which went wrong for long: the dead letters. */
export class RecoveryStack extends Stack {
  constructor(scope: Construct, id: string, props: RecoveryStackProps) {
    super(scope, id, props);
    this.#returnDeadLetters(props);
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
