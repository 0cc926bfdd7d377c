import { type ShardHistory, withShards } from '../shards.ts';
import type { DestinationRef } from './destination.ts';
import { changeDestination, findDestination } from './store.ts';

/** Spreads the destination's deliveries of the days to come over so many partitions. The history after it. */
export async function spreadDeliveries(to: DestinationRef, shards: number, now: number): Promise<ShardHistory> {
  const found = await findDestination(to);
  if (!found) throw new Error(`There is no event destination ${to.id} in that account and mode`);
  const delivery_shards = withShards(found.delivery_shards, shards, now);
  const condition = { expression: 'size(#delivery_shards) = :seen', values: { ':seen': found.delivery_shards.length } };
  if (await changeDestination(to, { set: { delivery_shards }, condition }, now)) return delivery_shards;
  throw new Error(`The event destination ${to.id} is being changed by somebody else: run it again`);
}
