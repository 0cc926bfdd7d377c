import { type Key, nameOf } from '../aws/table.ts';
import { admission } from '../deliveries/admission.ts';
import type { Delivery } from '../deliveries/delivery.ts';
import { isDraining } from '../deliveries/drain.ts';
import { findHeldEvents } from '../deliveries/held.ts';
import { destinationOf } from '../deliveries/message.ts';
import { deliveryKey, findNeighbours } from '../deliveries/store.ts';
import { findDeliveryShards } from '../destinations/tombstone.ts';
import { findStandings, GONE } from '../health/standing.ts';
import { timeOf } from '../ids.ts';
import { ONE_SHARD, type ShardHistory } from '../shards.ts';
import { type Finding, findingOf } from './finding.ts';
import type { Suspect } from './message.ts';

export interface Found {
  readonly suspect: Suspect;
  readonly finding: Finding;
  readonly delivery: Delivery | undefined;
}

interface Look {
  readonly now: number;
  /** A first look may be a moment late, for half the price: what it finds is looked at again. */
  readonly eventually?: boolean;
  /** It is not asked where they are held, if they are. */
  readonly attemptsOnly?: boolean;
  /** Deliveries that have been read already, by name. */
  readonly known?: ReadonlyMap<string, Delivery>;
}

/** Which of them nothing would bring back, by what their deliveries and destinations say. */
export async function examine(
  suspects: readonly Suspect[],
  { now, eventually, attemptsOnly, known }: Look,
): Promise<Found[]> {
  const standings = await findStandings(suspects.map(({ message }) => destinationOf(message)));
  const shardsOf = new Map<string, ReturnType<typeof findDeliveryShards>>();
  const located = await Promise.all(
    suspects.map(async (suspect) => {
      const { destination, event } = suspect.message;
      const standing = standings.get(destination) ?? GONE;
      const finding =
        shardsOf.get(destination) ?? findDeliveryShards(destinationOf(suspect.message), standing.destination);
      shardsOf.set(destination, finding);
      const shards = await finding;
      return {
        suspect,
        standing,
        shards,
        key: deliveryKey(destination, event, shards),
      };
    }),
  );
  const read = { eventually: eventually === true };
  const deliveries =
    known ??
    (await findNeighbours(
      located.map(({ key }) => key),
      read,
    ));
  const held = located.filter(({ key }) => deliveries.get(nameOf(key))?.held_by !== undefined);
  const heldEvents = await findHeld(attemptsOnly ? [] : held, read);
  const found = located.flatMap(({ suspect, standing, key }): Found[] => {
    const delivery = deliveries.get(nameOf(key));
    const examined = {
      created: timeOf(suspect.message.event),
      delivery,
      admission: admission(standing),
      heldItem: attemptsOnly === true || heldEvents.has(nameOf(key)),
    };
    const finding = findingOf(examined, now);
    return finding ? [{ suspect, finding, delivery }] : [];
  });
  return attemptsOnly ? found : withoutDrained(found, now);
}

/** What a drain takes, or has just sent. */
const MAY_BE_DRAINED: readonly Finding[] = ['not_released', 'held_for_nothing'];

/** To release much takes hours: while a destination's drain goes on, nothing of it is lost. */
async function withoutDrained(found: readonly Found[], now: number): Promise<Found[]> {
  const waiting = found.filter(({ finding }) => MAY_BE_DRAINED.includes(finding));
  const destinations = [...new Set(waiting.map(({ suspect }) => suspect.message.destination))];
  const draining = await Promise.all(destinations.map((destination) => isDraining(destination, now)));
  const drained = new Set(destinations.filter((_, index) => draining[index]));
  return found.filter(
    ({ finding, suspect }) => !MAY_BE_DRAINED.includes(finding) || !drained.has(suspect.message.destination),
  );
}

interface Located {
  readonly suspect: Suspect;
  readonly shards: ShardHistory;
  readonly key: Key;
}

/** Which of them are in a held item, by the names of their deliveries. */
async function findHeld(located: readonly Located[], read: { readonly eventually: boolean }): Promise<Set<string>> {
  const byDestination = Map.groupBy(located, ({ suspect }) => suspect.message.destination);
  const found = await Promise.all(
    [...byDestination].map(async ([destination, of]) => {
      const [{ shards, suspect } = { shards: ONE_SHARD, suspect: undefined }] = of;
      const events = of.map((one) => one.suspect.message.event);
      const livemode = suspect?.message.livemode === true;
      const held = await findHeldEvents({ destination, livemode, shards, events, ...read });
      return of.filter((one) => held.has(one.suspect.message.event)).map(({ key }) => nameOf(key));
    }),
  );
  return new Set(found.flat());
}
