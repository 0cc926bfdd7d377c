import { Stack } from 'aws-cdk-lib';
import { Architecture, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { DefinitionBody, Pass, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { buildConsumerApp } from '../../infra/consumer/app.ts';
import { EventDestinationConsumer } from '../../infra/consumer/index.ts';
import { codeOf, consumerApp } from '../support/consumer.ts';
import { createDestination, publish, sourceOf } from '../support/main-job.ts';
import { type Platform, startPlatform } from '../support/platform.ts';

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.close());

const REGION = 'eu-west-1';
/** Two synths and their deployments, on a busy machine. */
vi.setConfig({ testTimeout: 180_000 });
const owner = () => ({ account: platform.seed.customer_account_id, region: REGION });
const arn = (service: string, resource: string) => `arn:aws:${service}:${REGION}:${owner().account}:${resource}`;
const settle = () => platform.cloud.clock.advance(65_000);

/** The ids of the events among envelopes. */
const eventsIn = (texts: readonly string[]): string[] => texts.map((text) => JSON.parse(text).detail.id);

const logged = (group: string): string[] =>
  platform.cloud.logs.recent(arn('logs', `log-group:${group}`)).map(({ message }) => message);

describe('the consumer construct, deployed by the customer', () => {
  it('activates the source, and brings an event to the log group, the function, the state machine, the topic and the queue', async () => {
    const destination = await createDestination(platform, { enabled_events: ['*'] }, REGION);
    const { app, cdkOut } = consumerApp();
    buildEveryTarget(app, sourceOf(destination));
    app.synth();
    await platform.cloud.deploy(cdkOut, owner());
    await settle();
    const { amazon_eventbridge } = await platform.stripe().v2.core.eventDestinations.retrieve(destination.id);
    expect(amazon_eventbridge?.aws_event_source_status).toBe('active');

    const paid = await publish(platform, 'invoice.paid');
    const created = await publish(platform, 'customer.created');
    await settle();

    expect(eventsIn(logged(`/aws/events/event-destinations/${destination.id}`)).sort()).toEqual([paid, created].sort());
    expect(eventsIn(await received('all')).sort()).toEqual([paid, created].sort());
    const [notification = '{}'] = await received('subscribed');
    expect(eventsIn([JSON.parse(notification).Message])).toEqual([paid]);
    expect(eventsIn(logged('/aws/lambda/on-paid'))).toEqual([paid]);
    expect(await executionInputs('on-paid')).toEqual([paid]);
  });

  it('keeps in its dead-letter queue what a target does not take', async () => {
    const destination = await createDestination(platform, { enabled_events: ['charge.failed'] }, REGION);
    const functionArn = arn('lambda', 'function:not-there');
    const { app, cdkOut } = consumerApp({ eventSourceName: sourceOf(destination), functionArn });
    buildConsumerApp(app).synth();
    const outputs = await platform.cloud.deploy(cdkOut, owner());
    await settle();
    const event = await publish(platform, 'charge.failed');
    await settle();
    const [{ DeadLettersQueueUrl = '', LogGroup = '' } = {}] = Object.values(outputs);
    expect(eventsIn(logged(LogGroup))).toEqual([event]);
    expect(eventsIn(await received(DeadLettersQueueUrl.split('/').at(-1) ?? ''))).toEqual([event]);
  });
});

/** A customer's own app: the construct with each kind of target there is. */
function buildEveryTarget(app: ReturnType<typeof consumerApp>['app'], eventSourceName: string): void {
  const stack = new Stack(app, 'customer');
  const consumer = new EventDestinationConsumer(stack, 'Consumer', { eventSourceName });
  consumer.logEvents();
  consumer.toQueue('Everything', new Queue(stack, 'All', { queueName: 'all' }));

  const paid = { eventTypes: ['invoice.paid'], retryAttempts: 3 };
  const handler = new LambdaFunction(stack, 'OnPaid', {
    functionName: 'on-paid',
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    handler: 'index.handler',
    code: Code.fromAsset(codeOf('export const handler = async (event) => console.log(JSON.stringify(event));')),
    logGroup: new LogGroup(stack, 'OnPaidLogs', { logGroupName: '/aws/lambda/on-paid' }),
  });
  consumer.toFunction('ToFunction', handler, paid);
  const definitionBody = DefinitionBody.fromChainable(new Pass(stack, 'Take'));
  const machine = new StateMachine(stack, 'Machine', { stateMachineName: 'on-paid', definitionBody });
  consumer.toStateMachine('ToStateMachine', machine, paid);
  const topic = new Topic(stack, 'Topic');
  topic.addSubscription(new SqsSubscription(new Queue(stack, 'Subscribed', { queueName: 'subscribed' })));
  consumer.toTopic('ToTopic', topic, paid);
}

/** The messages in a queue of the customer's. */
async function received(name: string): Promise<string[]> {
  const queue = platform.cloud.sqs.queue(arn('sqs', name));
  if (!queue) return [];
  const input = { QueueUrl: queue.url, MaxNumberOfMessages: 10 };
  const answer = (await platform.cloud.sqs.handle('ReceiveMessage', input, owner())) as {
    Messages?: { Body: string }[];
  };
  return (answer.Messages ?? []).map(({ Body }) => Body);
}

async function executionInputs(name: string): Promise<string[]> {
  const { stepFunctions } = platform.cloud;
  const stateMachineArn = arn('states', `stateMachine:${name}`);
  const listed = (await stepFunctions?.handle('ListExecutions', { stateMachineArn }, owner())) as {
    executions: { executionArn: string }[];
  };
  const executions = await Promise.all(
    listed.executions.map(({ executionArn }) => stepFunctions?.handle('DescribeExecution', { executionArn }, owner())),
  );
  return eventsIn(executions.map((execution) => (execution as { input: string }).input));
}
