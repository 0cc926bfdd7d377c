import { accountPartition } from '../accounts/account.ts';
import { type Item, type Key, recordOf } from '../aws/table.ts';
import type { Payload } from '../events/types.ts';
import type { Pause } from '../health/pauses.ts';
import type { ShardHistory } from '../shards.ts';
import type { EventSource } from '../sources/source.ts';
import type { Announcement } from './announcement.ts';

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
interface CommonPart {
  readonly id: string;
  readonly account: string;
  readonly livemode: boolean;
  readonly lifecycle: 'creating' | 'ready' | 'deleting';
  readonly name: string;
  readonly description: string;
  readonly enabled_events: readonly string[];
  readonly event_payload: Payload;
  readonly events_from: readonly EventsFrom[];
  readonly metadata: Readonly<Record<string, string>>;
  /** Grows with each change of the metadata: what is merged into them must still be what was read. */
  readonly metadata_revision: number;
  readonly snapshot_api_version: string | null;
  readonly status: 'enabled' | 'disabled';
  readonly disabled_reason: DisabledReason | null;
  /** Held by the operator's switch; not shown to the customer as a status of the destination. */
  readonly paused?: boolean;
  /** When. */
  readonly pauses?: readonly Pause[];
  /** The most deliveries a second, set by the operator; null for none. */
  readonly rate_limit?: number | null;
  /** ms since the epoch. */
  readonly created: number;
  readonly updated: number;
  readonly delivery_shards: ShardHistory;
  /** Of which run of failures its account was told (failing.ts). */
  readonly told_failing?: ToldFailing;
  /** What is still to be announced of it. */
  readonly announcements?: readonly Announcement[];
  /** When the tracker looks at it next, ms. */
  readonly source_check_at?: number;
}

export interface ToldFailing {
  /** When the run began, ms. */
  readonly since: number;
  /** When it was told, ms. */
  readonly at: number;
}

export interface EventBridgePart {
  readonly type: 'amazon_eventbridge';
  readonly amazon_eventbridge: { readonly aws_account_id: string; readonly aws_region: string };
  readonly source: EventSource;
  /** When it was last known to be put to, ms; said once a minute. */
  readonly put_to_at?: number;
}

export interface WebhookPart {
  readonly type: 'webhook_endpoint';
  readonly webhook_endpoint: {
    readonly url: string;
    /** Newest first; which of them sign, and what a roll makes of them, is in webhook-endpoint/secrets.ts. */
    readonly signing_secrets: readonly SigningSecret[];
  };
}

export interface SigningSecret {
  /**
   * `whsec_` and 32 letters and digits, sealed (shared/secrets): what signs needs the secret itself, not a hash, but whoever
   * reads the table, or a copy of it, does not.
   */
  readonly secret: string;
  /** ms since the epoch. */
  readonly created: number;
  /** When it ends, ms; null while it is the newest. */
  readonly expires: number | null;
  /** The roll that made it; without one, the creation did. */
  readonly roll?: string;
}

export type EventBridgeDestination = CommonPart & EventBridgePart;
export type WebhookDestination = CommonPart & WebhookPart;
export type Destination = EventBridgeDestination | WebhookDestination;

/** Names a destination: whose it is, in which mode, and its id. */
export type DestinationRef = Pick<Destination, 'id' | 'account' | 'livemode'>;

/** Its type says on which queue its deliveries travel, also when it is gone. */
export type Addressee = DestinationRef & Pick<Destination, 'type'>;

export const destinationKey = ({ id, account, livemode }: DestinationRef): Key => ({
  pk: accountPartition(account, livemode),
  sk: id,
});

export const toDestination = (item: Item): Destination => recordOf(item, 'source_region');
