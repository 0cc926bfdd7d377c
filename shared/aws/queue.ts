import {
  ChangeMessageVisibilityCommand,
  GetQueueUrlCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { pack } from '../pack.ts';
import { PATIENCE } from './patience.ts';

/** SQS takes ten messages and 1 MiB a request; a margin is left for what SQS adds. */
export const BATCH_LIMITS = { count: 10, bytes: 1_000_000 };
/** The longest delay that SQS knows, in seconds. */
export const MAX_DELAY_SECONDS = 900;
/**
 * SQS refuses what would make a message invisible for more than 43,200 seconds from its receive on: the time that it was
 * worked on since counts. That is never as long as what is left here.
 */
const MAX_VISIBILITY_SECONDS = 43_000;

export interface OutgoingMessage {
  readonly body: string;
  /** Fair queues: SQS keeps one busy group from delaying the others. In a FIFO queue, the unit of order. */
  readonly group: string;
  readonly delaySeconds?: number;
  /** Strings that travel beside the body. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** FIFO queues only: messages of one id within five minutes are one. */
  readonly deduplicationId?: string;
}

// Without `useQueueUrlAsEndpoint: false` the client would go to the URL's host whatever AWS_ENDPOINT_URL says.
const client = new SQSClient({ requestHandler: PATIENCE, useQueueUrlAsEndpoint: false, maxAttempts: 5 });

/** As JSON that SQS takes whole: it refuses or replaces U+FFFE and U+FFFF, which JSON can escape. */
export const asMessageBody = (value: unknown): string =>
  JSON.stringify(value).replaceAll('\ufffe', '\\ufffe').replaceAll('\uffff', '\\uffff');

export async function sendMessage(queueUrl: string, message: OutgoingMessage): Promise<void> {
  await client.send(new SendMessageCommand({ QueueUrl: queueUrl, ...wire(message) }));
}

/**
 * Sends all messages in as few requests as their number and size allow.
 * Returns the indexes of those that SQS did not take; throws only if a whole request failed.
 */
export async function sendMessages(queueUrl: string, messages: readonly OutgoingMessage[]): Promise<Set<number>> {
  const failed = new Set<number>();
  const indexed = messages.map((message, index) => ({ message, index }));
  const batches = pack(indexed, BATCH_LIMITS, ({ message }) => Buffer.byteLength(message.body));
  await Promise.all(
    batches.map(async (batch) => {
      const Entries: SendMessageBatchRequestEntry[] = batch.map(({ message, index }) => ({
        Id: String(index),
        ...wire(message),
      }));
      const { Failed } = await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
      for (const entry of Failed ?? []) failed.add(Number(entry.Id));
    }),
  );
  return failed;
}

/** The URL of a queue of this account and Region. */
export async function findQueueUrl(name: string): Promise<string> {
  const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: name }));
  if (!QueueUrl) throw new Error(`There is no queue ${name}`);
  return QueueUrl;
}

/** Makes a message that is being worked on visible again after so many seconds, or as late as SQS can. */
export async function changeVisibility(queueUrl: string, receiptHandle: string, seconds: number): Promise<void> {
  await client.send(
    new ChangeMessageVisibilityCommand({
      QueueUrl: queueUrl,
      ReceiptHandle: receiptHandle,
      VisibilityTimeout: Math.min(seconds, MAX_VISIBILITY_SECONDS),
    }),
  );
}

const wire = (message: OutgoingMessage) => ({
  MessageBody: message.body,
  MessageGroupId: message.group,
  ...(message.delaySeconds && { DelaySeconds: Math.min(message.delaySeconds, MAX_DELAY_SECONDS) }),
  ...(message.attributes && { MessageAttributes: wireAttributes(message.attributes) }),
  ...(message.deduplicationId && { MessageDeduplicationId: message.deduplicationId }),
});

const wireAttributes = (attributes: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
  );
