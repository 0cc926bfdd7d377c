import type { Account } from '../../shared/accounts/account.ts';
import { accountPartition } from '../../shared/accounts/account.ts';
import type { Destination } from '../../shared/destinations/destination.ts';
import { isSubscribed } from '../../shared/destinations/match.ts';
import { type AccountWithDestinations, loadAccount } from '../../shared/destinations/store.ts';
import type { Event } from '../../shared/events/event.ts';

/** The accounts and destinations of one batch: one strong read each, and never kept for the next batch. */
export class Subscriptions {
  readonly #loaded = new Map<string, Promise<AccountWithDestinations>>();

  async account(id: string, livemode: boolean): Promise<Account | undefined> {
    return (await this.#load(id, livemode)).account;
  }

  /** The destinations subscribed to the event: of its own account, and of the platforms that it is connected to. */
  async matching(event: Event, account: Account): Promise<Destination[]> {
    const owners = [account.id, ...account.connected_to];
    const loaded = await Promise.all(owners.map((owner) => this.#load(owner, event.livemode)));
    return loaded.flatMap(({ destinations }) => destinations.filter((destination) => isSubscribed(destination, event)));
  }

  #load(id: string, livemode: boolean): Promise<AccountWithDestinations> {
    const key = accountPartition(id, livemode);
    const loading = this.#loaded.get(key) ?? loadAccount(id, livemode);
    this.#loaded.set(key, loading);
    return loading;
  }
}
