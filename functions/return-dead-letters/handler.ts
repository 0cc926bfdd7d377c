import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { env } from '../../shared/aws/env.ts';
import { changeVisibility } from '../../shared/aws/queue.ts';
import { toReturnable } from '../../shared/dead-letters/bus-event.ts';
import { settleLetter } from '../../shared/dead-letters/settle.ts';
import type { Count } from '../../shared/metrics.ts';
import { logger, publishCounts } from '../../shared/telemetry.ts';
import { pastOf } from '../queue-handler.ts';

/** Each dead-letter queue by its ARN: its own URL, and the queue that its messages are returned to. */
const queues: Readonly<Record<string, { readonly url: string; readonly returnsTo: string }>> = JSON.parse(
  env('DEAD_LETTER_QUEUES'),
);

/**
 * Messages of the dead-letter queues: they wait, are returned to their queue, and after ten returns are parked for the
 * operator. Each by itself: a poisoned one keeps no other from its turn.
 */
export async function handler({ Records }: SQSEvent): Promise<SQSBatchResponse> {
  const counts: Partial<Record<Count, number>> = {};
  const settled = await Promise.all(
    Records.map(async (record) => {
      const outcome = await settle(record);
      const count = `dead_letter_${outcome}` as const;
      counts[count] = (counts[count] ?? 0) + 1;
      return { record, done: outcome === 'returned' || outcome === 'parked' };
    }),
  );
  publishCounts(counts);
  return {
    batchItemFailures: settled.filter(({ done }) => !done).map(({ record }) => ({ itemIdentifier: record.messageId })),
  };
}

async function settle(record: SQSRecord): Promise<'returned' | 'parked' | 'waiting' | 'failed'> {
  const { messageId, receiptHandle, eventSourceARN } = record;
  try {
    const queue = queues[eventSourceARN];
    if (!queue) throw new Error(`No queue is known for ${eventSourceARN}`);
    const past = pastOf(record);
    const letter = { queueUrl: queue.returnsTo, body: toReturnable(record.body, past.sentAt), past };
    const settled = await settleLetter(letter, messageId, Date.now());
    if (settled.outcome === 'waiting') await changeVisibility(queue.url, receiptHandle, settled.seconds);
    else logger.warn(`A dead letter was ${settled.outcome}`, { messageId, queue: eventSourceARN, ...past });
    return settled.outcome;
  } catch (error) {
    // It comes again after the queue's visibility time-out.
    logger.error('A dead letter could not be seen to', { messageId, queue: eventSourceARN, error: error as Error });
    return 'failed';
  }
}
