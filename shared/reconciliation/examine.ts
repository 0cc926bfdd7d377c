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

/** Which of them nothing would bring back, by what their deliveries and destinations say now. Reads strongly. */
export async function examine(suspects: readonly Suspect[], now: number): Promise<Found[]> {
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
  const deliveries = await findDeliveries(located.map(({ key }) => key));
  const heldItems = await findHeldKeys(located.map(({ held }) => held));
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
