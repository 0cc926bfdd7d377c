import { ABSENT, type Expression, type Item, type Key, ledger, nameOf } from '../aws/table.ts';
import { dayOf, timeOf } from '../ids.ts';
import { type ShardHistory, shardOf, shardsOn } from '../shards.ts';
import { expiry } from '../time.ts';
import type { Attempt, Delivery } from './delivery.ts';

export function deliveryKey(destination: string, event: string, shards: ShardHistory): Key {
  const day = dayOf(event);
  const shard = shardOf(event, shardsOn(shards, day));
  return { pk: deliveryPartition(destination, day, shard), sk: event };
}

export const deliveryPartition = (destination: string, day: string, shard: number): string =>
  `${destination}#deliveries#${day}#${shard}`;

/** The partition of the sparse index `undelivered`, with the deliveries of a partition that are not delivered. */
export const undeliveredPartition = (partition: string): string => partition.replace('#deliveries#', '#undelivered#');

export async function findDelivery(key: Key): Promise<Delivery | undefined> {
  const item = await ledger().get(key);
  return item && toDelivery(item);
}

/** Reads many deliveries strongly; the map is by partition and sort key (`nameOf`). */
export async function findDeliveries(keys: readonly Key[]): Promise<Map<string, Delivery>> {
  const items = await ledger().getAll(keys);
  return new Map(items.map((item) => [nameOf(item), toDelivery(item)]));
}

/**
 * Records a delivery on condition that it is still as it was read: absent, or of the same status with the same `next`.
 * False when another copy of the message was faster.
 */
export function recordDelivery(key: Key, before: Delivery | undefined, after: Delivery): Promise<boolean> {
  const condition: Expression = before
    ? {
        expression: '#status = :status AND #next = :next',
        names: { '#status': 'status', '#next': 'next' },
        values: { ':status': before.status, ':next': before.next },
      }
    : ABSENT;
  return ledger().put(toItem(key, after), condition);
}

/** An attempt of its own item, from the second on: the delivery itself keeps the first and the last. */
export async function recordAttempt(destination: string, event: string, attempt: Attempt): Promise<void> {
  await ledger().put({
    pk: `${destination}#attempts#${dayOf(event)}`,
    sk: `${event}#${String(attempt.number).padStart(4, '0')}`,
    ...attempt,
    ttl: expiry(timeOf(event)),
  });
}

/** Every attempt of a delivery, the first one first. */
export async function listAttempts(delivery: Delivery): Promise<Attempt[]> {
  const { first_attempt, last_attempt, destination, event } = delivery;
  if (!first_attempt || !last_attempt) return [];
  if (last_attempt.number === first_attempt.number) return [first_attempt];
  const found: Attempt[] = [];
  const values = { ':pk': `${destination}#attempts#${dayOf(event)}`, ':event': `${event}#` };
  for await (const item of ledger().query({ expression: 'pk = :pk AND begins_with(sk, :event)', values })) {
    const { pk: _pk, sk: _sk, ttl: _ttl, ...attempt } = item;
    found.push(attempt as unknown as Attempt);
  }
  // The last one is in the delivery even if we died before writing its own item.
  const known = new Map([first_attempt, ...found, last_attempt].map((attempt) => [attempt.number, attempt]));
  return [...known.values()].sort((a, b) => a.number - b.number);
}

/** `undelivered` puts the delivery into the sparse index of that name until it is delivered. */
const toItem = (key: Key, delivery: Delivery): Item => {
  const { event: _event, destination, ...rest } = delivery;
  return {
    ...key,
    destination,
    ...rest,
    ...(delivery.status !== 'delivered' && { undelivered: undeliveredPartition(key.pk) }),
    ttl: expiry(timeOf(delivery.event)),
  };
};

export function toDelivery(item: Item): Delivery {
  const { pk: _pk, sk, ttl: _ttl, undelivered: _undelivered, ...delivery } = item;
  return { ...delivery, event: sk } as unknown as Delivery;
}
