import type { SQSRecord } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { queueHandler } from '../../../functions/queue-handler.ts';
import type { ReceivedMessage } from '../../../shared/aws/received-message.ts';
import { PAST, type Past } from '../../../shared/dead-letters/dead-letter.ts';

const record = (receives: number, past?: Past): SQSRecord => ({
  ...{ messageId: 'copy', receiptHandle: 'receipt', body: '{}', md5OfBody: '', awsRegion: 'us-east-1' },
  ...{ eventSource: 'aws:sqs', eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:work' },
  attributes: {
    ...{ ApproximateReceiveCount: String(receives), SentTimestamp: '2000', SenderId: 'a' },
    ApproximateFirstReceiveTimestamp: '2000',
  },
  messageAttributes: past ? { [PAST]: { dataType: 'String', stringValue: JSON.stringify(past) } } : {},
});

/** The message as its function's work has it. */
async function received(of: SQSRecord): Promise<ReceivedMessage | undefined> {
  let seen: ReceivedMessage | undefined;
  await queueHandler('work', async ([message]) => {
    seen = message;
    return [];
  })({ Records: [of] });
  return seen;
}

describe('a message of a queue', () => {
  it('is at its first receipt only once', async () => {
    expect(await received(record(1))).toMatchObject({ id: 'copy', sentAt: 2000, seenBefore: false });
    expect(await received(record(2))).toMatchObject({ seenBefore: true });
  });

  it.each([
    ['was returned from its dead-letter queue', 3],
    ['was parked, and sent once more by the operator', 0],
  ])('is none that was never seen when it %s', async (_how, returns) => {
    const message = await received(record(1, { returns, id: 'first', sentAt: 1000 }));
    expect(message).toMatchObject({ id: 'first', sentAt: 1000, seenBefore: true });
  });
});
