import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { changeVisibility } from './queue.ts';

/** A message that fails for our own reasons comes back after 30 s, then twice as long each time, up to half an hour. */
const GIVE_BACK = { firstSeconds: 30, multiplier: 2, maxSeconds: 1800 };

export const receiveCount = (record: SQSRecord): number => Number(record.attributes.ApproximateReceiveCount);

/** The queue's answer for the messages that were not dealt with; all others are acknowledged by it. */
export const partialFailure = (records: Iterable<SQSRecord>): SQSBatchResponse => ({
  batchItemFailures: [...records].map((record) => ({ itemIdentifier: record.messageId })),
});

/** Gives messages back to their queue with a growing visibility time-out, so that our own trouble is not hammered. */
export async function giveBack(queueUrl: string, records: readonly SQSRecord[]): Promise<SQSBatchResponse> {
  await Promise.allSettled(
    records.map((record) => {
      const factor = GIVE_BACK.multiplier ** (receiveCount(record) - 1);
      const seconds = Math.min(GIVE_BACK.firstSeconds * factor, GIVE_BACK.maxSeconds);
      // When this fails, the queue's own visibility time-out brings the message back: later or sooner, never lost.
      return changeVisibility(queueUrl, record.receiptHandle, seconds);
    }),
  );
  return partialFailure(records);
}

export type SqsHandler = (event: SQSEvent) => Promise<SQSBatchResponse>;
