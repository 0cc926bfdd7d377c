import { type Item, ledger } from '../aws/table.ts';
import { type ShardHistory, shardsOn } from '../shards.ts';
import { mergeSorted } from './merge.ts';
import { daysOf, type Stretch } from './stretch.ts';

/** Records that are kept by UTC day and shard of their event's id. */
export interface DayPartitions {
  readonly shards: ShardHistory;
  readonly partition: (day: string, shard: number) => string;
  /** A sparse index with partitions of the same making; its key attribute has its name. Read eventually. */
  readonly index?: 'undelivered';
  /** Items that are read at once from a shard. */
  readonly pageSize: number;
  /** Read for half the price, a moment late. */
  readonly eventually?: boolean;
}

/**
 * The items of a stretch by id, day by day, the shards of a day merged. A day without any costs one query a shard, and
 * those run side by side: thirty empty days are thirty round trips.
 */
export async function* walkDays(partitions: DayPartitions, stretch: Stretch): AsyncGenerator<Item> {
  const { shards, partition, index, pageSize, eventually } = partitions;
  for (const day of daysOf(stretch)) {
    const sources = Array.from({ length: shardsOn(shards, day) }, (_, shard) =>
      walkPartition(partition(day, shard), stretch, { index, pageSize, eventually }),
    );
    yield* mergeSorted(sources, (a, b) => (stretch.newestFirst ? a.sk > b.sk : a.sk < b.sk));
  }
}

interface PartitionRead {
  readonly index?: DayPartitions['index'] | undefined;
  readonly pageSize: number;
  readonly eventually?: boolean | undefined;
}

/** The items of a stretch in one partition. */
export async function* walkPartition(
  pk: string,
  { above, below, newestFirst }: Stretch,
  { index, pageSize, eventually }: PartitionRead,
): AsyncGenerator<Item> {
  if (above >= below) return;
  const expression = `${index ?? 'pk'} = :pk AND sk BETWEEN :above AND :below`;
  const values = { ':pk': pk, ':above': above, ':below': below };
  // BETWEEN takes in its edges, which have been shown already.
  const read = { pageSize, newestFirst, ...(index && { index }), ...(eventually && { eventually }) };
  for await (const item of ledger().query({ expression, values, ...read }))
    if (item.sk !== above && item.sk !== below) yield item;
}
