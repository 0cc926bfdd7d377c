import { accountPartition } from '../accounts/account.ts';
import type { Item, Key } from '../aws/table.ts';
import type { Payload } from '../events/types.ts';
import type { ShardHistory } from '../shards.ts';
import type { EventSource } from '../sources/source.ts';

export type EventsFrom = 'self' | 'other_accounts';
export type DisabledReason = 'user' | 'no_aws_event_source_exists';

/**
 * An event destination as it is kept. Its life:
 *
 *   creating --what it owns outside exists--> ready --DELETE--> deleting --what it owned is gone--> (tombstone)
 *
 * The record is written before the outside call and completed after it, so that a crash in between leaves a record that
 * names what may exist: the tracker completes what is `creating` and ends what is `deleting`.
 */
export interface Destination {
  readonly id: string;
  readonly account: string;
  readonly livemode: boolean;
  readonly lifecycle: 'creating' | 'ready' | 'deleting';
  readonly type: 'amazon_eventbridge';
  readonly name: string;
  readonly description: string;
  readonly enabled_events: readonly string[];
  readonly event_payload: Payload;
  readonly events_from: readonly EventsFrom[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly snapshot_api_version: string | null;
  readonly status: 'enabled' | 'disabled';
  readonly disabled_reason: DisabledReason | null;
  /** ms since the epoch. */
  readonly created: number;
  readonly updated: number;
  readonly delivery_shards: ShardHistory;
  readonly amazon_eventbridge: { readonly aws_account_id: string; readonly aws_region: string };
  readonly source: EventSource;
}

/** Names a destination: whose it is, in which mode, and its id. */
export type DestinationRef = Pick<Destination, 'id' | 'account' | 'livemode'>;

export const destinationKey = ({ id, account, livemode }: DestinationRef): Key => ({
  pk: accountPartition(account, livemode),
  sk: id,
});

/** A deleted destination leaves its shards behind: its deliveries stay readable for as long as they are kept. */
export const tombstoneKey = (ref: DestinationRef): Key => ({ ...destinationKey(ref), sk: `tombstone#${ref.id}` });

export function toDestination(item: Item): Destination {
  const { pk: _pk, sk: _sk, source_region: _region, source_check_at: _check, ...destination } = item;
  return destination as unknown as Destination;
}
