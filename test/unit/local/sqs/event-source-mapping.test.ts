import { describe, expect, test } from 'vitest';
import { AwsError } from '../../../../local/aws-error.ts';
import { arn, count, numbered, START, startMapping } from './harness.ts';

describe('an event source mapping', () => {
  test('invokes the function with the event of AWS', async () => {
    const { clock, seen, send } = await startMapping();
    const attribute = { DataType: 'String', StringValue: 'v' };
    await send('hello', { MessageGroupId: 'tenant', MessageAttributes: { name: attribute } });
    await clock.settled();
    expect(seen[0]?.records).toEqual([
      {
        messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        receiptHandle: expect.any(String),
        body: 'hello',
        attributes: {
          ApproximateReceiveCount: '1',
          SentTimestamp: String(START),
          SenderId: '000000000000',
          ApproximateFirstReceiveTimestamp: String(START),
          MessageGroupId: 'tenant',
        },
        messageAttributes: {
          name: { stringValue: 'v', stringListValues: [], binaryListValues: [], dataType: 'String' },
        },
        md5OfBody: '5d41402abc4b2a76b9719d911017c592',
        md5OfMessageAttributes: expect.stringMatching(/^[0-9a-f]{32}$/),
        eventSource: 'aws:sqs',
        eventSourceARN: arn('work'),
        awsRegion: 'us-east-1',
      },
    ]);
  });

  test('takes what was sent together as one batch, up to its batch size', async () => {
    const { clock, queue, seen, sendAll } = await startMapping({ batchSize: 4 });
    await sendAll(numbered(10));
    await clock.settled();
    expect(seen.map(({ bodies }) => bodies.length)).toEqual([4, 4, 2]);
    expect([count(queue, ''), count(queue, 'NotVisible')]).toEqual([0, 0]);
  });

  test('fills a batch of more than ten from several receives', async () => {
    const { clock, seen, sendAll } = await startMapping({ batchSize: 25, windowSeconds: 1 });
    await sendAll(numbered(30));
    await clock.settled();
    expect(seen.map(({ bodies }) => bodies.length)).toEqual([25]);
    await clock.advance(1_000);
    expect(seen.map(({ bodies }) => bodies.length)).toEqual([25, 5]);
  });

  test('waits for its window, and for no longer than until the batch is full', async () => {
    const { clock, seen, send, sendAll } = await startMapping({ batchSize: 20, windowSeconds: 5 });
    await send('first');
    await clock.advance(4_000);
    await send('second');
    expect(seen).toEqual([]);
    await clock.advance(1_000);
    expect(seen).toMatchObject([{ atSecond: 5, bodies: ['first', 'second'] }]);
    await sendAll(numbered(20));
    await clock.settled();
    expect(seen[1]).toMatchObject({ atSecond: 5, bodies: numbered(20) });
  });

  test('deletes what succeeded and brings back what was reported, after its visibility time-out', async () => {
    const { clock, queue, seen, state, sendAll } = await startMapping();
    state.respond = (records) => ({
      payload: {
        batchItemFailures: records
          .filter(({ body }) => body === 'm1')
          .map(({ messageId }) => ({ itemIdentifier: messageId })),
      },
    });
    await sendAll(numbered(3));
    await clock.settled();
    expect(count(queue, 'NotVisible')).toBe(1);
    state.respond = () => ({ payload: { batchItemFailures: [] } });
    await clock.advance(29_999);
    expect(seen).toHaveLength(1);
    await clock.advance(1);
    expect(seen[1]).toMatchObject({ atSecond: 30, bodies: ['m1'] });
    expect(seen[1]?.records[0]?.attributes).toMatchObject({
      ApproximateReceiveCount: '2',
      ApproximateFirstReceiveTimestamp: String(START),
    });
    expect(count(queue, 'NotVisible')).toBe(0);
  });

  test.each([
    ['an unknown identifier', { batchItemFailures: [{ itemIdentifier: 'nobody' }] }],
    ['an empty identifier', { batchItemFailures: [{ itemIdentifier: '' }] }],
    ['a failure without identifier', { batchItemFailures: [{}] }],
    ['something that is no list', { batchItemFailures: 'all' }],
    ['a text', 'ok'],
  ])('fails the whole batch for %s', async (_what, payload) => {
    const { clock, queue, state, sendAll } = await startMapping();
    state.respond = () => ({ payload });
    await sendAll(numbered(3));
    await clock.settled();
    expect(count(queue, 'NotVisible')).toBe(3);
  });

  test.each([[null], [undefined], [{}], [{ batchItemFailures: [] }], [{ batchItemFailures: null }]])(
    'takes %j for success',
    async (payload) => {
      const { clock, queue, state, sendAll } = await startMapping();
      state.respond = () => ({ payload });
      await sendAll(numbered(3));
      await clock.settled();
      expect(count(queue, 'NotVisible')).toBe(0);
    },
  );

  test('without ReportBatchItemFailures does not read the response', async () => {
    const { clock, queue, state, sendAll } = await startMapping({ reportsFailures: false });
    state.respond = () => ({ payload: { batchItemFailures: [{ itemIdentifier: '' }] } });
    await sendAll(numbered(3));
    await clock.settled();
    expect(count(queue, 'NotVisible')).toBe(0);
  });

  test('returns the whole batch when the function fails, and again until it succeeds', async () => {
    const { clock, queue, seen, state, sendAll } = await startMapping();
    state.respond = () => ({ payload: { errorType: 'Error' }, functionError: 'Unhandled' });
    await sendAll(numbered(2));
    await clock.advance(60_000);
    expect(seen.map(({ atSecond }) => atSecond)).toEqual([0, 30, 60]);
    state.respond = () => ({ payload: null });
    await clock.advance(30_000);
    expect([seen.length, count(queue, 'NotVisible')]).toEqual([4, 0]);
  });

  test('leaves a message to the dead-letter queue after maxReceiveCount receives', async () => {
    const redrive = JSON.stringify({ deadLetterTargetArn: arn('dead'), maxReceiveCount: 3 });
    const { clock, sqs, queue, seen, state, send } = await startMapping({}, { RedrivePolicy: redrive });
    const dead = sqs.declare(arn('dead'), {});
    state.respond = () => ({ payload: null, functionError: 'Unhandled' });
    await send('poison');
    await clock.advance(3 * 86_400_000);
    expect(seen.map(({ atSecond }) => atSecond)).toEqual([0, 30, 60]);
    expect([count(queue, 'NotVisible'), count(dead, ''), queue.counts.deadLettered]).toEqual([0, 1, 1]);
  });

  test('serves message groups in turn, so that a quiet one need not wait for a loud one', async () => {
    const { clock, seen, sendAll } = await startMapping({ batchSize: 4, concurrency: 1 });
    await sendAll(numbered(30, 'loud'), 'loud');
    await sendAll(numbered(2, 'quiet'), 'quiet');
    await clock.settled();
    expect(seen[0]?.bodies).toEqual(['loud0', 'quiet0', 'loud1', 'quiet1']);
    expect(seen.flatMap(({ bodies }) => bodies)).toHaveLength(32);
  });

  test('never runs more batches at a time than its concurrency', async () => {
    const { clock, seen, state, sendAll } = await startMapping({ batchSize: 1, concurrency: 3 });
    let running = 0;
    let most = 0;
    state.respond = async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 2));
      running -= 1;
      return { payload: null };
    };
    await sendAll(numbered(20));
    await clock.settled();
    expect([seen.length, most]).toEqual([20, 3]);
  });

  test('backs off from a throttled function while its messages stay invisible', async () => {
    const { clock, queue, seen, state, send } = await startMapping();
    let throttles = 3;
    state.respond = () => {
      throttles -= 1;
      if (throttles >= 0) throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429);
      return { payload: null };
    };
    await send('patient');
    await clock.advance(20_000);
    expect(seen.map(({ atSecond }) => atSecond)).toEqual([0, 1, 3, 7]);
    expect(seen[3]?.records[0]?.attributes.ApproximateReceiveCount).toBe('1');
    expect(count(queue, 'NotVisible')).toBe(0);
  });

  test('gives up on a throttled batch when its messages become visible again', async () => {
    const { clock, seen, state, send } = await startMapping({}, { VisibilityTimeout: '5' });
    state.respond = () => {
      throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429);
    };
    await send('patient');
    await clock.advance(5_000);
    const receives = seen.map(({ atSecond, records }) => [atSecond, records[0]?.attributes.ApproximateReceiveCount]);
    expect(receives).toEqual([
      [0, '1'],
      [1, '1'],
      [3, '1'],
      [5, '2'],
    ]);
  });

  test('says so and goes on when the function cannot be invoked at all', async () => {
    const { clock, queue, logged, state, send } = await startMapping();
    state.respond = () => {
      throw new AwsError('ResourceNotFoundException', 'Function not found: worker', 404);
    };
    await send('lost');
    await clock.settled();
    expect(logged).toEqual(['worker: Function not found: worker']);
    expect(count(queue, 'NotVisible')).toBe(1);
  });

  test('keeps an invocation below 6 MB', async () => {
    const { clock, seen, send } = await startMapping({ batchSize: 10, windowSeconds: 10 });
    for (let index = 0; index < 7; index += 1) await send('x'.repeat(1_000_000));
    await clock.settled();
    expect(seen.map(({ bodies }) => bodies.length)).toEqual([6]);
    await clock.advance(10_000);
    expect(seen.map(({ bodies }) => bodies.length)).toEqual([6, 1]);
  });

  test('gives back what it only gathered when it closes', async () => {
    const { clock, queue, mapping, seen, send } = await startMapping({ batchSize: 20, windowSeconds: 5 });
    await send('waiting');
    await clock.settled();
    expect(count(queue, 'NotVisible')).toBe(1);
    mapping.close();
    expect([count(queue, ''), count(queue, 'NotVisible')]).toEqual([1, 0]);
    await clock.advance(60_000);
    expect(seen).toEqual([]);
  });
});

describe('an event source mapping of a FIFO queue', () => {
  const FIFO = { FifoQueue: 'true' };

  test('keeps the order of each group and never works on a group twice at a time', async () => {
    const { clock, seen, state, sendAll } = await startMapping({ batchSize: 5 }, FIFO);
    const running = new Set<string>();
    state.respond = async (records) => {
      const groups = records.map(({ attributes }) => attributes.MessageGroupId ?? '');
      for (const group of groups) expect(running.has(group)).toBe(false);
      for (const group of groups) running.add(group);
      await new Promise((resolve) => setTimeout(resolve, 1));
      for (const group of groups) running.delete(group);
      return { payload: null };
    };
    await sendAll(numbered(8, 'a'), 'a');
    await sendAll(numbered(8, 'b'), 'b');
    await clock.settled();
    const bodies = seen.flatMap((invocation) => invocation.bodies);
    expect(bodies.filter((body) => body.startsWith('a'))).toEqual(numbered(8, 'a'));
    expect(bodies.filter((body) => body.startsWith('b'))).toEqual(numbered(8, 'b'));
  });

  test('holds a group back until its failed message is visible again, and no other group', async () => {
    const { clock, seen, state, sendAll } = await startMapping({ batchSize: 1 }, FIFO);
    state.respond = ([record]) =>
      record?.body === 'a0' ? { payload: null, functionError: 'Unhandled' } : { payload: null };
    await sendAll(['a0', 'a1'], 'a');
    await sendAll(['b0', 'b1'], 'b');
    await clock.advance(29_000);
    expect(seen.map(({ bodies }) => bodies[0])).toEqual(['a0', 'b0', 'b1']);
    state.respond = () => ({ payload: null });
    await clock.advance(1_000);
    expect(seen.slice(3).map(({ bodies }) => bodies[0])).toEqual(['a0', 'a1']);
  });
});
