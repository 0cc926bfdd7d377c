import { beforeEach, describe, expect, it } from 'vitest';
import { AwsError } from '../../../../local/aws-error.ts';
import {
  attachBus,
  CUSTOMER,
  createSource,
  DAY,
  DEAD_LETTERS,
  entry,
  QUEUE,
  type Setup,
  SOURCE,
  START,
  sendToQueue,
  setUp,
} from './harness.ts';

const RULE_ARN = `arn:aws:events:eu-west-1:${CUSTOMER.account}:rule/${SOURCE}/all`;
const DETAIL = {
  id: 'evt_1',
  say: 'a "b"',
  n: 7,
  on: true,
  items: [{ sku: 'x' }, { sku: 'y' }],
  buyer: { name: 'Ann', id: 'b1' },
  none: null,
};

async function prepared(target: Record<string, unknown> = {}): Promise<Setup> {
  const cloud = setUp();
  await createSource(cloud);
  await attachBus(cloud);
  await sendToQueue(cloud, SOURCE, target);
  return cloud;
}

const put = (cloud: Setup) =>
  cloud.partner('PutPartnerEvents', { Entries: [entry({ Detail: JSON.stringify(DETAIL) })] });

async function sent(target: Record<string, unknown>): Promise<string | undefined> {
  const cloud = await prepared(target);
  await put(cloud);
  await cloud.clock.settled();
  return cloud.delivered[0]?.input;
}

describe('what a target gets', () => {
  it('is addressed with its rule, and the message group where there is one', async () => {
    const cloud = await prepared({ SqsParameters: { MessageGroupId: 'g1' } });
    await put(cloud);
    await cloud.clock.settled();
    expect(cloud.delivered).toEqual([
      { arn: QUEUE, ...CUSTOMER, ruleArn: RULE_ARN, ruleName: 'all', messageGroupId: 'g1', input: expect.any(String) },
    ]);
  });

  it('is the input that was put with it', async () => {
    expect(await sent({ Input: '{"fixed": 1}' })).toBe('{"fixed": 1}');
  });

  it.each([
    ['$', expect.stringContaining('"version":"0"')],
    ['$.detail.buyer', '{"name":"Ann","id":"b1"}'],
    ['$.detail.id', '"evt_1"'],
    ['$.detail.items[1].sku', '"y"'],
    ['$.detail.items[*].sku', '["x","y"]'],
    ['$.detail-type', '"order.created"'],
    ['$.detail.nothing', 'null'],
  ])('is what stands at the input path %s', async (InputPath, expected) => {
    expect(await sent({ InputPath })).toEqual(expected);
  });
});

describe('an input transformer', () => {
  const transform = (InputTemplate: string) =>
    sent({
      InputTransformer: {
        InputPathsMap: {
          id: '$.detail.id',
          say: '$.detail.say',
          n: '$.detail.n',
          on: '$.detail.on',
          buyer: '$.detail.buyer',
          skus: '$.detail.items[*].sku',
          none: '$.detail.none',
          missing: '$.detail.missing',
          'detail-type': '$.detail-type',
        },
        InputTemplate,
      },
    });

  it.each([
    [
      'a JSON value outside quotes',
      '{"id": <id>, "n": <n>, "on": <on>, "none": <none>}',
      '{"id":"evt_1","n":7,"on":true,"none":null}',
    ],
    [
      'objects and lists outside quotes',
      '{"buyer": <buyer>, "skus": [<skus>, 1]}',
      '{"buyer":{"name":"Ann","id":"b1"},"skus":[["x","y"],1]}',
    ],
    ['text inside quotes', '{"path": "orders/<id>/<n>", "on": "<on>"}', '{"path":"orders/evt_1/7","on":"true"}'],
    ['quotes within text', '{"say": "<say>", "also": <say>}', '{"say":"a \\"b\\"","also":"a \\"b\\""}'],
    [
      'escaped quotes of the template',
      '{"status": "order \\"<id>\\" is <detail-type>"}',
      '{"status":"order \\"evt_1\\" is order.created"}',
    ],
    ['the same variable twice', '{"both": "<id>-<id>"}', '{"both":"evt_1-evt_1"}'],
    ['deep nesting', '{"a": {"b": {"c": "x/<id>"}}}', '{"a":{"b":{"c":"x/evt_1"}}}'],
    ['nothing where the path finds nothing', '{"out": <missing>, "in": "<missing>"}', '{"out":"","in":""}'],
    ['a string', '"order <id> of <detail-type>"', '"order evt_1 of order.created"'],
    ['a string that looks like JSON', '"{[/<id>"', '"{[/evt_1"'],
    ['strings of several lines', '"<id> first"\n"<n> second"', '"evt_1 first"\n"7 second"'],
    ['objects within a string, which lose their quotes', '"<buyer> and <skus>"', '"{name:Ann,id:b1} and [x,y]"'],
    ['one variable alone', '<buyer>', '{"name":"Ann","id":"b1"}'],
    [
      'the rule',
      '{"rule": <aws.events.rule-name>, "arn": "<aws.events.rule-arn>"}',
      `{"rule":"all","arn":"${RULE_ARN}"}`,
    ],
    ['the time of ingestion', '"<aws.events.event.ingestion-time>"', '"2026-11-21T10:00:00.250Z"'],
  ])('inserts %s', async (_, template, expected) => {
    expect(await transform(template)).toBe(expected);
  });

  it('inserts the whole event, or the event without its detail', async () => {
    const text = await transform('{"whole": <aws.events.event.json>, "head": <aws.events.event>}');
    const { whole, head } = JSON.parse(text ?? '');
    expect(whole).toMatchObject({ 'detail-type': 'order.created', detail: DETAIL });
    const { detail: _, 'detail-type': detailType, ...rest } = whole;
    expect(head).toEqual({ ...rest, detailType });
  });

  it('that gives invalid JSON delivers nothing: an object inside quotes', async () => {
    expect(await transform('{"buyer": "<buyer>"}')).toBeUndefined();
  });
});

describe('a delivery that fails', () => {
  const unavailable = new AwsError('ServiceUnavailable', 'Try again', 503);
  const missing = new AwsError('AWS.SimpleQueueService.NonExistentQueue', 'The queue does not exist.');
  const withDeadLetters = { DeadLetterConfig: { Arn: DEAD_LETTERS } };
  let cloud: Setup;
  beforeEach(async () => {
    cloud = await prepared(withDeadLetters);
  });

  it('for good goes to the dead-letter queue at once, with the reason', async () => {
    cloud.failures.push(missing);
    await put(cloud);
    await cloud.clock.settled();
    expect(cloud.delivered).toEqual([
      {
        arn: DEAD_LETTERS,
        ...CUSTOMER,
        ruleArn: RULE_ARN,
        ruleName: 'all',
        input: expect.stringContaining('"evt_1'),
        messageAttributes: {
          RULE_ARN,
          TARGET_ARN: QUEUE,
          ERROR_CODE: 'NO_RESOURCE',
          ERROR_MESSAGE: 'The queue does not exist.',
          RETRY_ATTEMPTS: '0',
        },
      },
    ]);
    expect(cloud.undelivered).toEqual([]);
  });

  it.each([
    [new AwsError('AccessDeniedException', 'x', 403), 'NO_PERMISSIONS'],
    [new AwsError('InvalidParameterValue', 'x'), 'SDK_CLIENT_ERROR'],
  ])('%s is named as AWS names it', async (error, ERROR_CODE) => {
    cloud.failures.push(error);
    await put(cloud);
    await cloud.clock.settled();
    expect(cloud.delivered).toMatchObject([{ messageAttributes: { ERROR_CODE } }]);
  });

  it.each([
    unavailable,
    new AwsError('ThrottlingException', 'Slow down'),
    new AwsError('X', 'x', 429),
    new Error('ECONNRESET'),
  ])('in a way that may pass is tried again after one, then two seconds: %s', async (error) => {
    cloud.failures.push(error, error);
    await put(cloud);
    await cloud.clock.pass(999);
    expect(cloud.failures).toHaveLength(1);
    await cloud.clock.pass(2000);
    expect(cloud.delivered).toEqual([]);
    await cloud.clock.pass(1);
    await cloud.clock.settled();
    expect(cloud.delivered).toMatchObject([{ arn: QUEUE }]);
    expect(cloud.clock.time).toBe(START + 3000);
  });

  it('is not tracked while it waits, so that virtual time can pass', async () => {
    cloud.failures.push(unavailable);
    await put(cloud);
    await cloud.clock.settled();
    expect(cloud.clock.busy).toBe(0);
    expect(cloud.clock.timers.size).toBe(1);
  });

  it('keeps its time of ingestion through the retries', async () => {
    const template = '"<aws.events.event.ingestion-time>"';
    cloud = await prepared({ InputTransformer: { InputTemplate: template } });
    cloud.failures.push(unavailable, unavailable);
    await put(cloud);
    await cloud.clock.pass(DAY);
    expect(cloud.delivered).toMatchObject([{ input: '"2026-11-21T10:00:00.250Z"' }]);
  });

  it('is given up after the retries of its policy', async () => {
    cloud = await prepared({ ...withDeadLetters, RetryPolicy: { MaximumRetryAttempts: 2 } });
    cloud.failures.push(unavailable, unavailable, unavailable);
    await put(cloud);
    await cloud.clock.pass(DAY);
    expect(cloud.delivered).toMatchObject([
      {
        arn: DEAD_LETTERS,
        messageAttributes: {
          ERROR_CODE: 'ERROR_FROM_TARGET',
          EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
          RETRY_ATTEMPTS: '2',
        },
      },
    ]);
  });

  it('is given up at the age of its policy', async () => {
    cloud = await prepared({ ...withDeadLetters, RetryPolicy: { MaximumEventAgeInSeconds: 60 } });
    cloud.failures.push(...Array.from({ length: 6 }, () => unavailable));
    await put(cloud);
    await cloud.clock.pass(DAY);
    expect(cloud.delivered).toMatchObject([
      { messageAttributes: { EXHAUSTED_RETRY_CONDITION: 'MaximumEventAgeInSeconds', RETRY_ATTEMPTS: '5' } },
    ]);
  });

  it('by default is tried 185 times within a day', async () => {
    cloud.failures.push(...Array.from({ length: 186 }, () => unavailable));
    await put(cloud);
    await cloud.clock.pass(DAY);
    expect(cloud.delivered).toMatchObject([{ messageAttributes: { RETRY_ATTEMPTS: '185' } }]);
  });

  it('is told where no dead-letter queue takes it', async () => {
    cloud = await prepared();
    cloud.failures.push(missing);
    await put(cloud);
    await cloud.clock.settled();
    expect(cloud.undelivered).toEqual([missing]);
  });

  it('is told where the dead-letter queue fails too', async () => {
    const denied = new AwsError('AccessDenied', 'no', 403);
    cloud.failures.push(missing, denied);
    await put(cloud);
    await cloud.clock.settled();
    expect(cloud.undelivered).toEqual([denied]);
  });

  it('does not hold up the other targets', async () => {
    await cloud.customer('PutTargets', {
      Rule: 'all',
      EventBusName: SOURCE,
      Targets: [{ Id: 'second', Arn: `${QUEUE}-2` }],
    });
    cloud.failures.push(unavailable);
    await put(cloud);
    await cloud.clock.settled();
    expect(cloud.delivered).toMatchObject([{ arn: `${QUEUE}-2` }]);
  });
});
