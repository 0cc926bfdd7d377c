import { env } from '../aws/env.ts';
import { sendMessages } from '../aws/queue.ts';
import { holdMessages } from '../deliveries/hold.ts';
import { destinationOf, toQueue } from '../deliveries/message.ts';
import { findDeliveryShards } from '../destinations/store.ts';
import { destinationTypes } from '../destinations/types.ts';
import { logger } from '../telemetry.ts';
import type { Found } from './examine.ts';

/** Brings back what nothing else would: by its message, or by its held item. Harmless if done twice, or for nothing. */
export async function repair(found: readonly Found[]): Promise<void> {
  for (const { suspect, finding, delivery } of found) {
    const { event, destination } = suspect.message;
    logger.error('A delivery that nothing would have brought back', { event, destination, finding });
    const message = { ...suspect.message, attempt: delivery?.next ?? 1 };
    const queueUrl = env(destinationTypes[suspect.type].deliveriesQueue);
    if (finding === 'held_nowhere') {
      await holdMessages([message], await findDeliveryShards(destinationOf(message)), queueUrl);
    } else {
      const failed = await sendMessages(queueUrl, [toQueue(message)]);
      if (failed.size > 0) throw new Error('SQS did not take the message of a repair');
    }
  }
}
