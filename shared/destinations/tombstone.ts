import { accountOfPartition } from '../accounts/account.ts';
import { type Item, type Key, recordOf, registry, scanRegistry } from '../aws/table.ts';
import { ONE_SHARD, type ShardHistory } from '../shards.ts';
import { type Addressee, type Destination, type DestinationRef, destinationKey } from './destination.ts';

/**
 * A deleted destination leaves its shards behind, and where its deliveries travel: those stay readable for as long as they
 * are kept, and what was on its way is canceled.
 */
export interface Tombstone extends Addressee {
  readonly delivery_shards: ShardHistory;
  /** ms. */
  readonly created: number;
  readonly deleted: number;
}

const PREFIX = 'tombstone#';
const tombstoneKey = (ref: DestinationRef): Key => ({ ...destinationKey(ref), sk: `${PREFIX}${ref.id}` });

type Kept = Omit<Tombstone, keyof DestinationRef | 'type'> & Partial<Pick<Tombstone, 'type'>>;

function toTombstone(item: Item): Tombstone {
  // A version before this one did not say; any queue cancels what is for a destination that is gone.
  const { type = 'amazon_eventbridge', ...kept } = recordOf<Kept>(item);
  return { ...accountOfPartition(item.pk), id: item.sk.slice(PREFIX.length), type, ...kept };
}

/** The last step of a deletion: the tombstone first, so that the shards are never unknown. */
export async function buryDestination(destination: Destination): Promise<void> {
  const { type, delivery_shards, created } = destination;
  await registry().put({ ...tombstoneKey(destination), type, delivery_shards, created, deleted: Date.now() });
  await registry().delete(destinationKey(destination), {
    expression: 'lifecycle = :deleting',
    values: { ':deleting': 'deleting' },
  });
}

export async function findTombstone(ref: DestinationRef): Promise<Tombstone | undefined> {
  const item = await registry().get(tombstoneKey(ref));
  return item && toTombstone(item);
}

/** Whether a destination of this id was deleted. */
export const wasDeleted = async (ref: DestinationRef): Promise<boolean> => (await findTombstone(ref)) !== undefined;

/** The shard history of a destination that may have been deleted. */
export async function findDeliveryShards(ref: DestinationRef, destination?: Destination): Promise<ShardHistory> {
  if (destination) return destination.delivery_shards;
  return (await findTombstone(ref))?.delivery_shards ?? ONE_SHARD;
}

/** The destinations that were deleted since an instant, ms. For what is done once a day. */
export async function* scanTombstones(since: number): AsyncGenerator<Tombstone> {
  const values = { ':tombstone': PREFIX, ':since': since };
  const expression = 'begins_with(sk, :tombstone) AND deleted >= :since';
  for await (const item of scanRegistry({ expression, values })) yield toTombstone(item);
}
