import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import * as z from 'zod/mini';
import { changeVisibility } from '../shared/aws/queue.ts';
import { comesBackAfter, type ReceivedMessage } from '../shared/aws/received-message.ts';
import { PAST, type Past } from '../shared/dead-letters/dead-letter.ts';
import { logger, publishCounts } from '../shared/telemetry.ts';
import { SECOND } from '../shared/time.ts';

/** Works on messages; returns those that have to come again. */
type Work = (messages: readonly ReceivedMessage[]) => Promise<Iterable<ReceivedMessage>>;

/**
 * The handler of a queue's function. What the work returns is given back to the queue with a growing visibility time-out,
 * all of it if the work throws; everything else is acknowledged.
 */
export const queueHandler =
  (queueUrl: string, work: Work) =>
  async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
    const messages = new Map(Records.map((record) => [toMessage(record), record.messageId]));
    const unsettled = await workOn([...messages.keys()], work);
    publishCounts({ given_back: unsettled.length });
    await Promise.allSettled(unsettled.map((message) => giveBack(queueUrl, message)));
    return { batchItemFailures: unsettled.map((message) => ({ itemIdentifier: messages.get(message) ?? '' })) };
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
const giveBack = (queueUrl: string, message: ReceivedMessage): Promise<void> =>
  changeVisibility(queueUrl, message.receiptHandle, comesBackAfter(message) / SECOND);

function toMessage(record: SQSRecord): ReceivedMessage {
  const { id, sentAt } = pastOf(record);
  const receiveCount = Number(record.attributes.ApproximateReceiveCount);
  const { body, receiptHandle } = record;
  // A letter that the operator sent once more has a past, too, however few its returns.
  const seenBefore = receiveCount > 1 || record.messageAttributes[PAST] !== undefined;
  return { id, sentAt, body, receiptHandle, receiveCount, seenBefore };
}

const PastAttribute = z.object({ returns: z.number(), id: z.string(), sentAt: z.number() });

/** What a message says of its past; of one that never was dead, what SQS says of it. */
export function pastOf({ messageId, attributes, messageAttributes }: SQSRecord): Past {
  const told = PastAttribute.safeParse(tryJson(messageAttributes[PAST]?.stringValue));
  return told.data ?? { returns: 0, id: messageId, sentAt: Number(attributes.SentTimestamp) };
}

/** Anybody who may publish may send anything by that name. */
function tryJson(text = ''): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
