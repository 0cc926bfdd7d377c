import { type Key, nameOf } from '../aws/table.ts';
import { loadAccount } from '../destinations/store.ts';
import { findDeliveryShards } from '../destinations/tombstone.ts';
import { type RecordedDestination, type RecordedEvent, refOf } from '../events/store.ts';
import type { ShardHistory } from '../shards.ts';
import { deliveryKey, findDeliveries } from './store.ts';

/** Which of an event's destinations are asked about. */
export type Wanted = (to: RecordedDestination) => boolean;

/**
 * The destinations of an account's own that an event was to be delivered to. One that was disabled when the event came was
 * never to get it: it neither fails nor succeeds.
 */
export const ownDestinations =
  (account: string): Wanted =>
  (to) =>
    to.account === account && to.disabled !== true;

/** Those that `pending_webhooks` counts. */
export const ownWebhooks = (account: string): Wanted => {
  const isOwn = ownDestinations(account);
  return (to) => to.type === 'webhook_endpoint' && isOwn(to);
};

type Undelivered = ReadonlyMap<RecordedEvent, readonly RecordedDestination[]>;

/**
 * `delivery_success` and `pending_webhooks` read the deliveries of the events that are looked at, by key and strongly. The
 * sparse index of what is undelivered would find failures without reading what went well, but an event whose first attempt
 * is still to come has no delivery item and is not in it; and it is an event that was not delivered. So this is exact, and
 * costs the read of every delivery that is asked about: in a list they count against the budget like events.
 */
export class DeliveryReader {
  readonly #account: string;
  readonly #livemode: boolean;
  #shards: Promise<Map<string, ShardHistory>> | undefined;

  constructor({ account, livemode }: { readonly account: string; readonly livemode: boolean }) {
    this.#account = account;
    this.#livemode = livemode;
  }

  /** Which of the wanted destinations of each event do not have it. */
  async undelivered(events: readonly RecordedEvent[], wanted: Wanted): Promise<Undelivered> {
    const keysOf = new Map(
      await Promise.all(
        events.map(async (one): Promise<[RecordedEvent, Map<RecordedDestination, Key>]> => {
          const keys = one.destinations
            .filter(wanted)
            .map(async (to): Promise<[RecordedDestination, Key]> => [to, await this.#keyOf(to, one.event.id)]);
          return [one, new Map(await Promise.all(keys))];
        }),
      ),
    );
    const deliveries = await findDeliveries([...keysOf.values()].flatMap((keys) => [...keys.values()]));
    // Without a record the first attempt is still to come; canceled is as undelivered as failed.
    const isDelivered = (key: Key) => deliveries.get(nameOf(key))?.status === 'delivered';
    return new Map(
      [...keysOf].map(([one, keys]) => [one, [...keys].filter(([, key]) => !isDelivered(key)).map(([to]) => to)]),
    );
  }

  async #keyOf(to: RecordedDestination, event: string): Promise<Key> {
    this.#shards ??= this.#loadShards();
    const known = await this.#shards;
    const shards = known.get(to.id) ?? (await findDeliveryShards(refOf(to, this.#livemode)));
    known.set(to.id, shards);
    return deliveryKey(to.id, event, shards);
  }

  async #loadShards() {
    const { destinations } = await loadAccount(this.#account, this.#livemode);
    return new Map(destinations.map(({ id, delivery_shards }) => [id, delivery_shards]));
  }
}

/** How many of the account's webhook endpoints do not have the event yet. Thin events do not say. */
export async function pendingWebhooks(recorded: RecordedEvent, account: string): Promise<number> {
  const { event } = recorded;
  if (event.payload !== 'snapshot') return 0;
  const reader = new DeliveryReader({ account, livemode: event.livemode });
  return (await reader.undelivered([recorded], ownWebhooks(account))).get(recorded)?.length ?? 0;
}
