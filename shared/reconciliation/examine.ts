import { nameOf } from '../aws/table.ts';
import { admission } from '../deliveries/admission.ts';
import type { Delivery } from '../deliveries/delivery.ts';
import { findHeldKeys, heldKey } from '../deliveries/held.ts';
import { destinationOf } from '../deliveries/message.ts';
import { deliveryKey, findDeliveries } from '../deliveries/store.ts';
import { findDeliveryShards } from '../destinations/store.ts';
import { findStandings, GONE } from '../health/standing.ts';
import { timeOf } from '../ids.ts';
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
  /** Deliveries that have been read already, by name. */
  readonly known?: ReadonlyMap<string, Delivery>;
}

/** Which of them nothing would bring back, by what their deliveries and destinations say. */
export async function examine(suspects: readonly Suspect[], { now, eventually, known }: Look): Promise<Found[]> {
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
        key: deliveryKey(destination, event, shards),
        held: heldKey(suspect.message, shards),
      };
    }),
  );
  const read = { eventually: eventually === true };
  const deliveries =
    known ??
    (await findDeliveries(
      located.map(({ key }) => key),
      read,
    ));
  // Only of what is held for long is it asked where.
  const held = located.filter(({ key }) => deliveries.get(nameOf(key))?.held_by !== undefined);
  const heldItems = await findHeldKeys(
    held.map((one) => one.held),
    read,
  );
  return located.flatMap(({ suspect, standing, key, held }) => {
    const delivery = deliveries.get(nameOf(key));
    const examined = {
      created: timeOf(suspect.message.event),
      delivery,
      admission: admission(standing),
      heldItem: heldItems.has(nameOf(held)),
    };
    const finding = findingOf(examined, now);
    return finding ? [{ suspect, finding, delivery }] : [];
  });
}
