import { Annotations, CfnOutput, Duration, Stack, Validations } from 'aws-cdk-lib';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { ConsumerConfig } from './config.ts';
import { EventDestinationConsumer } from './event-destination-consumer.ts';

/** A consumer that is deployed on its own, for who has no CDK app of his own: logs everything, and more as the context says. */
export class ConsumerStack extends Stack {
  constructor(scope: Construct, id: string, config: ConsumerConfig) {
    super(scope, id, { description: `Receives the events of ${config.eventSourceName}` });
    const { eventSourceName, eventTypes, publisherAccount, echoEndpoint } = config;
    const publisher = publisherAccount && echoEndpoint ? { account: publisherAccount, echoEndpoint } : undefined;
    const consumer = new EventDestinationConsumer(this, 'Consumer', {
      eventSourceName,
      ...(publisher && { publisher }),
    });
    const options = eventTypes ? { eventTypes } : {};
    const logGroup = consumer.logEvents({ ...options, retention: config.logRetentionDays });
    new CfnOutput(this, 'LogGroup', { value: logGroup.logGroupName });
    new CfnOutput(this, 'EventBus', { value: consumer.eventBus.eventBusArn });
    new CfnOutput(this, 'DeadLettersQueueUrl', { value: consumer.deadLetterQueue.queueUrl });

    if (config.targets.includes('sqs')) {
      const queue = new Queue(this, 'Queue', {
        encryption: QueueEncryption.SQS_MANAGED,
        enforceSSL: true,
        retentionPeriod: Duration.days(14),
      });
      const reason = 'Who receives from it knows how often a message may fail, and adds a redrive policy of his own.';
      for (const id of ['AwsSolutions-SQS3', 'Serverless-SQSRedrivePolicy'])
        Validations.of(queue).acknowledge({ id, reason });
      consumer.toQueue('ToQueue', queue, options);
      new CfnOutput(this, 'QueueUrl', { value: queue.queueUrl });
    }
    if (config.targets.includes('sns')) {
      const topic = new Topic(this, 'Topic', { enforceSSL: true });
      consumer.toTopic('ToTopic', topic, options);
      new CfnOutput(this, 'TopicArn', { value: topic.topicArn });
    }
    // The function and the machine are of the account and Region that this is deployed into, whichever that is.
    Annotations.of(this).acknowledgeWarning('@aws-cdk/aws-events:ruleUnresolvedEnvironment');
    if (config.functionArn) {
      const attributes = { functionArn: config.functionArn, sameEnvironment: true };
      consumer.toFunction('ToFunction', LambdaFunction.fromFunctionAttributes(this, 'Function', attributes), options);
    }
    if (config.stateMachineArn) {
      const machine = StateMachine.fromStateMachineArn(this, 'StateMachine', config.stateMachineArn);
      consumer.toStateMachine('ToStateMachine', machine, options);
    }
  }
}
