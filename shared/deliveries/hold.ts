import { findStanding } from '../health/standing.ts';
import type { ShardHistory } from '../shards.ts';
import { admission } from './admission.ts';
import { sendDelayed } from './bring-back.ts';
import { hold, unhold } from './held.ts';
import { type DeliveryMessage, destinationOf, isWantedNow } from './message.ts';

/**
 * Puts the held item, then reads the destination again: if its state changed in between, the release may have run before
 * the item was there, so this delivery releases itself. Safe to repeat.
 */
export async function holdMessage(message: DeliveryMessage, shards: ShardHistory, queueUrl: string): Promise<void> {
  const item = await hold(message, shards);
  const standing = await findStanding(destinationOf(message));
  if ('hold' in admission(standing, { passesBreaker: isWantedNow(message) })) return;
  await sendDelayed(item.message, queueUrl);
  await unhold(item);
}
