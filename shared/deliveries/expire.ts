import { nameOf } from '../aws/table.ts';
import type { Destination } from '../destinations/destination.ts';
import { timeOf } from '../ids.ts';
import { windowEnd, windowOf } from '../retry/policy.ts';
import { type Delivery, ended, windowStartOfHeld } from './delivery.ts';
import { type HeldItem, listHeld, takeOut } from './held.ts';
import type { DeliveryMessage } from './message.ts';
import { deliveryKey, findNeighbours, recordDelivery } from './store.ts';

/** Items. */
const CHUNK = 20;

/**
 * Ends as failed what the open breaker has held past its retry window. Only events older than the window are looked at; what
 * has ended otherwise meanwhile is taken out of its held item, too.
 */
export async function expireHeld(destination: Destination, now: number): Promise<void> {
  const { id, livemode, delivery_shards } = destination;
  let chunk: HeldItem[] = [];
  for await (const item of listHeld(id, delivery_shards, { time: now - windowOf(livemode), livemode })) {
    chunk.push(item);
    if (chunk.length < CHUNK) continue;
    await expire(destination, chunk, now);
    chunk = [];
  }
  await expire(destination, chunk, now);
}

async function expire(destination: Destination, chunk: readonly HeldItem[], now: number): Promise<void> {
  const keyOf = ({ event }: DeliveryMessage) => deliveryKey(destination.id, event, destination.delivery_shards);
  const automatic = chunk.flatMap(({ messages }) => messages.filter(({ manual }) => manual === undefined));
  const deliveries = await findNeighbours(automatic.map(keyOf));
  const over = new Set<string>();
  await Promise.all(
    automatic.map(async (message) => {
      const delivery = deliveries.get(nameOf(keyOf(message)));
      if (await isEnded(destination, delivery, now)) over.add(message.event);
    }),
  );
  // A manual attempt is by itself in its item.
  const ended = chunk.filter(({ messages }) => messages.some(({ event, manual }) => !manual && over.has(event)));
  await Promise.all(ended.map((item) => takeOut(item, over)));
}

/** Whether it has ended, or does so now. */
async function isEnded({ livemode, delivery_shards }: Destination, delivery: Delivery | undefined, now: number) {
  if (delivery?.status !== 'pending') return true;
  const windowStart = windowStartOfHeld(delivery, timeOf(delivery.event), now);
  if (windowEnd({ windowStart, livemode }) > now) return false;
  const key = deliveryKey(delivery.destination, delivery.event, delivery_shards);
  return recordDelivery(
    key,
    delivery,
    ended(delivery, delivery, { status: 'failed', reason: 'retry_window_over' }, now),
  );
}
