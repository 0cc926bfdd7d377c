import { randomUUID } from 'node:crypto';
import { type Item, type Key, ledger, nameOf } from '../aws/table.ts';
import { firstIdAt, timeOf } from '../ids.ts';
import { mostShards, type ShardHistory, shardOf } from '../shards.ts';
import { expiry } from '../time.ts';
import { DeliveryMessage, withoutContent } from './message.ts';

/**
 * A held delivery waits until the state of its destination changes: no due time, one item in the destination's `held`
 * partitions, from which functions/release sends it again. Each put carries a fresh token, and whoever deletes the item
 * does so on condition of the token that it read: a delivery that was held anew meanwhile stays held.
 */
export interface HeldDelivery {
  readonly key: Key;
  readonly token: string;
  /** The message to send when it is released; without the content, which is read from the Ledger. */
  readonly message: DeliveryMessage;
}

const partition = (destination: string, shard: number) => `${destination}#held#${shard}`;

/** Where a delivery is while it is held. */
export const heldKey = ({ destination, event }: DeliveryMessage, shards: ShardHistory): Key => ({
  pk: partition(destination, shardOf(event, mostShards(shards))),
  sk: event,
});

/** Which of the keys have an item, by name (`nameOf`). */
export async function findHeldKeys(
  keys: readonly Key[],
  options: { readonly eventually?: boolean } = {},
): Promise<Set<string>> {
  return new Set((await ledger().getAll(keys, options)).map(nameOf));
}

export async function hold(message: DeliveryMessage, shards: ShardHistory): Promise<HeldDelivery> {
  const { due: _due, probe: _probe, turn: _turn, ...kept } = withoutContent(message);
  const key = heldKey(message, shards);
  const token = randomUUID();
  await ledger().put({ ...key, token, message: kept, ttl: expiry(timeOf(message.event)) });
  return { key, token, message: { ...kept, again: true } };
}

/** Takes the item away unless it was put anew since. */
export const unhold = ({ key, token }: HeldDelivery): Promise<boolean> =>
  ledger().delete(key, { expression: '#token = :token', names: { '#token': 'token' }, values: { ':token': token } });

/** Everything that is held for a destination, oldest event first in each shard; only events before an instant (ms), if given. */
export async function* listHeld(
  destination: string,
  shards: ShardHistory,
  before?: { readonly time: number; readonly livemode: boolean },
): AsyncGenerator<HeldDelivery> {
  for (let shard = 0; shard < mostShards(shards); shard += 1) {
    const range = before ? ' AND sk < :before' : '';
    const values = {
      ':pk': partition(destination, shard),
      ...(before && { ':before': firstIdAt('evt', before.livemode, before.time) }),
    };
    for await (const item of ledger().query({ expression: `pk = :pk${range}`, values, pageSize: 100 }))
      yield toHeld(item);
  }
}

interface Peek {
  readonly destination: string;
  readonly livemode: boolean;
  readonly shards: ShardHistory;
  readonly limit: number;
  readonly newestFirst?: boolean;
  /** Events from this instant on, ms. */
  readonly from?: number;
}

/** Some of what is held, from one end, or from an instant on; manual attempts left out. */
export async function peekHeld({ destination, livemode, shards, limit, newestFirst, from = 0 }: Peek) {
  const found: HeldDelivery[] = [];
  const first = firstIdAt('evt', livemode, from);
  for (let shard = 0; shard < mostShards(shards); shard += 1) {
    const values = { ':pk': partition(destination, shard), ':first': first };
    let left = limit;
    const expression = 'pk = :pk AND sk >= :first';
    for await (const item of ledger().query({ expression, values, pageSize: limit, newestFirst })) {
      found.push(toHeld(item));
      left -= 1;
      if (left === 0) break;
    }
  }
  const sorted = found.filter(({ message }) => message.manual === undefined).sort(byEvent);
  return newestFirst ? sorted.reverse() : sorted;
}

const byEvent = (a: HeldDelivery, b: HeldDelivery): number => (a.message.event < b.message.event ? -1 : 1);

const toHeld = (item: Item): HeldDelivery => ({
  key: { pk: item.pk, sk: item.sk },
  token: String(item.token),
  message: { ...DeliveryMessage.parse(item.message), again: true },
});
