import type { SQSRecord } from 'aws-lambda';
import { env } from '../../shared/aws/env.ts';
import { sendMessages } from '../../shared/aws/queue.ts';
import { toQueue } from '../../shared/deliveries/message.ts';
import { logger } from '../../shared/telemetry.ts';
import type { Dispatched } from './dispatch-event.ts';

/** Sends the messages of the whole batch in as few requests as fit. Returns the records that have to come again. */
export async function send(dispatched: readonly Dispatched[]): Promise<Set<SQSRecord>> {
  const outgoing = dispatched.flatMap(({ record, messages }) => messages.map((message) => ({ record, message })));
  if (outgoing.length === 0) return new Set();
  const queue = env('DELIVERIES_EVENTBRIDGE_QUEUE_URL');
  try {
    const failed = await sendMessages(
      queue,
      outgoing.map(({ message }) => toQueue(message)),
    );
    return new Set(outgoing.filter((_, index) => failed.has(index)).map(({ record }) => record));
  } catch (error) {
    logger.error('Deliveries could not be sent; their events are given back', { error: error as Error });
    return new Set(outgoing.map(({ record }) => record));
  }
}
