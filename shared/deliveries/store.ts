import { ABSENT, type Expression, type Item, type Key, ledger, nameOf, recordOf } from '../aws/table.ts';
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

interface ReadOptions {
  readonly eventually?: boolean;
}

/** Reads many deliveries, strongly unless said otherwise; the map is by partition and sort key (`nameOf`). */
export async function findDeliveries(keys: readonly Key[], options: ReadOptions = {}): Promise<Map<string, Delivery>> {
  const items = await ledger().getAll(keys, options);
  return new Map(items.map((item) => [nameOf(item), toDelivery(item)]));
}

/** Fewer of a partition are read by their keys. */
const NEIGHBOURS = 8;
/** There may be others between them: when so many times as many were read, the rest is read by keys. */
const MOST_READ = 4;

/**
 * Reads many deliveries that are likely to be neighbours, as those of a stretch of time at one destination are: by their
 * range, which costs a unit for each 4 KB, where a read by key costs one for each item.
 */
export async function findNeighbours(keys: readonly Key[], options: ReadOptions = {}): Promise<Map<string, Delivery>> {
  const partitions = [...Map.groupBy(keys, ({ pk }) => pk).values()];
  const ranges = await Promise.all(partitions.map((of) => readRange(of, options)));
  const left = await findDeliveries(
    ranges.flatMap((range) => range.left),
    options,
  );
  return new Map([...ranges.flatMap(({ found }) => found), ...left]);
}

async function readRange(keys: readonly Key[], { eventually = false }: ReadOptions) {
  const found: [string, Delivery][] = [];
  const [first, ...others] = keys.toSorted((a, b) => (a.sk < b.sk ? -1 : 1));
  const last = others.at(-1);
  if (keys.length < NEIGHBOURS || !first || !last) return { found, left: keys };
  const wanted = new Set(keys.map(nameOf));
  const values = { ':pk': first.pk, ':first': first.sk, ':last': last.sk };
  const expression = 'pk = :pk AND sk BETWEEN :first AND :last';
  let read = 0;
  for await (const item of ledger().query({ expression, values, pageSize: 100, eventually })) {
    if (wanted.has(nameOf(item))) found.push([nameOf(item), toDelivery(item)]);
    read += 1;
    if (read === keys.length * MOST_READ) return { found, left: keys.filter(({ sk }) => sk > item.sk) };
  }
  return { found, left: [] };
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
    pk: attemptPartition(destination, event),
    sk: `${event}#${String(attempt.number).padStart(4, '0')}`,
    ...attempt,
    ttl: expiry(timeOf(event)),
  });
}

/** A manual attempt under its message's id: a copy of the message writes the same item. */
export async function recordManualAttempt(
  destination: string,
  event: string,
  id: string,
  attempt: Attempt,
): Promise<void> {
  await ledger().put({
    pk: attemptPartition(destination, event),
    sk: `${event}#manual#${id}`,
    ...attempt,
    manual: true,
    ttl: expiry(timeOf(event)),
  });
}

/** Every attempt of a delivery in the order of time; manual ones are numbered by themselves. */
export async function listAttempts({ destination, event, ...delivery }: ListedAttempts): Promise<Attempt[]> {
  const found: Attempt[] = [];
  const values = { ':pk': attemptPartition(destination, event), ':event': `${event}#` };
  for await (const item of ledger().query({ expression: 'pk = :pk AND begins_with(sk, :event)', values })) {
    found.push(recordOf<Attempt>(item, 'ttl'));
  }
  const manual = found.filter((attempt) => attempt.manual).sort((a, b) => a.at - b.at);
  const { first_attempt, last_attempt } = delivery;
  // The first is only in the delivery, and the last one is there even if we died before writing its own item.
  const automatic = new Map(
    [first_attempt, ...found.filter((attempt) => !attempt.manual), last_attempt]
      .filter((attempt) => attempt !== undefined)
      .map((attempt) => [attempt.number, attempt]),
  );
  return [...automatic.values(), ...manual.map((attempt, index) => ({ ...attempt, number: index + 1 }))].sort(
    (a, b) => a.at - b.at || a.number - b.number,
  );
}

type ListedAttempts = Pick<Delivery, 'destination' | 'event' | 'first_attempt' | 'last_attempt'>;

const attemptPartition = (destination: string, event: string): string => `${destination}#attempts#${dayOf(event)}`;

/**
 * `undelivered` puts the delivery into the sparse index of that name until it is delivered. What the key says, and a last
 * attempt that is the first, are left out: there are as many of these items as deliveries.
 */
const toItem = (key: Key, delivery: Delivery): Item => {
  const { event: _event, destination: _destination, last_attempt, ...rest } = delivery;
  return {
    ...key,
    ...rest,
    ...(last_attempt && last_attempt.number !== rest.first_attempt?.number && { last_attempt }),
    ...(delivery.status !== 'delivered' && { undelivered: undeliveredPartition(key.pk) }),
    ttl: expiry(timeOf(delivery.event)),
  };
};

export function toDelivery(item: Item): Delivery {
  const kept = recordOf<Omit<Delivery, 'event' | 'destination'>>(item, 'ttl', 'undelivered');
  const last_attempt = kept.last_attempt ?? kept.first_attempt;
  return {
    ...kept,
    ...(last_attempt && { last_attempt }),
    destination: item.pk.slice(0, item.pk.indexOf('#')),
    event: item.sk,
  };
}
