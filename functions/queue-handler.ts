import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { changeVisibility } from '../shared/aws/queue.ts';
import type { ReceivedMessage } from '../shared/aws/received-message.ts';
import { logger } from '../shared/telemetry.ts';

/**
 * A message that fails for our own reasons comes back after 30 s, then twice as long each time, up to three hours: twenty
 * receives, after which it is dead, take a day and a half, longer than any Region has been in trouble.
 */
const GIVE_BACK = { firstSeconds: 30, multiplier: 2, maxSeconds: 3 * 3600 };

/** Works on messages; returns those that have to come again. */
type Work = (messages: readonly ReceivedMessage[]) => Promise<Iterable<ReceivedMessage>>;

/**
 * The handler of a queue's function. What the work returns is given back to the queue with a growing visibility time-out,
 * all of it if the work throws; everything else is acknowledged.
 */
export const queueHandler =
  (queueUrl: string, work: Work) =>
  async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
    const messages = Records.map(toMessage);
    const unsettled = await workOn(messages, work);
    await Promise.allSettled(unsettled.map((message) => giveBack(queueUrl, message)));
    return { batchItemFailures: unsettled.map(({ id }) => ({ itemIdentifier: id })) };
  };

async function workOn(messages: readonly ReceivedMessage[], work: Work): Promise<ReceivedMessage[]> {
  try {
    return [...(await work(messages))];
  } catch (error) {
    logger.error('A batch is given back whole', { messages: messages.length, error: error as Error });
    return [...messages];
  }
}

/** When this fails, the queue's own visibility time-out brings the message back: later or sooner, never lost. */
function giveBack(queueUrl: string, { receiptHandle, receiveCount }: ReceivedMessage): Promise<void> {
  const seconds = GIVE_BACK.firstSeconds * GIVE_BACK.multiplier ** (receiveCount - 1);
  return changeVisibility(queueUrl, receiptHandle, Math.min(seconds, GIVE_BACK.maxSeconds));
}

const toMessage = ({ messageId, body, receiptHandle, attributes }: SQSRecord): ReceivedMessage => ({
  id: messageId,
  body,
  receiptHandle,
  receiveCount: Number(attributes.ApproximateReceiveCount),
  sentAt: Number(attributes.SentTimestamp),
});
