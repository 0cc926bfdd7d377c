import { env } from '../aws/env.ts';
import { sendMessages } from '../aws/queue.ts';
import { holdMessages } from '../deliveries/hold.ts';
import { type DeliveryMessage, destinationOf, toQueue } from '../deliveries/message.ts';
import { requestRelease } from '../deliveries/release-message.ts';
import type { Addressee } from '../destinations/destination.ts';
import { findDeliveryShards } from '../destinations/tombstone.ts';
import { destinationTypes } from '../destinations/types.ts';
import { logger } from '../telemetry.ts';
import type { Found } from './examine.ts';
import type { Finding } from './finding.ts';

/** Brings back what nothing else would: by its message, by its held item, or by a release. Harmless if done twice, or for nothing. */
export async function repair(found: readonly Found[]): Promise<void> {
  const toRelease = new Map<string, Addressee>();
  for (const { suspect, finding, delivery } of found) {
    const { event, destination } = suspect.message;
    logger.error('A delivery that nothing would have brought back', { event, destination, finding });
    const message = { ...suspect.message, attempt: delivery?.next ?? 1 };
    if (finding === 'not_released') toRelease.set(destination, { ...destinationOf(message), type: suspect.type });
    else await bringBack(message, finding, env(destinationTypes[suspect.type].deliveriesQueue));
  }
  for (const destination of toRelease.values()) await requestRelease(destination);
}

async function bringBack(message: DeliveryMessage, finding: Finding, queueUrl: string): Promise<void> {
  if (finding === 'held_nowhere')
    return holdMessages([message], await findDeliveryShards(destinationOf(message)), queueUrl);
  const failed = await sendMessages(queueUrl, [toQueue(message)]);
  if (failed.size > 0) throw new Error('SQS did not take the message of a repair');
}
