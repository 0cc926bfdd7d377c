import { Duration, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { Config } from '../config.ts';
import { grantEventSources } from '../constructs/event-source-access.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import { grantTable } from '../constructs/table-access.ts';
import { timeouts } from '../timeouts.ts';

export interface SourcesStackProps extends StackProps {
  readonly config: Config;
  readonly registry: Table;
  /** The service's own events, of what becomes of destinations. */
  readonly eventsQueue: Queue;
  readonly releasesQueue: Queue;
  readonly checksQueue: Queue;
}

/**
 * Tracks what AWS says of the partner event sources. Every minute the function sends itself one message for each Region in
 * which something is due; the queue is FIFO with the Region as message group, so that a Region is checked by one
 * invocation at a time and a Region that hangs holds up no other.
 */
export class SourcesStack extends Stack {
  constructor(scope: Construct, id: string, props: SourcesStackProps) {
    super(scope, id, props);
    const track = new ServiceFunction(this, 'TrackSources', {
      name: 'track-sources',
      description: 'Turns the AWS state of partner event sources into the status of their destinations',
      timeout: timeouts.trackSources,
      environment: {
        REGISTRY_TABLE: props.registry.tableName,
        PARTNER_NAME: props.config.partner,
        SERVICE_ACCOUNT_ID: this.account,
        SOURCE_CHECKS_QUEUE_URL: props.checksQueue.queueUrl,
        RELEASES_QUEUE_URL: props.releasesQueue.queueUrl,
        EVENTS_QUEUE_URL: props.eventsQueue.queueUrl,
      },
    });
    track.addEventSource(new SqsEventSource(props.checksQueue, { batchSize: 1, reportBatchItemFailures: true }));
    for (const queue of [props.checksQueue, props.releasesQueue, props.eventsQueue])
      queue.grant(track, 'sqs:SendMessage');
    grantTable(
      props.registry,
      track,
      [
        'dynamodb:GetItem',
        'dynamodb:BatchGetItem',
        'dynamodb:Query',
        'dynamodb:PutItem',
        'dynamodb:UpdateItem',
        'dynamodb:DeleteItem',
      ],
      { indexes: ['source-checks'] },
    );
    // Creation and deletion are gone on with here when the API's function died half-way.
    grantEventSources(track, props.config, [
      'events:CreatePartnerEventSource',
      'events:DeletePartnerEventSource',
      'events:ListPartnerEventSourceAccounts',
    ]);
    // The daily sweep for sources without a destination.
    if (props.config.eventBridgeDelivery.includes('partner')) {
      track.addToRolePolicy(new PolicyStatement({ actions: ['events:ListPartnerEventSources'], resources: ['*'] }));
      Validations.of(track.role ?? track).acknowledge({
        id: 'AwsSolutions-IAM5[Resource::*]',
        reason: 'The service authorization reference lists no resource type for ListPartnerEventSources.',
      });
    }

    const everyMinute = new Rule(this, 'EveryMinute', {
      description: 'Starts the checks of partner event sources',
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new LambdaFunction(track, { retryAttempts: 0 })],
    });
    Validations.of(everyMinute).acknowledge({
      id: 'Serverless-EventBusDLQ',
      reason: "The next minute's round does the work of one that was lost.",
    });
  }
}
