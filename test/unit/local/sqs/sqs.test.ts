import { describe, expect, test } from 'vitest';
import { Clock } from '../../../../local/clock.ts';
import { Sqs } from '../../../../local/sqs/sqs.ts';
import { arn, count, numbered, openSqs, SERVICE, START, temporaryFolder } from './harness.ts';

const CUSTOMER = { account: '123456789012', region: 'eu-west-1' };

interface Answer {
  readonly Messages?: readonly { Body: string; ReceiptHandle: string; Attributes?: Record<string, string> }[];
  readonly QueueUrl?: string;
  readonly QueueUrls?: readonly string[];
  readonly Attributes?: Record<string, string>;
}

const ask = async (sqs: Sqs, operation: string, input: object, caller = SERVICE): Promise<Answer> => {
  const answer: unknown = await sqs.handle(operation, input, caller);
  return answer && typeof answer === 'object' ? answer : {};
};

describe('queues', () => {
  test('belong to the account and Region of who creates them', async () => {
    const { sqs } = await openSqs();
    const { QueueUrl = '' } = await ask(sqs, 'CreateQueue', { QueueName: 'orders' }, CUSTOMER);
    expect(QueueUrl).toBe('http://127.0.0.1:4566/123456789012/orders');
    const { Attributes } = await ask(sqs, 'GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] }, CUSTOMER);
    expect(Attributes).toMatchObject({ QueueArn: 'arn:aws:sqs:eu-west-1:123456789012:orders' });
    expect((await ask(sqs, 'ListQueues', {}, CUSTOMER)).QueueUrls).toEqual([QueueUrl]);
    expect((await ask(sqs, 'ListQueues', {})).QueueUrls).toEqual([]);
    await expect(ask(sqs, 'GetQueueUrl', { QueueName: 'orders' })).rejects.toMatchObject({ code: 'QueueDoesNotExist' });
  });

  test('of the same name in two accounts are two queues', async () => {
    const { sqs } = await openSqs();
    sqs.declare(arn('orders'), {});
    const { QueueUrl } = await ask(sqs, 'CreateQueue', { QueueName: 'orders' }, { ...CUSTOMER, region: 'us-east-1' });
    await ask(sqs, 'SendMessage', { QueueUrl, MessageBody: 'x' }, { ...CUSTOMER, region: 'us-east-1' });
    expect(sqs.queues().map((queue) => count(queue, ''))).toEqual([0, 1]);
  });

  test('are closed to other accounts unless their policy names them', async () => {
    const { sqs } = await openSqs();
    const queue = sqs.declare(arn('events'), {});
    const publisher = { account: '123456789012', region: 'us-east-1' };
    const message = { QueueUrl: queue.url, MessageBody: '{}' };
    await expect(ask(sqs, 'SendMessage', message, publisher)).rejects.toMatchObject({
      code: 'AccessDenied',
      statusCode: 403,
    });
    const Statement = [
      {
        Effect: 'Deny',
        Principal: { AWS: '*' },
        Action: 'sqs:*',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
      {
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::123456789012:root' },
        Action: ['sqs:SendMessage', 'sqs:GetQueueUrl'],
      },
    ];
    queue.setAttributes({ Policy: JSON.stringify({ Statement }) });
    await ask(sqs, 'SendMessage', message, publisher);
    await ask(sqs, 'SendMessageBatch', { QueueUrl: queue.url, Entries: [{ Id: '1', MessageBody: 'x' }] }, publisher);
    await expect(ask(sqs, 'ReceiveMessage', message, publisher)).rejects.toMatchObject({ code: 'AccessDenied' });
    expect(count(queue, '')).toBe(2);
  });

  test('delay messages on the virtual clock, by at most 900 seconds', async () => {
    const { clock, sqs } = await openSqs();
    const queue = sqs.declare(arn('work'), {});
    await ask(sqs, 'SendMessage', { QueueUrl: queue.url, MessageBody: 'later', DelaySeconds: 900 });
    await clock.advance(899_999);
    expect([count(queue, ''), count(queue, 'Delayed')]).toEqual([0, 1]);
    await clock.advance(1);
    expect([count(queue, ''), count(queue, 'Delayed')]).toEqual([1, 0]);
    const tooLong = { QueueUrl: queue.url, MessageBody: 'x', DelaySeconds: 901 };
    await expect(ask(sqs, 'SendMessage', tooLong)).rejects.toMatchObject({ code: 'InvalidParameterValue' });
  });

  test('report the message group of a standard queue and who sent', async () => {
    const { sqs } = await openSqs();
    const queue = sqs.declare(arn('work'), {});
    const Entries = ['a', 'b'].map((group) => ({ Id: group, MessageBody: group, MessageGroupId: group }));
    await ask(sqs, 'SendMessageBatch', { QueueUrl: queue.url, Entries });
    const receive = { QueueUrl: queue.url, MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['All'] };
    const { Messages = [] } = await ask(sqs, 'ReceiveMessage', receive);
    expect(Messages.map(({ Attributes }) => Attributes?.MessageGroupId)).toEqual(['a', 'b']);
  });

  test('delete messages when their retention period is over', async () => {
    const { clock, sqs } = await openSqs();
    const queue = sqs.declare(arn('work'), { MessageRetentionPeriod: '3600' });
    const send = (MessageBody: string) => ask(sqs, 'SendMessage', { QueueUrl: queue.url, MessageBody });
    await send('old');
    await send('in flight');
    await ask(sqs, 'ReceiveMessage', { QueueUrl: queue.url, VisibilityTimeout: 43_200 });
    await clock.advance(3_000_000);
    await send('young');
    await clock.advance(600_000);
    sqs.deleteExpired();
    expect([count(queue, ''), count(queue, 'NotVisible')]).toEqual([1, 0]);
  });

  test('hide a message for twelve hours from its receive on, and refuse what is longer', async () => {
    const { clock, sqs } = await openSqs();
    const queue = sqs.declare(arn('work'), {});
    await ask(sqs, 'SendMessage', { QueueUrl: queue.url, MessageBody: 'x' });
    const { Messages } = await ask(sqs, 'ReceiveMessage', { QueueUrl: queue.url, VisibilityTimeout: 60 });
    const hide = (VisibilityTimeout: number) =>
      ask(sqs, 'ChangeMessageVisibility', {
        ...{ QueueUrl: queue.url, ReceiptHandle: Messages?.[0]?.ReceiptHandle },
        VisibilityTimeout,
      });
    await clock.advance(10_000);
    await expect(hide(43_191)).rejects.toMatchObject({ code: 'InvalidParameterValue' });
    await hide(43_190);
    await clock.advance(43_189_999);
    expect(count(queue, '')).toBe(0);
    await clock.advance(1);
    expect(count(queue, '')).toBe(1);
  });

  test('answer what they do not know with an error of AWS', async () => {
    const { sqs } = await openSqs();
    await expect(ask(sqs, 'StartMessageMoveTask', {})).rejects.toMatchObject({ code: 'InvalidAction' });
  });
});

describe('queues in a data folder', () => {
  /** A second store on the folder, without closing the first: what a crash leaves. */
  async function reopened(dataDir: string, at = START) {
    const clock = new Clock({ frozenAt: at });
    const sqs = await Sqs.open({ clock, awsUrl: 'http://127.0.0.1:9999', dataDir });
    const close = () => {
      sqs.close();
      clock.close();
    };
    return { clock, sqs, close };
  }

  test('keep every acknowledged message through a crash', async () => {
    const dataDir = temporaryFolder();
    const { sqs } = await openSqs({ dataDir });
    const queue = sqs.declare(arn('work'), {});
    const Entries = numbered(3).map((body, index) => ({
      Id: body,
      MessageBody: body,
      MessageGroupId: `group${index % 2}`,
    }));
    await ask(sqs, 'SendMessageBatch', { QueueUrl: queue.url, Entries });
    await ask(sqs, 'SendMessage', { QueueUrl: queue.url, MessageBody: 'later', DelaySeconds: 60 });
    const { Messages } = await ask(sqs, 'ReceiveMessage', { QueueUrl: queue.url });
    await ask(sqs, 'DeleteMessage', { QueueUrl: queue.url, ReceiptHandle: Messages?.[0]?.ReceiptHandle });
    await ask(sqs, 'ReceiveMessage', { QueueUrl: queue.url, VisibilityTimeout: 20 });

    const second = await reopened(dataDir);
    const kept = second.sqs.queue(arn('work'));
    expect(kept?.url).toBe('http://127.0.0.1:9999/000000000000/work');
    const counts = () => ['', 'NotVisible', 'Delayed'].map((name) => (kept ? count(kept, name) : -1));
    expect(counts()).toEqual([1, 1, 1]);
    await second.clock.advance(60_000);
    expect(counts()).toEqual([3, 0, 0]);
    second.close();
  });

  test('take a visibility time-out of zero, and tags, without losing messages', async () => {
    const dataDir = temporaryFolder();
    const { sqs } = await openSqs({ dataDir });
    const queue = sqs.declare(arn('work'), {});
    await ask(sqs, 'SendMessage', { QueueUrl: queue.url, MessageBody: 'x' });
    const { Messages } = await ask(sqs, 'ReceiveMessage', { QueueUrl: queue.url });
    const ReceiptHandle = Messages?.[0]?.ReceiptHandle;
    await ask(sqs, 'ChangeMessageVisibility', { QueueUrl: queue.url, ReceiptHandle, VisibilityTimeout: 0 });
    await ask(sqs, 'TagQueue', { QueueUrl: queue.url, Tags: { a: 'b' } });
    const second = await reopened(dataDir);
    expect(second.sqs.queues().map((kept) => count(kept, ''))).toEqual([1]);
    second.close();
  });
});
