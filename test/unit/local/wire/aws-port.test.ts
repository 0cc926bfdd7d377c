import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  PutLogEventsCommand,
  PutResourcePolicyCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  CreateEventBusCommand,
  EventBridgeClient,
  ListEventBusesCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { CreateSecretCommand, GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Cloud, startCloud } from '../../../../local/cloud.ts';
import { arn, assembly, queue } from '../boot/assembly.ts';

const RESOURCES = {
  Table: {
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      TableName: 'things',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: ['pk', 'sk', 'due'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      GlobalSecondaryIndexes: [
        {
          IndexName: 'by-due',
          KeySchema: [{ AttributeName: 'due', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
    },
  },
  Queue: queue('work'),
  Secret: {
    Type: 'AWS::SecretsManager::Secret',
    Properties: { Name: 'pepper', GenerateSecretString: { PasswordLength: 64, ExcludePunctuation: true } },
  },
  Machine: {
    Type: 'AWS::StepFunctions::StateMachine',
    Properties: {
      StateMachineName: 'retry',
      DefinitionString: '{"StartAt":"Pass","States":{"Pass":{"Type":"Pass","End":true}}}',
    },
  },
};

let cloud: Cloud;
/** Settings of an SDK client in that account; the AWS_ENDPOINT_URL of the environment does the same. */
const as = (account: string, region = 'us-east-1') => ({
  region,
  endpoint: cloud.awsUrl,
  credentials: { accessKeyId: account, secretAccessKey: 'local' },
  maxAttempts: 1,
});
const SERVICE = '000000000000';
const CUSTOMER = '123456789012';

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'aws-port-'));
  cloud = await startCloud({ cdkOut: assembly(RESOURCES, {}, folder) });
  rmSync(folder, { recursive: true });
});
afterAll(() => cloud?.close());

describe('the AWS port speaks with the SDK of', () => {
  test('DynamoDB', async () => {
    const client = DynamoDBDocumentClient.from(new DynamoDBClient(as(SERVICE)));
    const Key = { pk: 'a', sk: '1' };
    await client.send(
      new PutCommand({ TableName: 'things', Item: { ...Key, due: 'now', blob: new Uint8Array([1, 2]) } }),
    );
    await client.send(
      new UpdateCommand({
        TableName: 'things',
        Key,
        UpdateExpression: 'ADD n :one',
        ExpressionAttributeValues: { ':one': 1 },
      }),
    );
    const { Item } = await client.send(new GetCommand({ TableName: 'things', Key, ConsistentRead: true }));
    expect(Item).toEqual({ ...Key, due: 'now', n: 1, blob: new Uint8Array([1, 2]) });
    const byDue = {
      TableName: 'things',
      IndexName: 'by-due',
      KeyConditionExpression: 'due = :due',
      ExpressionAttributeValues: { ':due': 'now' },
    };
    expect((await client.send(new QueryCommand(byDue))).Items).toEqual([{ ...Key, due: 'now' }]);
    const again = new PutCommand({ TableName: 'things', Item: Key, ConditionExpression: 'attribute_not_exists(pk)' });
    await expect(client.send(again)).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' });
  });

  test('SQS', async () => {
    // Also by the queue's own URL, which is where the SDK goes by itself.
    const client = new SQSClient(as(CUSTOMER, 'eu-west-1'));
    const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: 'orders' }));
    const MessageAttributes = { kind: { DataType: 'String', StringValue: 'x' } };
    const Entries = ['a', 'b'].map((Id) => ({ Id, MessageBody: Id, MessageGroupId: Id, MessageAttributes }));
    expect((await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }))).Successful).toHaveLength(2);
    const receive = { QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1, MessageAttributeNames: ['All'] };
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({ ...receive, MessageSystemAttributeNames: ['All'] }),
    );
    expect(Messages.map(({ Body, Attributes }) => [Body, Attributes?.MessageGroupId])).toEqual([
      ['a', 'a'],
      ['b', 'b'],
    ]);
    for (const { ReceiptHandle } of Messages) await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    expect(Attributes).toMatchObject({ ApproximateNumberOfMessages: '0', ApproximateNumberOfMessagesNotVisible: '0' });
    const gone = new ReceiveMessageCommand({ QueueUrl: `${cloud.awsUrl}/${CUSTOMER}/gone` });
    await expect(client.send(gone)).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
  });

  test('EventBridge, and brings events to a log group and a queue of the customer', async () => {
    const events = new EventBridgeClient(as(CUSTOMER));
    const logs = new CloudWatchLogsClient(as(CUSTOMER));
    await events.send(new CreateEventBusCommand({ Name: 'shop' }));
    await logs.send(new CreateLogGroupCommand({ logGroupName: '/aws/events/shop' }));
    await events.send(new PutRuleCommand({ Name: 'all', EventBusName: 'shop', EventPattern: '{"source":["till"]}' }));
    const Arn = `arn:aws:logs:us-east-1:${CUSTOMER}:log-group:/aws/events/shop:*`;
    await events.send(new PutTargetsCommand({ Rule: 'all', EventBusName: 'shop', Targets: [{ Id: '1', Arn }] }));
    const entry = { EventBusName: 'shop', Source: 'till', DetailType: 'sold', Detail: '{"n":1}' };
    await events.send(new PutEventsCommand({ Entries: [entry] }));
    await cloud.clock.settled();
    const found = await logs.send(
      new FilterLogEventsCommand({ logGroupName: '/aws/events/shop', filterPattern: '"sold" -bought' }),
    );
    expect(JSON.parse(found.events?.[0]?.message ?? '')).toMatchObject({ 'detail-type': 'sold', detail: { n: 1 } });
    const other = new EventBridgeClient(as('999999999999'));
    expect((await other.send(new ListEventBusesCommand({}))).EventBuses?.map(({ Name }) => Name)).toEqual(['default']);
  });

  test('CloudWatch Logs', async () => {
    const logs = new CloudWatchLogsClient(as(CUSTOMER));
    const group = { logGroupName: '/own' };
    await logs.send(new CreateLogGroupCommand(group));
    await expect(logs.send(new CreateLogGroupCommand(group))).rejects.toMatchObject({
      name: 'ResourceAlreadyExistsException',
    });
    await logs.send(new CreateLogStreamCommand({ ...group, logStreamName: 's' }));
    await logs.send(new PutResourcePolicyCommand({ policyName: 'p', policyDocument: '{}' }));
    const now = Date.now();
    const logEvents = ['one', 'two', 'three'].map((message, index) => ({ message, timestamp: now + index }));
    await logs.send(new PutLogEventsCommand({ ...group, logStreamName: 's', logEvents }));
    const { events } = await logs.send(new GetLogEventsCommand({ ...group, logStreamName: 's', limit: 2 }));
    expect(events?.map(({ message }) => message)).toEqual(['two', 'three']);
    const page = await logs.send(new FilterLogEventsCommand({ ...group, startTime: now + 1, limit: 1 }));
    expect([page.events?.[0]?.message, page.nextToken]).toEqual(['two', expect.any(String)]);
    const streams = await logs.send(new DescribeLogStreamsCommand(group));
    expect(streams.logStreams).toMatchObject([{ logStreamName: 's', lastEventTimestamp: now + 2 }]);
    await logs.send(new DeleteLogGroupCommand(group));
    expect((await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: '/own' }))).logGroups).toEqual([]);
  });

  test('Secrets Manager', async () => {
    const client = new SecretsManagerClient(as(SERVICE));
    const { SecretString, ARN } = await client.send(new GetSecretValueCommand({ SecretId: 'pepper' }));
    expect(SecretString).toMatch(/^[A-Za-z0-9]{64}$/);
    expect(await client.send(new GetSecretValueCommand({ SecretId: ARN }))).toMatchObject({ SecretString });
    await client.send(new CreateSecretCommand({ Name: 'mine', SecretString: 'x' }));
    expect(await client.send(new GetSecretValueCommand({ SecretId: 'mine' }))).toMatchObject({ SecretString: 'x' });
    const missing = client.send(new GetSecretValueCommand({ SecretId: 'nobody' }));
    await expect(missing).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('Step Functions', async () => {
    const client = new SFNClient(as(SERVICE));
    const start = { stateMachineArn: arn('states', 'stateMachine:retry'), name: 'once', input: '{"a":1}' };
    const { executionArn } = await client.send(new StartExecutionCommand(start));
    await cloud.clock.settled();
    const described = await client.send(new DescribeExecutionCommand({ executionArn }));
    expect(described).toMatchObject({ status: 'SUCCEEDED', output: '{"a":1}' });
  });
});

describe('the AWS port', () => {
  const post = async (headers: Record<string, string>, body = '{}') => {
    const response = await fetch(cloud.awsUrl, { method: 'POST', headers, body });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  const signed = (account: string) =>
    `AWS4-HMAC-SHA256 Credential=${account}/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0`;

  test('tells who calls', async () => {
    const headers = {
      authorization: signed(CUSTOMER),
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
    };
    const { text } = await post(headers, 'Action=GetCallerIdentity&Version=2011-06-15');
    expect(text).toContain(`<Account>${CUSTOMER}</Account>`);
    const refused = await post({ ...headers, authorization: signed('AKIA') }, 'Action=GetCallerIdentity');
    expect(refused).toMatchObject({
      status: 403,
      text: expect.stringContaining('<Code>UnrecognizedClientException</Code>'),
    });
  });

  test('refuses an access key id that is no account, and says what to do', async () => {
    const target = { 'x-amz-target': 'AmazonSQS.ListQueues', 'content-type': 'application/x-amz-json-1.0' };
    for (const headers of [target, { ...target, authorization: signed('AKIAIOSFODNN7EXAMPLE') }]) {
      const { status, text, headers: answered } = await post(headers);
      expect(status).toBe(403);
      expect(answered.get('x-amzn-errortype')).toBe('UnrecognizedClientException');
      expect(text).toContain('use your twelve-digit AWS account id as access key id');
    }
  });

  test('answers AWS errors for what it does not have', async () => {
    const unknown = { authorization: signed(SERVICE), 'x-amz-target': 'Kinesis_20131202.PutRecord' };
    expect(await post(unknown)).toMatchObject({
      status: 400,
      text: expect.stringContaining('UnknownOperationException'),
    });
    const operation = { ...unknown, 'x-amz-target': 'DynamoDB_20120810.TransactWriteItems' };
    expect(await post(operation)).toMatchObject({
      status: 400,
      text: expect.stringContaining('UnknownOperationException'),
    });
    const broken = { ...unknown, 'x-amz-target': 'AmazonSQS.SendMessage' };
    expect(await post(broken, '{')).toMatchObject({
      status: 400,
      text: expect.stringContaining('SerializationException'),
    });
  });

  test('keeps the tables to the account of the service', async () => {
    const client = new DynamoDBClient(as(CUSTOMER));
    const get = new GetCommand({ TableName: 'things', Key: { pk: 'a', sk: '1' } });
    await expect(DynamoDBDocumentClient.from(client).send(get)).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
  });

  test('survives whatever is wrong inside', async () => {
    const bad = {
      authorization: signed(SERVICE),
      'x-amz-target': 'DynamoDB_20120810.PutItem',
      'content-type': 'application/x-amz-json-1.0',
    };
    for (const body of ['null', '[]', '"x"', '{"TableName":{}}'])
      expect((await post(bad, body)).status).toBeGreaterThanOrEqual(400);
    expect((await fetch(`${cloud.awsUrl}/_local/status`)).status).toBe(200);
  });
});
