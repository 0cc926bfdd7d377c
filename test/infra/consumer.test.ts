import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { buildConsumerApp } from '../../infra/consumer/app.ts';
import { type Resource, resourcesOf } from './templates.ts';

const NAME = 'aws.partner/example.com/ed_test_01M7YRRT80NJV7GN7EHF0W928N';
const FUNCTION = 'arn:aws:lambda:us-east-1:123456789012:function:on-event';
const MACHINE = 'arn:aws:states:us-east-1:123456789012:stateMachine:on-event';

function synthesize(context: Record<string, unknown> = {}): Template {
  const app = new App({ context: { ...cdkJson.context, eventSourceName: NAME, ...context } });
  return Template.fromJSON(buildConsumerApp(app).synth().stacks[0]?.template);
}

const everything = synthesize({ targets: 'sqs,sns', functionArn: FUNCTION, stateMachineArn: MACHINE });
const all = (type: string): Resource[] => resourcesOf({ everything }, type).map(([, resource]) => resource);

describe('the consumer', () => {
  it('names the event bus as the event source, which is what associates them', () => {
    everything.hasResourceProperties('AWS::Events::EventBus', { Name: NAME, EventSourceName: NAME });
  });

  it('keeps events in a log group under /aws/events/, for a month, which EventBridge alone may write to', () => {
    const name = `/aws/events/event-destinations/${NAME.split('/').at(-1)}`;
    everything.hasResource('AWS::Logs::LogGroup', {
      Properties: { LogGroupName: name, RetentionInDays: 30 },
      DeletionPolicy: 'RetainExceptOnCreate',
    });
    const [policy] = all('AWS::Logs::ResourcePolicy');
    const [statement, ...others] = JSON.parse(joined(policy?.Properties.PolicyDocument)).Statement;
    expect(others).toEqual([]);
    expect(statement).toEqual({
      Effect: 'Allow',
      Principal: { Service: ['events.amazonaws.com', 'delivery.logs.amazonaws.com'] },
      Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      Resource: expect.stringMatching(/:log-group:\S+:\*$/),
    });
    synthesize({ logRetentionDays: 7 }).hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 7 });
  });

  it('has a rule for each target, with retries for 24 hours and then the dead-letter queue', () => {
    const rules = all('AWS::Events::Rule');
    expect(rules).toHaveLength(5);
    for (const { Properties } of rules) {
      expect(Properties.EventPattern).toEqual({ source: [NAME] });
      expect(Properties.Targets).toEqual([
        expect.objectContaining({
          RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
          DeadLetterConfig: { Arn: { 'Fn::GetAtt': [expect.stringContaining('DeadLetters'), 'Arn'] } },
        }),
      ]);
    }
  });

  it('takes some event types alone when it is told them', () => {
    synthesize({ eventTypes: 'invoice.paid,invoice.voided' }).allResourcesProperties('AWS::Events::Rule', {
      EventPattern: { source: [NAME], 'detail-type': ['invoice.paid', 'invoice.voided'] },
    });
  });

  it('lets each rule reach its own target, and nobody else', () => {
    const allowed = [...all('AWS::SQS::QueuePolicy'), ...all('AWS::SNS::TopicPolicy')]
      .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
      .filter(({ Effect }) => Effect === 'Allow');
    // A rule for each dead letter, and the queue's and the topic's own.
    expect(allowed).toHaveLength(5 + 2);
    for (const { Principal, Action, Condition } of allowed) {
      expect(Principal).toEqual({ Service: 'events.amazonaws.com' });
      expect([Action].flat().every((action) => /^(sns:Publish|sqs:(SendMessage|GetQueue\w+))$/.test(action))).toBe(
        true,
      );
      expect(Condition.ArnEquals['aws:SourceArn']).toEqual({ 'Fn::GetAtt': [expect.any(String), 'Arn'] });
    }
    everything.hasResourceProperties('AWS::Lambda::Permission', {
      FunctionName: FUNCTION,
      Principal: 'events.amazonaws.com',
      SourceArn: { 'Fn::GetAtt': [Match.anyValue(), 'Arn'] },
    });
    const [policy, ...others] = all('AWS::IAM::Policy');
    expect(others).toEqual([]);
    expect(policy?.Properties.PolicyDocument.Statement).toEqual([
      { Action: 'states:StartExecution', Effect: 'Allow', Resource: MACHINE },
    ]);
  });

  it('encrypts its queues, and takes TLS alone', () => {
    for (const { Properties } of all('AWS::SQS::Queue')) expect(Properties.SqsManagedSseEnabled).toBe(true);
    const denied = [...all('AWS::SQS::QueuePolicy'), ...all('AWS::SNS::TopicPolicy')].map(({ Properties }) =>
      Properties.PolicyDocument.Statement.find(({ Effect }: { Effect: string }) => Effect === 'Deny'),
    );
    expect(denied).toHaveLength(3);
    for (const { Condition } of denied) expect(Condition).toEqual({ Bool: { 'aws:SecureTransport': 'false' } });
  });

  it('of an event bus lets the publisher put events of its source alone, and echoes to one endpoint', () => {
    const source = 'example.com/ed_test_01M7YRRT80NJV7GN7EHF0W928N';
    const echoEndpoint = 'https://api.example.com/v2/core/event_destinations/ed_test_01M7YRRT80NJV7GN7EHF0W928N/echo';
    const bus = synthesize({ eventSourceName: source, publisherAccount: '111122223333', echoEndpoint });
    bus.hasResourceProperties('AWS::Events::EventBus', {
      Name: 'event-destinations-ed_test_01M7YRRT80NJV7GN7EHF0W928N',
      EventSourceName: Match.absent(),
    });
    bus.resourceCountIs('AWS::Events::EventBusPolicy', 1);
    bus.hasResourceProperties('AWS::Events::EventBusPolicy', {
      Statement: {
        Effect: 'Allow',
        Action: 'events:PutEvents',
        Principal: { AWS: Match.anyValue() },
        Resource: { 'Fn::GetAtt': [Match.anyValue(), 'Arn'] },
        Condition: { StringEquals: { 'events:source': source } },
      },
    });
    bus.hasResourceProperties('AWS::Events::ApiDestination', { InvocationEndpoint: echoEndpoint, HttpMethod: 'POST' });
    bus.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: { source: [source], 'detail-type': ['event_destination.echo'] },
      Targets: [Match.objectLike({ InputPath: '$.detail' })],
    });
    // What goes to the log group is none of the echo's.
    bus.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: { source: [source], 'detail-type': [{ 'anything-but': ['event_destination.echo'] }] },
    });
    bus.allResourcesProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: [Match.objectLike({ Action: 'events:InvokeApiDestination' })] },
    });
  });

  it.each([
    ['no event source', { eventSourceName: undefined }, /eventSourceName.*is required/],
    ['what is no event source', { eventSourceName: 'my-bus' }, /eventSourceName=my-bus: must be/],
    ['a source without its publisher', { eventSourceName: 'example.com/ed_1' }, /publisherAccount and echoEndpoint/],
    ['an echo without TLS', { echoEndpoint: 'http://example.com' }, /must be an https URL/],
    ['a retention that CloudWatch does not have', { logRetentionDays: 31 }, /logRetentionDays=31: must be one of/],
    ['a target that is none', { targets: 'kinesis' }, /targets.*must be sqs, sns or both/],
    ['a function without its ARN', { functionArn: 'on-event' }, /functionArn=on-event: must be the ARN/],
  ])('refuses %s', (_what, context, message) => {
    expect(() => synthesize(context)).toThrow(message);
  });
});

/** A text that CloudFormation joins, its references as they stand. */
const joined = (text: { 'Fn::Join': [string, (string | { Ref: string })[]] }): string =>
  text['Fn::Join'][1].map((part) => (typeof part === 'string' ? part : part.Ref)).join('');
