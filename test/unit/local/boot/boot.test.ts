import { createServer } from 'node:http';
import { describe, expect, test } from 'vitest';
import { startCloud } from '../../../../local/cloud.ts';
import { arn, assembly, boot, CUSTOMER, echo, lambdaFunction, queue, START, temporaryFolder } from './assembly.ts';

const SERVICE = { account: '000000000000', region: 'us-east-1' };
const HOUR = 3600_000;

const ref = (Ref: string) => ({ Ref });
const arnOf = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });

const WORKER = {
  Queue: queue('work', { VisibilityTimeout: 30 }),
  Worker: lambdaFunction('worker', { Environment: { Variables: { QUEUE_URL: ref('Queue') } } }),
  Mapping: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: { EventSourceArn: arnOf('Queue'), FunctionName: ref('Worker'), BatchSize: 10 },
  },
};

const TABLE = {
  Type: 'AWS::DynamoDB::Table',
  Properties: {
    TableName: 'things',
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    BillingMode: 'PAY_PER_REQUEST',
    TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
  },
};

describe('the embedded cloud', () => {
  test('runs the bundles of the templates on the messages of their queues', async () => {
    const { cloud, events } = await boot(assembly(WORKER, { worker: echo() }));
    await cloud.sqs.send(arn('sqs', 'work'), { body: 'hello' });
    await cloud.clock.settled();
    expect(events('worker')).toMatchObject([{ Records: [{ body: 'hello', eventSource: 'aws:sqs' }] }]);
    expect(cloud.outputs).toEqual({ app: { Region: 'us-east-1' } });
  });

  test('gives functions their variables and the way to the services', async () => {
    const code = `export const handler = async () => {
      const { QUEUE_URL, AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_REGION } = process.env;
      return { QUEUE_URL, AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_REGION };
    };`;
    const { cloud } = await boot(assembly(WORKER, { worker: code }));
    expect((await cloud.lambda.invoke('worker', {})).payload).toEqual({
      QUEUE_URL: `${cloud.awsUrl}/000000000000/work`,
      AWS_ENDPOINT_URL: cloud.awsUrl,
      AWS_ACCESS_KEY_ID: '000000000000',
      AWS_REGION: 'us-east-1',
    });
  });

  test('has nothing that is not in the templates', async () => {
    const { cloud } = await boot(assembly({}));
    expect((await fetch(`${cloud.apiUrl}/v1/events`)).status).toBe(404);
    expect(cloud.sqs.queues()).toEqual([]);
    expect(await cloud.dynamodb.call('ListTables', {})).toEqual({ TableNames: [] });
  });

  test('refuses a template with something that it does not know, and lets go of everything', async () => {
    const cdkOut = assembly({ Stream: { Type: 'AWS::Kinesis::Stream', Properties: {} } });
    await expect(startCloud({ cdkOut, frozenAt: START })).rejects.toThrow('Stream is an AWS::Kinesis::Stream');
    expect(Math.abs(Date.now() - START)).toBeGreaterThan(HOUR);
  });

  test('says which variable to change when a port is taken', async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => {
        const address = other.address();
        resolve(typeof address === 'object' && address ? address.port : 0);
      });
    });
    const cdkOut = assembly({});
    await expect(startCloud({ cdkOut, awsPort: port })).rejects.toThrow(`Port ${port} is taken: set AWS_PORT`);
    await expect(startCloud({ cdkOut, apiPort: port })).rejects.toThrow(`Port ${port} is taken: set PORT`);
    other.close();
  });

  test('deletes expired items within the hour, and others never', async () => {
    const { cloud } = await boot(assembly({ Table: TABLE }));
    const put = (pk: string, ttl?: number) =>
      cloud.dynamodb.call('PutItem', {
        TableName: 'things',
        Item: { pk: { S: pk }, ...(ttl !== undefined && { ttl: { N: String(START / 1000 + ttl) } }) },
      });
    await put('soon', 600);
    await put('later', 5_000);
    await put('never');
    const names = async () =>
      JSON.stringify(await cloud.dynamodb.call('Scan', { TableName: 'things' }))
        .match(/soon|later|never/g)
        ?.sort();
    await cloud.clock.advance(HOUR - 1);
    expect(await names()).toEqual(['later', 'never', 'soon']);
    await cloud.clock.advance(1);
    expect(await names()).toEqual(['later', 'never']);
    await cloud.clock.advance(HOUR);
    expect(await names()).toEqual(['never']);
  });
});

describe('schedules', () => {
  const rule = (ScheduleExpression: string, more: object = {}) => ({
    Type: 'AWS::Events::Rule',
    Properties: {
      Name: 'tick',
      ScheduleExpression,
      State: 'ENABLED',
      Targets: [{ Id: '1', Arn: arnOf('Worker') }],
      ...more,
    },
  });

  test('of rules invoke their function on the clock, with the scheduled event of AWS', async () => {
    const resources = { Worker: lambdaFunction('worker'), Rule: rule('rate(5 minutes)') };
    const { cloud, events } = await boot(assembly(resources, { worker: echo() }));
    await cloud.clock.advance(11 * 60_000);
    expect(events('worker')).toEqual(
      ['2026-01-01T00:05:00Z', '2026-01-01T00:10:00Z'].map((time) => ({
        version: '0',
        id: expect.any(String),
        'detail-type': 'Scheduled Event',
        source: 'aws.events',
        account: '000000000000',
        time,
        region: 'us-east-1',
        resources: [arn('events', 'rule/tick')],
        detail: {},
      })),
    );
  });

  test('of rules that are disabled do nothing', async () => {
    const resources = { Worker: lambdaFunction('worker'), Rule: rule('rate(1 minute)', { State: 'DISABLED' }) };
    const { cloud, events } = await boot(assembly(resources, { worker: echo() }));
    await cloud.clock.advance(HOUR);
    expect(events('worker')).toEqual([]);
  });

  test('of EventBridge Scheduler send their input', async () => {
    const Target = { Arn: arnOf('Worker'), Input: '{"at":"<aws.scheduler.scheduled-time>"}' };
    const schedule = { Name: 'nightly', ScheduleExpression: 'cron(30 2 * * ? *)', Target };
    const resources = {
      Worker: lambdaFunction('worker'),
      Schedule: { Type: 'AWS::Scheduler::Schedule', Properties: schedule },
    };
    const { cloud, events } = await boot(assembly(resources, { worker: echo() }));
    await cloud.clock.advance(48 * HOUR);
    expect(events('worker')).toEqual([{ at: '2026-01-01T02:30:00Z' }, { at: '2026-01-02T02:30:00Z' }]);
  });

  test('try a failing function twice more, after one and two minutes', async () => {
    const fails = `export const handler = async () => { console.log(Date.now()); throw new Error('no'); };`;
    const resources = { Worker: lambdaFunction('worker'), Rule: rule('rate(1 hour)') };
    const { cloud, events, problems } = await boot(assembly(resources, { worker: fails }));
    await cloud.clock.advance(HOUR + 600_000);
    expect(
      events('worker')
        .filter(Number)
        .map((time) => (Number(time) - START - HOUR) / 60_000),
    ).toEqual([0, 1, 3]);
    expect(problems).toEqual([expect.stringContaining('gave up on an asynchronous invocation')]);
  });
});

describe('rules', () => {
  const Bus = { Type: 'AWS::Events::EventBus', Properties: { Name: 'ingest' } };
  const rule = (Targets: object[]) => ({
    Type: 'AWS::Events::Rule',
    Properties: { Name: 'all', EventBusName: ref('Bus'), EventPattern: { source: [{ prefix: '' }] }, Targets },
  });
  const entry = (more: object = {}) => ({
    Entries: [{ EventBusName: 'ingest', Source: 'shop', DetailType: 'sold', Detail: '{"n":1}', ...more }],
  });

  test('send to a queue, transformed, and to their dead-letter queue what no target takes', async () => {
    const transformer = { InputPathsMap: { n: '$.detail.n' }, InputTemplate: '{"number":<n>}' };
    const resources = {
      Bus,
      Queue: queue('sold'),
      Dead: queue('dead'),
      Rule: rule([
        { Id: 'queue', Arn: arnOf('Queue'), InputTransformer: transformer },
        { Id: 'gone', Arn: arn('sqs', 'nobody'), DeadLetterConfig: { Arn: arnOf('Dead') } },
      ]),
    };
    const { cloud } = await boot(assembly(resources));
    await cloud.eventbridge.handle('PutEvents', entry(), SERVICE);
    await cloud.clock.settled();
    const receive = async (name: string) =>
      JSON.stringify(
        await cloud.sqs.handle(
          'ReceiveMessage',
          { QueueUrl: `${cloud.awsUrl}/000000000000/${name}`, MessageAttributeNames: ['All'] },
          SERVICE,
        ),
      );
    expect(await receive('sold')).toContain('{\\"number\\":1}');
    expect(await receive('dead')).toContain('NO_RESOURCE');
  });

  test('take events of those accounts alone that the bus policy names', async () => {
    const Statement = {
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::123456789012:root' },
      Action: 'events:PutEvents',
      Resource: arnOf('Bus'),
    };
    const resources = {
      Bus,
      Policy: {
        Type: 'AWS::Events::EventBusPolicy',
        Properties: { EventBusName: 'ingest', StatementId: 'one', Statement },
      },
      Queue: queue('sold'),
      Rule: rule([{ Id: 'queue', Arn: arnOf('Queue') }]),
    };
    const { cloud } = await boot(assembly(resources));
    const put = (account: string) =>
      cloud.eventbridge.handle('PutEvents', entry({ EventBusName: arn('events', 'event-bus/ingest') }), {
        ...CUSTOMER,
        account,
      });
    expect(await put('123456789012')).toMatchObject({ FailedEntryCount: 0 });
    expect(await put('999999999999')).toMatchObject({ FailedEntryCount: 1 });
    await cloud.clock.settled();
    expect(cloud.sqs.queue(arn('sqs', 'sold'))?.counts.sent).toBe(1);
  });

  test('start executions and invoke functions', async () => {
    const States = { Work: { Type: 'Task', Resource: arnOf('Worker'), End: true } };
    const resources = {
      Bus,
      Worker: lambdaFunction('worker'),
      Machine: {
        Type: 'AWS::StepFunctions::StateMachine',
        Properties: { StateMachineName: 'retry', Definition: { StartAt: 'Work', States } },
      },
      Rule: rule([
        { Id: 'machine', Arn: ref('Machine'), Input: '{"by":"machine"}' },
        { Id: 'function', Arn: arnOf('Worker'), Input: '{"by":"rule"}' },
      ]),
    };
    const { cloud, events } = await boot(assembly(resources, { worker: echo() }));
    await cloud.eventbridge.handle('PutEvents', entry(), SERVICE);
    await cloud.clock.settled();
    expect(events('worker')).toHaveLength(2);
    expect(events('worker')).toEqual(expect.arrayContaining([{ by: 'machine' }, { by: 'rule' }]));
  });
});

describe('the control endpoint', () => {
  test('moves time, and tells what is where', async () => {
    const { cloud, local } = await boot(assembly(WORKER, { worker: echo() }));
    await cloud.sqs.handle(
      'SendMessage',
      { QueueUrl: `${cloud.awsUrl}/000000000000/work`, MessageBody: 'x', DelaySeconds: 60 },
      SERVICE,
    );
    expect((await local('GET', 'status')).body).toMatchObject({
      clock: 'frozen',
      queues: [{ name: 'work', delayed: 1 }],
    });
    const { body } = await local('POST', 'advance', { by: '1h30m' });
    expect(body).toMatchObject({
      now: new Date(START + 90 * 60_000).toISOString(),
      queues: [{ name: 'work', delayed: 0, deleted: 1 }],
      functions: [{ name: 'worker', invocations: 1 }],
    });
    expect((await local('GET', 'logs?function=work')).body).toMatchObject([
      { function: 'worker', time: '2026-01-01T00:01:00.000Z' },
    ]);
  });

  test('kills a function by any part of its name', async () => {
    const hangs = 'export const handler = () => new Promise(() => {});';
    const { cloud, local } = await boot(assembly(WORKER, { worker: hangs }));
    const invocation = cloud.lambda.invoke('worker', {});
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await local('POST', 'functions/ork/kill')).status).toBe(200);
    expect((await invocation).functionError).toBe('Unhandled');
  });

  test('refuses what it does not know, and pages of a browser', async () => {
    const { local } = await boot(assembly({}));
    expect(await local('POST', 'advance', { by: 'soon' })).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('3d') },
    });
    expect((await local('GET', 'nothing')).status).toBe(404);
    expect((await local('POST', 'advance', { ms: 1 }, { origin: 'https://example.com' })).status).toBe(403);
  });
});

describe('a data folder', () => {
  test('keeps tables, queues, rules, executions, secrets and log groups', async () => {
    const dataDir = temporaryFolder();
    const Wait = { Type: 'Wait', Seconds: 86_400, Next: 'Work' };
    const States = { Wait, Work: { Type: 'Task', Resource: arnOf('Worker'), End: true } };
    const Definition = { StartAt: 'Wait', States };
    const resources = {
      Table: TABLE,
      Queue: queue('work'),
      Worker: lambdaFunction('worker'),
      Machine: { Type: 'AWS::StepFunctions::StateMachine', Properties: { StateMachineName: 'retry', Definition } },
      Secret: {
        Type: 'AWS::SecretsManager::Secret',
        Properties: { Name: 'pepper', GenerateSecretString: { PasswordLength: 64 } },
      },
    };
    const cdkOut = assembly(resources, { worker: echo() });
    const secret = async (cloud: Awaited<ReturnType<typeof startCloud>>) =>
      JSON.stringify(await cloud.secrets.handle('GetSecretValue', { SecretId: 'pepper' }, SERVICE));

    const first = await startCloud({ cdkOut, dataDir, frozenAt: START });
    await first.dynamodb.call('PutItem', { TableName: 'things', Item: { pk: { S: 'kept' } } });
    await first.sqs.send(arn('sqs', 'work'), { body: 'kept' });
    await first.stepFunctions?.handle(
      'StartExecution',
      { stateMachineArn: arn('states', 'stateMachine:retry'), name: 'kept' },
      SERVICE,
    );
    await first.eventbridge.handle('PutRule', { Name: 'kept', EventPattern: '{"source":["x"]}' }, CUSTOMER);
    await first.logs.handle('CreateLogGroup', { logGroupName: '/kept' }, CUSTOMER);
    const before = await secret(first);
    await first.close();

    const { cloud, events } = await boot(cdkOut, { dataDir, frozenAt: START + HOUR });
    expect(await cloud.dynamodb.call('Scan', { TableName: 'things' })).toMatchObject({ Count: 1 });
    expect(cloud.sqs.queue(arn('sqs', 'work'))?.getAttribute('ApproximateNumberOfMessages')).toBe('1');
    expect(await cloud.eventbridge.handle('ListRules', {}, CUSTOMER)).toMatchObject({ Rules: [{ Name: 'kept' }] });
    expect(await cloud.logs.handle('DescribeLogGroups', {}, CUSTOMER)).toMatchObject({
      logGroups: [{ logGroupName: '/kept' }],
    });
    expect(await secret(cloud)).toBe(before);
    await cloud.clock.advance(24 * HOUR);
    expect(events('worker')).toHaveLength(1);
  });

  test('of other keys than the template has is refused', async () => {
    const dataDir = temporaryFolder();
    await (await startCloud({ cdkOut: assembly({ Table: TABLE }), dataDir, frozenAt: START })).close();
    const KeySchema = [{ AttributeName: 'id', KeyType: 'HASH' }];
    const AttributeDefinitions = [{ AttributeName: 'id', AttributeType: 'S' }];
    const other = { ...TABLE, Properties: { ...TABLE.Properties, KeySchema, AttributeDefinitions } };
    await expect(startCloud({ cdkOut: assembly({ Table: other }), dataDir, frozenAt: START })).rejects.toThrow(
      'Table things in the data folder has other keys or indexes than the template',
    );
  });

  test('keeps the time that was moved', async () => {
    const dataDir = temporaryFolder();
    const cdkOut = assembly({});
    const first = await startCloud({ cdkOut, dataDir });
    await fetch(`${first.awsUrl}/_local/advance`, { method: 'POST', body: '{"by":"3d"}' });
    const then = first.clock.now();
    await first.close();
    const { cloud } = await boot(cdkOut, { dataDir, frozenAt: undefined });
    expect(cloud.clock.now() - then).toBeGreaterThanOrEqual(0);
    expect(cloud.clock.now() - then).toBeLessThan(60_000);
  });
});
