import { Annotations, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { Config } from '../config.ts';
import { grantPutEvents } from '../constructs/event-source-access.ts';
import { RetryMachine } from '../constructs/retry-machine.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import { grantSigningSecrets } from '../constructs/signing-secrets.ts';
import { grantTable } from '../constructs/table-access.ts';
import { WebhookEgress } from '../constructs/webhook-egress.ts';
import { queueUrls, type ReturningQueue, WorkQueue } from '../constructs/work-queue.ts';
import { timeouts } from '../timeouts.ts';

export interface DeliveryStackProps extends StackProps {
  readonly config: Config;
  readonly registry: Table;
  readonly ledger: Table;
  readonly eventsQueue: Queue;
  readonly signingSecretsKey: Key;
}

/** The largest maximum concurrency that Lambda lets a mapping have; the least is two. */
const MOST_OF_A_MAPPING = 1000;

/** From the events queue to the customer: dispatch, the deliveries queues, delivery, and the release of what is held. */
export class DeliveryStack extends Stack {
  readonly releasesQueue: Queue;
  readonly sourceChecksQueue: Queue;
  readonly returningQueues: readonly ReturningQueue[];
  readonly retry: RetryMachine;
  /** By the environment variable in which a function finds its URL. */
  readonly deliveriesQueues: Readonly<Record<string, Queue>>;

  constructor(scope: Construct, id: string, props: DeliveryStackProps) {
    super(scope, id, props);
    const queueName = (part: string) => `event-destinations-${props.config.stage}-${part}`;
    const queue = (id: string, name: string, functionTimeout: Duration) =>
      new WorkQueue(this, id, { queueName: queueName(name), functionTimeout });
    const eventBridge = queue('DeliveriesEventBridge', 'deliveries-eventbridge', timeouts.deliver);
    const webhook = queue('DeliveriesWebhook', 'deliveries-webhook', timeouts.deliverWebhook);
    const slowWebhook = queue('SlowWebhook', 'slow-webhook', timeouts.deliverWebhook);
    const releases = queue('Releases', 'releases', timeouts.release);
    this.releasesQueue = releases.queue;
    this.sourceChecksQueue = new WorkQueue(this, 'SourceChecks', {
      queueName: queueName('source-checks'),
      functionTimeout: timeouts.trackSources,
      fifo: true,
    }).queue;
    this.returningQueues = [eventBridge, webhook, slowWebhook, releases];
    this.deliveriesQueues = {
      DELIVERIES_EVENTBRIDGE_QUEUE_URL: eventBridge.queue,
      DELIVERIES_WEBHOOK_QUEUE_URL: webhook.queue,
    };
    this.retry = new RetryMachine(this, 'Retry', props.config.stage);

    this.#dispatch(props, props.eventsQueue);
    this.#deliverEventBridge(props, eventBridge.queue);
    this.#deliverWebhook(props, webhook.queue, slowWebhook.queue);
    this.retry.define(this.#release(props, releases.queue));
  }

  #dispatch(props: DeliveryStackProps, events: Queue) {
    const { dispatchConcurrency } = props.config;
    const dispatch = new ServiceFunction(this, 'Dispatch', {
      name: 'dispatch',
      description: 'Writes each event to the Ledger and sends one message for each matching destination',
      timeout: timeouts.dispatch,
      reservedConcurrentExecutions: dispatchConcurrency,
      environment: {
        ...tableEnvironment(props),
        MAX_EVENT_BYTES: String(props.config.maxEventKib * 1024),
        OBJECT_INDEX: props.config.objectIndex,
        EVENTS_QUEUE_URL: events.queueUrl,
        ...queueUrls(this.deliveriesQueues),
      },
    });
    dispatch.addEventSource(
      new SqsEventSource(events, {
        batchSize: 10,
        reportBatchItemFailures: true,
        // A mapping knows nothing of a reservation: what it received and Lambda throttled has been received, and would end
        // in the dead letters for nothing but a backlog.
        ...(dispatchConcurrency !== undefined && {
          maxConcurrency: Math.min(dispatchConcurrency, MOST_OF_A_MAPPING),
        }),
      }),
    );
    grantTable(props.registry, dispatch, ['dynamodb:GetItem', 'dynamodb:Query']);
    grantTable(props.ledger, dispatch, ['dynamodb:GetItem', 'dynamodb:PutItem']);
    for (const queue of Object.values(this.deliveriesQueues)) queue.grant(dispatch, 'sqs:SendMessage');
  }

  #deliverEventBridge(props: DeliveryStackProps, deliveries: Queue) {
    const deliver = new ServiceFunction(this, 'DeliverEventBridge', {
      name: 'deliver-eventbridge',
      description: 'Puts events to the partner event sources of amazon_eventbridge destinations',
      timeout: timeouts.deliver,
      sendsToItself: true,
      environment: {
        ...tableEnvironment(props),
        DELIVERIES_EVENTBRIDGE_QUEUE_URL: deliveries.queueUrl,
        RELEASES_QUEUE_URL: this.releasesQueue.queueUrl,
        SOURCE_CHECKS_QUEUE_URL: this.sourceChecksQueue.queueUrl,
        TRACEPARENT_IN_EVENTS: props.config.traceparentInEvents,
        SUCCESS_LOG_SHARE: String(props.config.successLogShare),
      },
    });
    // PutPartnerEvents takes 20 entries, PutEvents ten; Lambda asks for a window of at least a second with more than ten messages.
    deliver.addEventSource(
      new SqsEventSource(deliveries, {
        batchSize: 20,
        maxBatchingWindow: Duration.seconds(1),
        reportBatchItemFailures: true,
        maxConcurrency: 100,
      }),
    );
    this.#grantDelivery(props, deliver, [deliveries]);
    // A source whose puts fail is looked at without waiting for the tracker's next round.
    this.sourceChecksQueue.grant(deliver, 'sqs:SendMessage');
    grantPutEvents(deliver, props.config);
  }

  /**
   * One function for both queues, and a mapping of its own for each: however many slow destinations there are, they take
   * no more than their mapping's share of its concurrency.
   */
  #deliverWebhook(props: DeliveryStackProps, deliveries: Queue, slow: Queue) {
    const { allowPrivateWebhookTargets, webhookTimeoutSeconds, webhookEgress } = props.config;
    const egress = webhookEgress === 'nat' ? new WebhookEgress(this, 'WebhookEgress') : undefined;
    const deliver = new ServiceFunction(this, 'DeliverWebhook', {
      name: 'deliver-webhook',
      description: 'Posts signed events to the URLs of webhook_endpoint destinations',
      timeout: timeouts.deliverWebhook,
      sendsToItself: true,
      environment: {
        ...tableEnvironment(props),
        DELIVERIES_WEBHOOK_QUEUE_URL: deliveries.queueUrl,
        SLOW_WEBHOOK_QUEUE_URL: slow.queueUrl,
        RELEASES_QUEUE_URL: this.releasesQueue.queueUrl,
        ALLOW_PRIVATE_WEBHOOK_TARGETS: allowPrivateWebhookTargets,
        WEBHOOK_TIMEOUT_SECONDS: String(webhookTimeoutSeconds),
        SUCCESS_LOG_SHARE: String(props.config.successLogShare),
      },
      network: egress?.network,
    });
    if (egress && deliver.role) WebhookEgress.admit(deliver.role);
    // Without a window: what is there goes out at once.
    const mapping = { batchSize: 10, reportBatchItemFailures: true };
    deliver.addEventSource(new SqsEventSource(deliveries, { ...mapping, maxConcurrency: 200 }));
    deliver.addEventSource(new SqsEventSource(slow, { ...mapping, maxConcurrency: 50 }));
    this.#grantDelivery(props, deliver, [deliveries, slow]);
    grantSigningSecrets(props.signingSecretsKey, deliver);
    if (allowPrivateWebhookTargets !== 'off')
      Annotations.of(this).addWarningV2(
        'event-destinations:privateWebhookTargets',
        `Webhooks may be sent to private addresses (allowPrivateWebhookTargets=${allowPrivateWebhookTargets}): whoever can create a destination reaches what this function reaches. For development only.`,
      );
  }

  /** What every deliver function needs: to record, to send again, to wake up and to release. */
  #grantDelivery(props: DeliveryStackProps, deliver: ServiceFunction, queues: readonly Queue[]) {
    this.retry.grantStart(deliver);
    for (const queue of [...queues, this.releasesQueue]) queue.grant(deliver, 'sqs:SendMessage');
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
  }

  #release(props: DeliveryStackProps, releases: Queue): ServiceFunction {
    const { disableFailingAfterDays } = props.config;
    const release = new ServiceFunction(this, 'Release', {
      name: 'release',
      description: 'Moves deliveries that are held or scheduled back to their queue',
      timeout: timeouts.release,
      sendsToItself: true,
      environment: {
        ...tableEnvironment(props),
        ...queueUrls(this.deliveriesQueues),
        RELEASES_QUEUE_URL: releases.queueUrl,
        ...(disableFailingAfterDays !== undefined && { DISABLE_FAILING_AFTER_DAYS: String(disableFailingAfterDays) }),
      },
    });
    release.addEventSource(new SqsEventSource(releases, { batchSize: 1, reportBatchItemFailures: true }));
    for (const queue of [releases, ...Object.values(this.deliveriesQueues)]) queue.grant(release, 'sqs:SendMessage');
    // The probes of the circuit breaker: the health that they go by, and what has waited past its window.
    this.retry.grantStart(release);
    grantTable(props.registry, release, [
      'dynamodb:GetItem',
      'dynamodb:BatchGetItem',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
    ]);
    grantTable(
      props.ledger,
      release,
      [
        'dynamodb:GetItem',
        'dynamodb:BatchGetItem',
        'dynamodb:Query',
        'dynamodb:PutItem',
        'dynamodb:UpdateItem',
        'dynamodb:DeleteItem',
      ],
      // Bulk resends of what was not delivered.
      { indexes: ['undelivered'] },
    );
    return release;
  }
}

const tableEnvironment = ({ registry, ledger, config }: DeliveryStackProps) => ({
  REGISTRY_TABLE: registry.tableName,
  LEDGER_TABLE: ledger.tableName,
  RETENTION_DAYS: String(config.retentionDays),
});
