import { Duration, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { Config } from '../config.ts';
import { RetryMachine } from '../constructs/retry-machine.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import { grantTable } from '../constructs/table-access.ts';
import { type ReturningQueue, WorkQueue } from '../constructs/work-queue.ts';
import { timeouts } from '../timeouts.ts';

export interface DeliveryStackProps extends StackProps {
  readonly config: Config;
  readonly registry: Table;
  readonly ledger: Table;
  readonly eventsQueue: Queue;
}

/** From the events queue to the customer: dispatch, the deliveries queue, delivery, and the release of what is held. */
export class DeliveryStack extends Stack {
  readonly releasesQueue: Queue;
  readonly eventBridgeDeliveriesQueue: Queue;
  readonly returningQueues: readonly ReturningQueue[];
  readonly retry: RetryMachine;
  /** By the environment variable in which a function finds its URL. */
  readonly deliveriesQueues: Readonly<Record<string, Queue>>;

  constructor(scope: Construct, id: string, props: DeliveryStackProps) {
    super(scope, id, props);
    const queueName = (part: string) => `event-destinations-${props.config.stage}-${part}`;
    const deliveries = new WorkQueue(this, 'DeliveriesEventBridge', {
      queueName: queueName('deliveries-eventbridge'),
      functionTimeout: timeouts.deliver,
    });
    const releases = new WorkQueue(this, 'Releases', {
      queueName: queueName('releases'),
      functionTimeout: timeouts.release,
    });
    this.releasesQueue = releases.queue;
    this.eventBridgeDeliveriesQueue = deliveries.queue;
    this.returningQueues = [deliveries, releases];

    this.deliveriesQueues = { DELIVERIES_EVENTBRIDGE_QUEUE_URL: deliveries.queue };
    const retry = new RetryMachine(this, 'Retry', props.config.stage);
    this.retry = retry;

    this.#dispatch(props, props.eventsQueue, deliveries.queue);
    this.#deliverEventBridge(props, deliveries.queue, releases.queue, retry);
    retry.define(this.#release(props, deliveries.queue, releases.queue, retry));
  }

  #dispatch(props: DeliveryStackProps, events: Queue, deliveries: Queue) {
    const dispatch = new ServiceFunction(this, 'Dispatch', {
      name: 'dispatch',
      description: 'Writes each event to the Ledger and sends one message for each matching destination',
      timeout: timeouts.dispatch,
      reservedConcurrentExecutions: props.config.dispatchConcurrency,
      environment: {
        ...tableEnvironment(props),
        MAX_EVENT_BYTES: String(props.config.maxEventKib * 1024),
        OBJECT_INDEX: props.config.objectIndex,
        EVENTS_QUEUE_URL: events.queueUrl,
        DELIVERIES_EVENTBRIDGE_QUEUE_URL: deliveries.queueUrl,
      },
    });
    dispatch.addEventSource(new SqsEventSource(events, { batchSize: 10, reportBatchItemFailures: true }));
    grantTable(props.registry, dispatch, ['dynamodb:GetItem', 'dynamodb:Query']);
    grantTable(props.ledger, dispatch, ['dynamodb:GetItem', 'dynamodb:PutItem']);
    deliveries.grant(dispatch, 'sqs:SendMessage');
  }

  #deliverEventBridge(props: DeliveryStackProps, deliveries: Queue, releases: Queue, retry: RetryMachine) {
    const deliver = new ServiceFunction(this, 'DeliverEventBridge', {
      name: 'deliver-eventbridge',
      description: 'Puts events to the partner event sources of amazon_eventbridge destinations',
      timeout: timeouts.deliver,
      sendsToItself: true,
      environment: {
        ...tableEnvironment(props),
        DELIVERIES_EVENTBRIDGE_QUEUE_URL: deliveries.queueUrl,
        RELEASES_QUEUE_URL: releases.queueUrl,
      },
    });
    retry.grantStart(deliver);
    releases.grant(deliver, 'sqs:SendMessage');
    // PutPartnerEvents takes 20 entries; Lambda asks for a window of at least a second with more than ten messages.
    deliver.addEventSource(
      new SqsEventSource(deliveries, {
        batchSize: 20,
        maxBatchingWindow: Duration.seconds(1),
        reportBatchItemFailures: true,
        maxConcurrency: 100,
      }),
    );
    deliveries.grant(deliver, 'sqs:SendMessage');
    grantTable(props.registry, deliver, [
      'dynamodb:GetItem',
      'dynamodb:BatchGetItem',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
    ]);
    grantTable(props.ledger, deliver, [
      'dynamodb:GetItem',
      'dynamodb:BatchGetItem',
      'dynamodb:PutItem',
      'dynamodb:DeleteItem',
    ]);
    // The service authorization reference lists no resource type for PutPartnerEvents.
    deliver.addToRolePolicy(new PolicyStatement({ actions: ['events:PutPartnerEvents'], resources: ['*'] }));
    Validations.of(deliver.role ?? deliver).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'The service authorization reference lists no resource type for PutPartnerEvents.',
    });
  }

  #release(props: DeliveryStackProps, deliveries: Queue, releases: Queue, retry: RetryMachine): ServiceFunction {
    const release = new ServiceFunction(this, 'Release', {
      name: 'release',
      description: 'Moves deliveries that are held or scheduled back to their queue',
      timeout: timeouts.release,
      sendsToItself: true,
      environment: {
        ...tableEnvironment(props),
        DELIVERIES_EVENTBRIDGE_QUEUE_URL: deliveries.queueUrl,
        RELEASES_QUEUE_URL: releases.queueUrl,
      },
    });
    release.addEventSource(new SqsEventSource(releases, { batchSize: 1, reportBatchItemFailures: true }));
    releases.grant(release, 'sqs:SendMessage');
    deliveries.grant(release, 'sqs:SendMessage');
    // The probes of the circuit breaker: the health that they go by, and what has waited past its window.
    retry.grantStart(release);
    grantTable(props.registry, release, [
      'dynamodb:GetItem',
      'dynamodb:BatchGetItem',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
    ]);
    grantTable(props.ledger, release, [
      'dynamodb:GetItem',
      'dynamodb:BatchGetItem',
      'dynamodb:Query',
      'dynamodb:PutItem',
      'dynamodb:DeleteItem',
    ]);
    return release;
  }
}

const tableEnvironment = ({ registry, ledger, config }: DeliveryStackProps) => ({
  REGISTRY_TABLE: registry.tableName,
  LEDGER_TABLE: ledger.tableName,
  RETENTION_DAYS: String(config.retentionDays),
});
