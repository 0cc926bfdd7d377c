import { nameOf } from '../aws/table.ts';
import type { Destination } from '../destinations/destination.ts';
import { timeOf } from '../ids.ts';
import { windowEnd, windowOf } from '../retry/policy.ts';
import { type Delivery, ended, windowStartOfHeld } from './delivery.ts';
import { type HeldDelivery, listHeld, unhold } from './held.ts';
import { deliveryKey, findDeliveries, recordDelivery } from './store.ts';

const CHUNK = 100;

/**
 * Ends as failed what the open breaker has held past its retry window. Only events older than the window are looked at; what
 * has ended otherwise meanwhile leaves its held item behind, which is taken away.
 */
export async function expireHeld(destination: Destination, now: number): Promise<void> {
  const { id, livemode, delivery_shards } = destination;
  let chunk: HeldDelivery[] = [];
  for await (const held of listHeld(id, delivery_shards, { time: now - windowOf(livemode), livemode })) {
    if (held.message.manual !== undefined) continue;
    chunk.push(held);
    if (chunk.length < CHUNK) continue;
    await expire(destination, chunk, now);
    chunk = [];
  }
  await expire(destination, chunk, now);
}

async function expire({ id, livemode, delivery_shards }: Destination, chunk: readonly HeldDelivery[], now: number) {
  const keyOf = ({ message }: HeldDelivery) => deliveryKey(id, message.event, delivery_shards);
  const deliveries = await findDeliveries(chunk.map(keyOf));
  await Promise.all(
    chunk.map(async (held) => {
      const delivery = deliveries.get(nameOf(keyOf(held)));
      if (delivery?.status === 'pending') {
        if (!isOver(delivery, livemode, now)) return;
        const after = ended(delivery, delivery, { status: 'failed', reason: 'retry_window_over' }, now);
        if (!(await recordDelivery(keyOf(held), delivery, after))) return;
      }
      await unhold(held);
    }),
  );
}

const isOver = (delivery: Delivery, livemode: boolean, now: number): boolean =>
  windowEnd({ windowStart: windowStartOfHeld(delivery, timeOf(delivery.event), now), livemode }) <= now;
