import { sendMessages } from '../aws/queue.ts';
import { findStanding, type Standing } from '../health/standing.ts';
import type { ShardHistory } from '../shards.ts';
import { admission } from './admission.ts';
import { type HeldItem, hold, unhold } from './held.ts';
import { type DeliveryMessage, destinationOf, isWantedNow, toQueue } from './message.ts';

/**
 * Holds messages for one destination: puts their held items, then reads the destination again, once for all of them: if its
 * state changed in between, the release may have run before the items were there, so these deliveries release themselves.
 * Safe to repeat.
 */
export async function holdMessages(
  messages: readonly DeliveryMessage[],
  shards: ShardHistory,
  queueUrl: string,
): Promise<void> {
  const [first] = messages;
  if (!first) return;
  const items = await hold(messages, shards);
  const standing = await findStanding(destinationOf(first));
  for (const item of items) if (!isHeldBy(standing, item)) await releaseItem(item, queueUrl);
}

/** What shares an item is either all automatic, or one manual attempt. */
const isHeldBy = (standing: Standing, { messages }: HeldItem): boolean =>
  'hold' in admission(standing, { passesBreaker: messages.some(isWantedNow) });

async function releaseItem(item: HeldItem, queueUrl: string): Promise<void> {
  const failed = await sendMessages(
    queueUrl,
    item.messages.map((message) => toQueue(message)),
  );
  if (failed.size > 0) throw new Error('SQS did not take what is held no longer');
  await unhold(item);
}
