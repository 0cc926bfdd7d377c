import { randomUUID } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import * as z from 'zod/mini';
import { legible } from '../aws/legible.ts';
import { type Expression, type Item, type Key, ledger } from '../aws/table.ts';
import { firstIdAt, timeOf } from '../ids.ts';
import { mostShards, type ShardHistory, shardOf } from '../shards.ts';
import { expiry, MINUTE } from '../time.ts';
import { DeliveryMessage, withoutContent } from './message.ts';

/**
 * Held deliveries wait until the state of their destination changes: no due time, but items in the destination's `held`
 * partitions, from which functions/release sends them again. What a batch holds of a destination shares an item, because a
 * write for each is the dearest part of a destination that is down for days.
 *
 *   (absent)  --a batch holds-->          an item with the messages that it holds
 *   item      --release sends all-->      (absent)
 *   item      --probes go out, some have ended-->  the item without those; (absent) without any
 *
 * Each put has a key of its own, the first event's id and a token: so nothing that is held anew is ever overwritten, or
 * deleted by who read what was held before. Only what is taken out of an item writes it again, on condition that it is as
 * it was read. A delivery may be in two items, after a crash; its record sorts out what is sent twice.
 */
export interface HeldItem {
  readonly key: Key;
  /** To be sent when it is released, the oldest event first; without the content, which is read from the Ledger. */
  readonly messages: readonly DeliveryMessage[];
  /** Grows with each write. */
  readonly edition: number;
}

/** An item's messages, packed, take some 400 bytes; a write unit is a KB. */
const MOST_IN_ITEM = 10;
/** Events further apart than this share no item: so what is held is found by the times of its events. */
const SPAN = 10 * MINUTE;

const partition = (destination: string, shard: number) => `${destination}#held#${shard}`;

/** Holds messages for one destination. */
export async function hold(messages: readonly DeliveryMessage[], shards: ShardHistory): Promise<HeldItem[]> {
  const items = shared(messages.map(kept)).map((together) => toItem(together, shards));
  await Promise.all(items.map((item) => write(item)));
  return items;
}

function kept(message: DeliveryMessage): DeliveryMessage {
  const { due: _due, probe: _probe, turn: _turn, ...rest } = withoutContent(message);
  return { ...rest, again: true };
}

/** Which messages share an item. A manual one is by itself, for it has nothing to do with the state of its delivery. */
function shared(messages: readonly DeliveryMessage[]): DeliveryMessage[][] {
  const items: DeliveryMessage[][] = [];
  for (const message of messages.toSorted(byEvent)) {
    const item = items.at(-1);
    const [first] = item ?? [];
    const fits = item && first && item.length < MOST_IN_ITEM && timeOf(message.event) - timeOf(first.event) <= SPAN;
    if (fits && !first.manual && !message.manual) item.push(message);
    else items.push([message]);
  }
  return items;
}

function toItem(messages: readonly DeliveryMessage[], shards: ShardHistory): HeldItem {
  const [first] = messages;
  if (!first) throw new Error('Nothing is to be held');
  const pk = partition(first.destination, shardOf(first.event, mostShards(shards)));
  const token = randomUUID();
  return { key: { pk, sk: `${first.event}#${token}` }, messages, edition: 0 };
}

function write({ key, messages, edition }: HeldItem, condition?: Expression): Promise<boolean> {
  const ttl = Math.max(...messages.map(({ event }) => expiry(timeOf(event))));
  return ledger().put({ ...key, messages: packed(messages), edition, ttl }, condition);
}

/** Takes the whole item away: everything in it was sent, or has ended. */
export const unhold = ({ key }: HeldItem): Promise<boolean> => ledger().delete(key);

const TRIES = 5;

/** Takes some events out of an item, which others may be doing as well. */
export async function takeOut(item: HeldItem, events: ReadonlySet<string>): Promise<void> {
  let found: HeldItem | undefined = item;
  for (let tries = 0; tries < TRIES && found; tries += 1) {
    const messages = found.messages.filter(({ event }) => !events.has(event));
    if (messages.length === 0) return void (await unhold(found));
    const asRead = { expression: 'edition = :seen', values: { ':seen': found.edition } };
    if (await write({ ...found, messages, edition: found.edition + 1 }, asRead)) return;
    const again = await ledger().get(item.key);
    found = again && fromItem(again);
  }
  if (found) throw new Error(`The held item ${item.key.sk} is being changed by too many at once`);
}

/** Everything that is held for a destination, oldest event first in each shard; only events before an instant (ms), if given. */
export async function* listHeld(
  destination: string,
  shards: ShardHistory,
  before?: { readonly time: number; readonly livemode: boolean },
): AsyncGenerator<HeldItem> {
  for (let shard = 0; shard < mostShards(shards); shard += 1) {
    const range = before ? ' AND sk < :before' : '';
    const values = {
      ':pk': partition(destination, shard),
      ...(before && { ':before': firstIdAt('evt', before.livemode, before.time) }),
    };
    yield* legible(ledger().query({ expression: `pk = :pk${range}`, values, pageSize: 100 }), fromItem);
  }
}

interface Wanted {
  readonly destination: string;
  readonly livemode: boolean;
  readonly shards: ShardHistory;
  readonly events: readonly string[];
  readonly eventually?: boolean;
}

/** Which of some events, neighbours in time, are held: by one range of each shard, instead of by a read for each. */
export async function findHeldEvents({ destination, livemode, shards, events, ...options }: Wanted) {
  const found = new Set<string>();
  const [first, last] = [events.toSorted().at(0), events.toSorted().at(-1)];
  if (first === undefined) return found;
  for (let shard = 0; shard < mostShards(shards); shard += 1) {
    const values = {
      ':pk': partition(destination, shard),
      ':from': firstIdAt('evt', livemode, timeOf(first) - SPAN),
      ':until': `${last}~`,
    };
    const expression = 'pk = :pk AND sk BETWEEN :from AND :until';
    for await (const { messages } of legible(
      ledger().query({ expression, values, pageSize: 100, ...options }),
      fromItem,
    ))
      for (const { event } of messages) found.add(event);
  }
  return found;
}

interface Peek {
  readonly destination: string;
  readonly livemode: boolean;
  readonly shards: ShardHistory;
  /** Items, of each shard. */
  readonly limit: number;
  readonly newestFirst?: boolean;
  /** Events from this instant on, ms. */
  readonly from?: number;
}

/** One that is held, and where. */
export interface Held {
  readonly item: HeldItem;
  readonly message: DeliveryMessage;
}

/**
 * Some of what is held, from one end, or from an instant on. Manual attempts are left out and do not count, however many
 * lie before the others: what is held of a bulk resend says nothing about what is to be probed.
 */
export async function peekHeld({ destination, livemode, shards, limit, newestFirst, from = 0 }: Peek): Promise<Held[]> {
  const found: Held[] = [];
  const first = firstIdAt('evt', livemode, from);
  for (let shard = 0; shard < mostShards(shards); shard += 1) {
    const values = { ':pk': partition(destination, shard), ':first': first };
    let left = limit;
    const expression = 'pk = :pk AND sk >= :first';
    for await (const item of legible(ledger().query({ expression, values, pageSize: limit, newestFirst }), fromItem)) {
      const automatic = item.messages.filter(({ manual }) => manual === undefined);
      if (automatic.length === 0) continue;
      found.push(...automatic.map((message) => ({ item, message })));
      left -= 1;
      if (left === 0) break;
    }
  }
  const sorted = found.sort((a, b) => byEvent(a.message, b.message));
  return newestFirst ? sorted.reverse() : sorted;
}

const byEvent = (a: DeliveryMessage, b: DeliveryMessage): number => (a.event < b.event ? -1 : 1);

export const fromItem = ({ pk, sk, messages, edition }: Item): HeldItem => ({
  key: { pk, sk },
  messages: unpacked(String(messages)),
  edition: Number(edition),
});

const packed = (messages: readonly DeliveryMessage[]): string =>
  deflateRawSync(JSON.stringify(messages)).toString('base64');

const unpacked = (text: string): DeliveryMessage[] =>
  z.array(DeliveryMessage).parse(JSON.parse(inflateRawSync(Buffer.from(text, 'base64')).toString()));
