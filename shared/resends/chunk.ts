import { env } from '../aws/env.ts';
import { type Key, nameOf } from '../aws/table.ts';
import { type Delivery, type Resending, reopened, resendingOf } from '../deliveries/delivery.ts';
import { type DeliveryMessage, messageOfRecord } from '../deliveries/message.ts';
import { sendAll } from '../deliveries/stagger.ts';
import {
  deliveryPartition,
  findDeliveries,
  findDelivery,
  recordDelivery,
  undeliveredPartition,
} from '../deliveries/store.ts';
import { destinationTypes } from '../destinations/types.ts';
import { stretchOf } from '../lists/stretch.ts';
import { walkDays } from '../lists/walk.ts';
import type { ShardHistory } from '../shards.ts';
import { SECOND } from '../time.ts';
import { addresseeOf, type Resend } from './resend.ts';

/** Deliveries between two moves of the cursor: what a crash has done again. */
const SIZE = 100;

export interface Chunk {
  readonly keys: readonly Key[];
  /** Its last event: where the cursor is after it. */
  readonly end: string;
  /** It was planned before, by a step that died. */
  readonly again: boolean;
}

/** What is still to be gone through, from the cursor on; first what was planned already and is not known to be done. */
export async function* chunksOf(resend: Resend, shards: ShardHistory): AsyncGenerator<Chunk> {
  const planned = await plannedChunk(resend, shards);
  if (planned) yield planned;
  let keys: Key[] = [];
  const rest = planned ? { ...resend, cursor: planned.end } : resend;
  for await (const key of keysAfter(rest, shards)) {
    keys.push(key);
    if (keys.length < SIZE) continue;
    yield { keys, end: key.sk, again: false };
    keys = [];
  }
  const last = keys.at(-1);
  if (last) yield { keys, end: last.sk, again: false };
}

/** In the index there may be others by now, and some of its own may have gone: only its end is the same. */
export async function plannedChunk(resend: Resend, shards: ShardHistory): Promise<Chunk | undefined> {
  const { cursor, planned_end: end } = resend;
  if (end <= cursor) return undefined;
  const keys: Key[] = [];
  for await (const key of keysAfter(resend, shards)) {
    if (key.sk > end) break;
    keys.push(key);
  }
  return { keys, end, again: true };
}

/** What has ended without a delivery is found by the sparse index; delivered ones are in the day partitions only. */
async function* keysAfter(resend: Resend, shards: ShardHistory): AsyncGenerator<Key> {
  const { destination, livemode, statuses, from, until, cursor } = resend;
  const whole = statuses.includes('delivered');
  const partition = (day: string, shard: number) => {
    const own = deliveryPartition(destination, day, shard);
    return whole ? own : undeliveredPartition(own);
  };
  const stretch = stretchOf({ prefix: 'evt', livemode }, { from, until }, { direction: 'newer', id: cursor });
  const walk = { shards, partition, pageSize: SIZE, ...(!whole && { index: 'undelivered' as const }) };
  for await (const { pk, sk } of walkDays(walk, stretch)) yield { pk, sk };
}

export interface Wanted {
  readonly key: Key;
  readonly delivery: Delivery;
  readonly what: Exclude<Resending, 'leave'>;
}

/** Those of the chunk's deliveries that the resend is for, as they are now. */
export async function findWanted({ id, statuses }: Resend, { keys }: Chunk): Promise<Wanted[]> {
  const found = await findDeliveries(keys);
  return keys.flatMap((key) => {
    const delivery = found.get(nameOf(key));
    const what = delivery ? resendingOf(delivery, id, statuses) : 'leave';
    return delivery && what !== 'leave' ? [{ key, delivery, what }] : [];
  });
}

export interface Pace {
  /** Deliveries a second. */
  readonly rate: number;
  /** How many of the step went out at that rate already. */
  readonly before: number;
}

/** Brings them back, and sends them at that pace. Returns how many. */
export async function sendWanted(resend: Resend, wanted: readonly Wanted[], { rate, before }: Pace): Promise<number> {
  const now = Date.now();
  const dueOf = (index: number) => now + Math.floor((before + index) / rate) * SECOND;
  const messages = await Promise.all(wanted.map((one, index) => toMessage(resend, one, dueOf(index))));
  const waiting = messages
    .filter((message) => message !== undefined)
    .map((message) => ({ messages: [message], done: async () => undefined }));
  const queueUrl = env(destinationTypes[resend.type].deliveriesQueue);
  await sendAll(waiting, { queueUrl, perSecond: rate, most: waiting.length, after: before });
  return waiting.length;
}

/** The message of a delivery that is pending by now; undefined when there is nothing to send, or when it changed just now. */
async function toMessage(
  resend: Resend,
  { key, delivery, what }: Wanted,
  due: number,
): Promise<DeliveryMessage | undefined> {
  const of = addresseeOf(resend);
  switch (what) {
    case 'done':
      return undefined;
    case 'send_again':
      return messageOfRecord(delivery, of);
    case 'send_copy':
      return { ...messageOfRecord(delivery, of), attempt: 0, manual: resend.id, bulk: true };
    case 'reopen': {
      const after = reopened(delivery, resend.id, due, Date.now());
      if (await recordDelivery(key, delivery, after)) return messageOfRecord(after, of);
      // It changed just now, or our write was done although we never heard so.
      const found = await findDelivery(key);
      const isOurs = found && resendingOf(found, resend.id, resend.statuses) === 'send_again';
      return isOurs ? messageOfRecord(found, of) : undefined;
    }
  }
}
