import { type Key, nameOf } from '../aws/table.ts';
import { findDeliveryShards, loadAccount } from '../destinations/store.ts';
import { type RecordedDestination, type RecordedEvent, refOf } from '../events/store.ts';
import type { ShardHistory } from '../shards.ts';
import type { Delivery } from './delivery.ts';
import { deliveryKey, findDeliveries } from './store.ts';

/**
 * `delivery_success` reads the deliveries of the events that a list comes across, by key and strongly. The sparse index of
 * what is undelivered would find failures without reading what went well, but an event whose first attempt is still to
 * come has no delivery item and is not in it; and it is an event that was not delivered. So this is exact, and costs the
 * read of every delivery that is looked at: they count against the list's budget like events.
 */
export class DeliveryReader {
  readonly #account: string;
  readonly #livemode: boolean;
  #shards: Promise<Map<string, ShardHistory>> | undefined;

  constructor({ account, livemode }: { readonly account: string; readonly livemode: boolean }) {
    this.#account = account;
    this.#livemode = livemode;
  }

  /** Which of the events are delivered to every destination of the account that they were meant for. */
  async succeeded(events: readonly RecordedEvent[]): Promise<{ succeeded: ReadonlySet<RecordedEvent>; cost: number }> {
    const keysOf = new Map(
      await Promise.all(
        events.map(async (one): Promise<[RecordedEvent, Key[]]> => {
          const wanted = one.destinations.filter((to) => counts(to, this.#account));
          return [one, await Promise.all(wanted.map((to) => this.#keyOf(to, one.event.id)))];
        }),
      ),
    );
    const keys = [...keysOf.values()].flat();
    const deliveries = await findDeliveries(keys);
    const delivered = (key: Key) => hasSucceeded(deliveries.get(nameOf(key)));
    return { succeeded: new Set(events.filter((one) => keysOf.get(one)?.every(delivered))), cost: keys.length };
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

/** A destination that was disabled when the event came was never to get it: it neither fails nor succeeds. */
const counts = ({ account, disabled }: RecordedDestination, reader: string): boolean =>
  account === reader && disabled !== true;

/** Without a record the first attempt is still to come; canceled is as undelivered as failed. */
const hasSucceeded = (delivery: Delivery | undefined): boolean => delivery?.status === 'delivered';
