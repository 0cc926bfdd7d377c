import { type Key, nameOf } from '../aws/table.ts';
import { type Candidate, type Collected, collect, type Found, READ_BUDGET } from '../lists/collect.ts';
import type { Stretch } from '../lists/stretch.ts';
import { walkDays } from '../lists/walk.ts';
import type { ShardHistory } from '../shards.ts';
import type { Delivery, DeliveryStatus } from './delivery.ts';
import { deliveryPartition, findDeliveries, toDelivery, undeliveredPartition } from './store.ts';

export interface DeliveryList {
  readonly destination: string;
  readonly shards: ShardHistory;
  readonly status: DeliveryStatus | undefined;
  readonly stretch: Stretch;
  readonly limit: number;
}

interface DeliveryHit extends Found {
  readonly delivery: Delivery;
}

/** Items of a query's page when most of them may not be shown. */
const SELECTIVE_PAGE = 100;

/**
 * A page of a destination's deliveries, by event id. All of them, and the delivered ones, are read from the day
 * partitions; those of any other status are found by the sparse index `undelivered`, and read again by key, because an
 * index follows its table late. A delivery whose first attempt is still to come has no item, and is in neither.
 */
export const listDeliveries = (list: DeliveryList): Promise<Collected<DeliveryHit>> =>
  list.status === undefined || list.status === 'delivered' ? listRecorded(list) : listUndelivered(list);

function listRecorded({ destination, shards, status, stretch, limit }: DeliveryList) {
  const pageSize = status === undefined ? limit + 1 : SELECTIVE_PAGE;
  const partition = (day: string, shard: number) => deliveryPartition(destination, day, shard);
  async function* candidates(): AsyncGenerator<Candidate & DeliveryHit> {
    for await (const item of walkDays({ shards, partition, pageSize }, stretch))
      yield { id: item.sk, cost: 1, delivery: toDelivery(item) };
  }
  const judge = async (some: readonly (Candidate & DeliveryHit)[]) => ({ hits: some.filter(has(status)), cost: 0 });
  return collect(candidates(), { limit, budget: READ_BUDGET, batch: limit + 1, judge });
}

function listUndelivered({ destination, shards, status, stretch, limit }: DeliveryList) {
  const partition = (day: string, shard: number) => undeliveredPartition(deliveryPartition(destination, day, shard));
  const walk = { shards, partition, index: 'undelivered', pageSize: SELECTIVE_PAGE } as const;
  async function* candidates(): AsyncGenerator<Candidate & { readonly key: Key }> {
    for await (const key of walkDays(walk, stretch)) yield { id: key.sk, cost: 1, key };
  }
  const judge = async (some: readonly (Candidate & { readonly key: Key })[]) => {
    const found = await findDeliveries(some.map(({ key }) => key));
    const hits = some.flatMap(({ key }) => {
      const delivery = found.get(nameOf(key));
      return delivery ? [{ id: key.sk, delivery }] : [];
    });
    return { hits: hits.filter(has(status)), cost: some.length };
  };
  return collect(candidates(), { limit, budget: READ_BUDGET, batch: SELECTIVE_PAGE, judge });
}

const has =
  (status: DeliveryStatus | undefined) =>
  ({ delivery }: DeliveryHit): boolean =>
    status === undefined || delivery.status === status;
