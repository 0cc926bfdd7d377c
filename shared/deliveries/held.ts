import { randomUUID } from 'node:crypto';
import { type Item, type Key, ledger } from '../aws/table.ts';
import { timeOf } from '../ids.ts';
import { mostShards, type ShardHistory, shardOf } from '../shards.ts';
import { expiry } from '../time.ts';
import { DeliveryMessage } from './message.ts';

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

export async function hold(message: DeliveryMessage, shards: ShardHistory): Promise<HeldDelivery> {
  const { content: _content, due: _due, ...kept } = message;
  const key = {
    pk: partition(message.destination, shardOf(message.event, mostShards(shards))),
    sk: message.event,
  };
  const token = randomUUID();
  await ledger().put({ ...key, token, message: kept, ttl: expiry(timeOf(message.event)) });
  return { key, token, message: { ...kept, again: true } };
}

/** Takes the item away unless it was put anew since. */
export const unhold = ({ key, token }: HeldDelivery): Promise<boolean> =>
  ledger().delete(key, { expression: '#token = :token', names: { '#token': 'token' }, values: { ':token': token } });

/** Everything that is held for a destination, oldest event first in each shard. */
export async function* listHeld(destination: string, shards: ShardHistory): AsyncGenerator<HeldDelivery> {
  for (let shard = 0; shard < mostShards(shards); shard += 1) {
    const values = { ':pk': partition(destination, shard) };
    for await (const item of ledger().query({ expression: 'pk = :pk', values, pageSize: 100 })) yield toHeld(item);
  }
}

const toHeld = (item: Item): HeldDelivery => ({
  key: { pk: item.pk, sk: item.sk },
  token: String(item.token),
  message: { ...DeliveryMessage.parse(item.message), again: true },
});
