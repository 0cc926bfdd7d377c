import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { CfnEventBusPolicy, EventBus, EventField, Match, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { Config } from '../config.ts';
import { grantPublish } from '../constructs/publishers.ts';
import {
  acknowledgeLastQueue,
  DEAD_LETTER_VISIBILITY,
  type ReturningQueue,
  WorkQueue,
} from '../constructs/work-queue.ts';
import { timeouts } from '../timeouts.ts';

export interface IngestStackProps extends StackProps {
  readonly config: Config;
}

/**
 * Two of the three doors: the events queue, to which producers (and the API) send, and the ingest bus, whose one rule
 * sends everything on to that queue.
 */
export class IngestStack extends Stack {
  readonly eventsQueue: Queue;
  /** What dispatch, and the bus's rule, could not get done. */
  readonly returningQueues: readonly ReturningQueue[];

  constructor(scope: Construct, id: string, props: IngestStackProps) {
    super(scope, id, props);
    const bus = new EventBus(this, 'Bus', {
      eventBusName: `event-destinations-${props.config.stage}-ingest`,
      description: 'Events to be delivered to event destinations',
    });
    const events = new WorkQueue(this, 'Events', {
      queueName: `event-destinations-${props.config.stage}-events`,
      functionTimeout: timeouts.dispatch,
    });
    this.eventsQueue = events.queue;
    grantPublish(this.eventsQueue, props.config.publishers);
    this.#admit(bus, props.config.publishers);
    const undelivered = this.#forward(bus, props.config);
    this.returningQueues = [events, { queue: events.queue, deadLetters: undelivered }];
    new CfnOutput(this, 'IngestBusName', { value: bus.eventBusName });
    new CfnOutput(this, 'EventsQueueUrl', { value: this.eventsQueue.queueUrl });
    new CfnOutput(this, 'EventsQueueArn', { value: this.eventsQueue.queueArn });
    new CfnOutput(this, 'IngestBusArn', { value: bus.eventBusArn });
  }

  /** Which principals may publish; they may name any account, so the list is part of the threat model. */
  #admit(bus: EventBus, publishers: readonly string[]) {
    const principals = [this.account, ...publishers].map((publisher) =>
      publisher.startsWith('arn:') ? publisher : `arn:${this.partition}:iam::${publisher}:root`,
    );
    new CfnEventBusPolicy(this, 'Publishers', {
      eventBusName: bus.eventBusName,
      statementId: 'publishers',
      statement: {
        Effect: 'Allow',
        Principal: { AWS: principals },
        Action: 'events:PutEvents',
        Resource: bus.eventBusArn,
      },
    });
  }

  #forward(bus: EventBus, config: Config): Queue {
    const undelivered = new Queue(this, 'RuleDeadLetters', {
      queueName: `event-destinations-${config.stage}-ingest-dead-letters`,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      visibilityTimeout: DEAD_LETTER_VISIBILITY,
    });
    acknowledgeLastQueue(undelivered);
    new Rule(this, 'Everything', {
      eventBus: bus,
      description: 'Sends every event to the events queue, in the form that the queue takes from producers',
      eventPattern: { source: Match.prefix('') },
      targets: [
        new SqsQueue(this.eventsQueue, {
          message: RuleTargetInput.fromObject({
            id: EventField.eventId,
            // Fixed when the event came in, so that a redelivery is the same event; `time` is the producer's to choose.
            time: '<aws.events.event.ingestion-time>',
            'detail-type': EventField.detailType,
            detail: EventField.fromPath('$.detail'),
          }),
          deadLetterQueue: undelivered,
          retryAttempts: 185,
          maxEventAge: Duration.hours(24),
        }),
      ],
    });
    return undelivered;
  }
}
