import { accountPartition } from '../accounts/account.ts';
import { ABSENT, type Item, type Key, registry } from '../aws/table.ts';
import { NothingCreated } from '../http/errors.ts';
import { shardOf } from '../shards.ts';
import { MINUTE } from '../time.ts';
import type { DestinationRef } from './destination.ts';
import { loadAccount } from './store.ts';

/**
 * An account has sixteen places for event destinations in each mode, as at Stripe. A place is one item with the id of the
 * destination that has it, taken by a conditional put before the destination's record is written, and freed after the
 * record is gone. So no two creations can take the last one, and nothing is counted that could be counted wrong: a place
 * whose owner died before it wrote its record, or after it deleted it, names a destination that does not exist. When no
 * place is free, those are taken over.
 */
const MAX_DESTINATIONS = 16;

/** Longer than the time-out of the API's function: whoever took a place without writing its record is dead by then. */
const ABANDONED_AFTER = MINUTE;

type Owner = Pick<DestinationRef, 'account' | 'livemode'>;
interface Place {
  readonly key: Key;
  readonly item?: Item;
}

/**
 * Takes a place for the destination; the one that it has, if this is another try. That one is taken anew, so that nobody
 * who found it abandoned can take it over while its record is being written. Throws an ApiError when all are taken.
 */
export async function takePlace(ref: DestinationRef): Promise<void> {
  const places = await listPlaces(ref);
  const own = places.find(({ item }) => item?.destination === ref.id);
  if (own && (await take(own, ref))) return;
  const free = places.filter(({ item }) => item === undefined);
  // Creations at the same time begin at different places.
  const first = shardOf(ref.id, Math.max(1, free.length));
  for (const place of [...free.slice(first), ...free.slice(0, first)]) if (await take(place, ref)) return;
  for (const place of await abandoned(ref)) if (await take(place, ref)) return;
  throw new NothingCreated(
    400,
    'event_destination_limit_reached',
    `This account has ${MAX_DESTINATIONS} event destinations in ${ref.livemode ? 'live' : 'test'} mode, the most that it can have. Delete one to make place for another.`,
  );
}

/** Frees the place of a destination that is gone. */
export async function freePlace(ref: DestinationRef): Promise<void> {
  for (const { key, item } of await listPlaces(ref))
    if (item?.destination === ref.id)
      await registry().delete(key, { expression: 'destination = :id', values: { ':id': ref.id } });
}

/** False when another destination has it. */
async function take({ key, item }: Place, { id }: DestinationRef): Promise<boolean> {
  const taken = await registry().put(
    { ...key, destination: id, taken: Date.now() },
    item
      ? {
          expression: 'destination = :owner AND taken = :taken',
          values: { ':owner': item.destination, ':taken': item.taken },
        }
      : ABSENT,
  );
  // A call that was done and not answered is made again by the SDK, and finds the place taken.
  return taken || (await registry().get(key))?.destination === id;
}

/** Places whose destinations do not exist and cannot be about to. */
async function abandoned(owner: Owner): Promise<Place[]> {
  const places = await listPlaces(owner);
  const { destinations } = await loadAccount(owner.account, owner.livemode);
  const existing = new Set<unknown>(destinations.map(({ id }) => id));
  const since = Date.now() - ABANDONED_AFTER;
  return places.filter(({ item }) => item && !existing.has(item.destination) && Number(item.taken) < since);
}

/** All sixteen; without an item where they are free. The sort keys lie outside of what dispatch reads with the account. */
async function listPlaces({ account, livemode }: Owner): Promise<Place[]> {
  const pk = accountPartition(account, livemode);
  const taken = new Map<string, Item>();
  const values = { ':pk': pk, ':start': 'place#' };
  for await (const item of registry().query({ expression: 'pk = :pk AND begins_with(sk, :start)', values }))
    taken.set(item.sk, item);
  return Array.from({ length: MAX_DESTINATIONS }, (_, number) => {
    const sk = `place#${String(number).padStart(2, '0')}`;
    const item = taken.get(sk);
    return { key: { pk, sk }, ...(item && { item }) };
  });
}
