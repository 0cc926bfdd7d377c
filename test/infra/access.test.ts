import { describe, expect, it } from 'vitest';
import { readable, synthesizedResources } from './cdk-out.ts';
import { permissions } from './permissions.ts';

/** Of the function of a queue. */
const RECEIVE =
  'sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:GetQueueAttributes sqs:GetQueueUrl sqs:ReceiveMessage';
const SEND = 'sqs:SendMessage';
const RECEIVE_AND_SEND = `${RECEIVE} ${SEND}`;
const LOG = 'logs:CreateLogStream logs:PutLogEvents';
/** Of who writes to a table, through DynamoDB alone. */
const READ_KEY = 'kms:Decrypt@dynamodb kms:DescribeKey@dynamodb';
const KEY =
  'kms:Decrypt@dynamodb kms:DescribeKey@dynamodb kms:Encrypt@dynamodb kms:GenerateDataKey@dynamodb kms:GenerateDataKeyWithoutPlaintext@dynamodb kms:ReEncryptFrom@dynamodb kms:ReEncryptTo@dynamodb';

const RETRY_MACHINE = 'arn:<Partition>:states:<Region>:<AccountId>:stateMachine:event-destinations-dev-retry';
const EVENT_SOURCES = 'arn:<Partition>:events:*::event-source/aws.partner/example.com/*';

const table = (...actions: string[]) => actions.map((action) => `dynamodb:${action}`).join(' ');

/**
 * What each role may do on which resource. It is complete: whoever gives a function one permission more has to write it
 * here as well, and whoever reads this file knows what a function could do if it were taken over.
 */
const MAY: Record<string, Record<string, string>> = {
  ApiRole: {
    ApiLogs: LOG,
    Registry: table('DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'),
    'registry key': KEY,
    Ledger: table('GetItem', 'PutItem', 'UpdateItem'),
    'ledger key': KEY,
    EventsQueue: SEND,
    ReleasesQueue: SEND,
    ApiKeyPepper: 'secretsmanager:DescribeSecret secretsmanager:GetSecretValue',
    SigningSecretsKey: 'kms:Decrypt@signing-secrets kms:GenerateDataKey@signing-secrets',
    [EVENT_SOURCES]:
      'events:CreatePartnerEventSource events:DeletePartnerEventSource events:DescribeEventSource events:ListPartnerEventSourceAccounts',
  },
  DispatchRole: {
    DispatchLogs: LOG,
    EventsQueue: RECEIVE,
    Registry: table('GetItem', 'Query'),
    'registry key': READ_KEY,
    Ledger: table('GetItem', 'PutItem'),
    'ledger key': KEY,
    DeliveriesEventBridgeQueue: SEND,
    DeliveriesWebhookQueue: SEND,
  },
  DeliverEventBridgeRole: {
    DeliverEventBridgeLogs: LOG,
    DeliveriesEventBridgeQueue: RECEIVE_AND_SEND,
    ReleasesQueue: SEND,
    SourceChecksQueue: SEND,
    Registry: table('BatchGetItem', 'GetItem', 'PutItem', 'UpdateItem'),
    'registry key': KEY,
    Ledger: table('BatchGetItem', 'DeleteItem', 'GetItem', 'PutItem'),
    'ledger key': KEY,
    [RETRY_MACHINE]: 'states:StartExecution',
    '*': 'events:PutPartnerEvents',
  },
  DeliverWebhookRole: {
    DeliverWebhookLogs: LOG,
    DeliveriesWebhookQueue: RECEIVE_AND_SEND,
    SlowWebhookQueue: RECEIVE_AND_SEND,
    ReleasesQueue: SEND,
    Registry: table('BatchGetItem', 'GetItem', 'PutItem', 'UpdateItem'),
    'registry key': KEY,
    Ledger: table('BatchGetItem', 'DeleteItem', 'GetItem', 'PutItem'),
    'ledger key': KEY,
    [RETRY_MACHINE]: 'states:StartExecution',
    SigningSecretsKey: 'kms:Decrypt@signing-secrets',
  },
  ReleaseRole: {
    ReleaseLogs: LOG,
    ReleasesQueue: RECEIVE_AND_SEND,
    DeliveriesEventBridgeQueue: SEND,
    DeliveriesWebhookQueue: SEND,
    Registry: table('BatchGetItem', 'GetItem', 'PutItem', 'UpdateItem'),
    'registry key': KEY,
    Ledger: table('BatchGetItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'),
    'Ledger/index/undelivered': table('Query'),
    'ledger key': KEY,
    [RETRY_MACHINE]: 'states:StartExecution',
  },
  ReconcileRole: {
    ReconcileLogs: LOG,
    ReconciliationsQueue: RECEIVE_AND_SEND,
    DeliveriesEventBridgeQueue: SEND,
    DeliveriesWebhookQueue: SEND,
    ReleasesQueue: SEND,
    Registry: table('BatchGetItem', 'GetItem', 'PutItem', 'Scan'),
    'registry key': KEY,
    Ledger: table('BatchGetItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query'),
    'Ledger/index/undelivered': table('Query'),
    'ledger key': KEY,
    [RETRY_MACHINE]: 'states:StartExecution',
  },
  ReturnDeadLettersRole: {
    ReturnDeadLettersLogs: LOG,
    EventsDeadLetters: RECEIVE,
    RuleDeadLetters: RECEIVE,
    DeliveriesEventBridgeDeadLetters: RECEIVE,
    DeliveriesWebhookDeadLetters: RECEIVE,
    SlowWebhookDeadLetters: RECEIVE,
    ReleasesDeadLetters: RECEIVE,
    ReconciliationsDeadLetters: RECEIVE,
    EventsQueue: SEND,
    DeliveriesEventBridgeQueue: SEND,
    DeliveriesWebhookQueue: SEND,
    SlowWebhookQueue: SEND,
    ReleasesQueue: SEND,
    ReconciliationsQueue: SEND,
    Registry: table('GetItem'),
    'registry key': READ_KEY,
    Ledger: table('GetItem', 'PutItem'),
    'ledger key': KEY,
  },
  TrackSourcesRole: {
    TrackSourcesLogs: LOG,
    SourceChecksQueue: RECEIVE_AND_SEND,
    ReleasesQueue: SEND,
    EventsQueue: SEND,
    Registry: table('BatchGetItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'),
    'Registry/index/source-checks': table('Query'),
    'registry key': KEY,
    [EVENT_SOURCES]:
      'events:CreatePartnerEventSource events:DeletePartnerEventSource events:DescribeEventSource events:ListPartnerEventSourceAccounts',
    '*': 'events:ListPartnerEventSources',
  },
  EventsRole: {
    EventsLogs: LOG,
    Registry: table('BatchGetItem', 'GetItem', 'Query'),
    'registry key': READ_KEY,
    Ledger: table('BatchGetItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'),
    'Ledger/index/undelivered': table('Query'),
    'ledger key': KEY,
    EventsQueue: SEND,
    DeliveriesEventBridgeQueue: SEND,
    DeliveriesWebhookQueue: SEND,
    ReleasesQueue: SEND,
    ApiKeyPepper: 'secretsmanager:DescribeSecret secretsmanager:GetSecretValue',
  },
  EventSourcesRole: {
    EventSourcesLogs: LOG,
    Registry: table('GetItem', 'PutItem', 'UpdateItem'),
    'registry key': KEY,
    Ledger: table('UpdateItem'),
    'ledger key': KEY,
    EventsQueue: SEND,
    ReleasesQueue: SEND,
    ApiKeyPepper: 'secretsmanager:DescribeSecret secretsmanager:GetSecretValue',
    [EVENT_SOURCES]: 'events:DescribeEventSource events:ListPartnerEventSourceAccounts',
  },
  TestHelpersRole: {
    TestHelpersLogs: LOG,
    Registry: table('GetItem'),
    'registry key': READ_KEY,
    Ledger: table('GetItem', 'PutItem', 'UpdateItem'),
    'ledger key': KEY,
    EventsQueue: SEND,
    ApiKeyPepper: 'secretsmanager:DescribeSecret secretsmanager:GetSecretValue',
  },
  OpenApiRole: { OpenApiLogs: LOG },
  RetryMachineRole: {
    Release: 'lambda:InvokeFunction',
    'Release:*': 'lambda:InvokeFunction',
    '*': 'logs:CreateLogDelivery logs:DeleteLogDelivery logs:DescribeLogGroups logs:DescribeResourcePolicies logs:GetLogDelivery logs:ListLogDeliveries logs:PutResourcePolicy logs:UpdateLogDelivery xray:GetSamplingRules xray:GetSamplingTargets xray:PutTelemetryRecords xray:PutTraceSegments',
  },
};

describe('who may do what', () => {
  it('is this, on these resources, and nothing else', () => {
    expect(permissions()).toEqual(MAY);
  });

  it('comes from no managed or inline policy, but what AWS gives for the account setting of API Gateway', () => {
    const others = synthesizedResources('AWS::IAM::Role').filter(
      ([, { Properties }]) => Properties.ManagedPolicyArns || Properties.Policies,
    );
    expect(others.map(([id]) => id)).toEqual([expect.stringMatching(/^RestApiCloudWatchRole/)]);
    const [account] = others.map(([, { Properties }]) => Properties.ManagedPolicyArns.map(readable));
    expect(account).toEqual(['arn:<Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs']);
    expect(synthesizedResources('AWS::IAM::ManagedPolicy')).toEqual([]);
  });

  it('is for the services that run them: no other account, and no user, may take a role', () => {
    for (const [, { Properties }] of synthesizedResources('AWS::IAM::Role')) {
      const [statement, ...others] = Properties.AssumeRolePolicyDocument.Statement;
      expect(others).toEqual([]);
      expect(Object.keys(statement.Principal)).toEqual(['Service']);
    }
  });

  it('lets each function be invoked by its own schedule, gateway or machine', () => {
    const invokers = synthesizedResources('AWS::Lambda::Permission').map(([, { Properties }]) => {
      const principal = String(Properties.Principal).split('.')[0];
      expect(Properties.SourceArn).toBeDefined();
      return `${principal} ${readable(Properties.FunctionName)}`;
    });
    expect([...new Set(invokers)].sort()).toEqual([
      'apigateway Api',
      'apigateway EventSources',
      'apigateway Events',
      'apigateway OpenApi',
      'apigateway TestHelpers',
      'events Reconcile',
      'events TrackSources',
    ]);
  });
});
