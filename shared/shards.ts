import { createHash } from 'node:crypto';
import { DAY, HOUR, isoTime } from './time.ts';

/**
 * How many partitions a day's records are spread over, since which UTC day. A DynamoDB partition takes 1,000 writes a
 * second and time-ordered keys never split for heat, so a busy owner gets more. A change counts from the next day on,
 * and the history is kept while records live, so that every id still says where its record is.
 */
export type ShardHistory = readonly { readonly from: string; readonly shards: number }[];

export const ONE_SHARD: ShardHistory = [{ from: '1970-01-01', shards: 1 }];

export function shardsOn(history: ShardHistory, day: string): number {
  return history.findLast((entry) => entry.from <= day)?.shards ?? 1;
}

export function shardOf(id: string, shards: number): number {
  return shards === 1 ? 0 : createHash('sha256').update(id).digest().readUInt32BE() % shards;
}

/** As many as lists still read side by side. */
export const MOST_SHARDS = 100;

/** Longer than an event may be dated ahead, and than any function works with the history that it has read. */
const KNOWN_TO_ALL_AFTER = HOUR;

/** The history with so many shards from the next day on, of which nothing is written yet. */
export function withShards(history: ShardHistory, shards: number, now: number): ShardHistory {
  const from = isoTime(now + KNOWN_TO_ALL_AFTER + DAY).slice(0, 10);
  return [...history.filter((entry) => entry.from < from), { from, shards }];
}

/** Enough shards to find everything that was ever written under this history. */
export const mostShards = (history: ShardHistory): number => Math.max(1, ...history.map((entry) => entry.shards));
