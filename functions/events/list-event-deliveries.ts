import { nameOf } from '../../shared/aws/table.ts';
import { renderDelivery } from '../../shared/deliveries/render.ts';
import { deliveryKey, findDeliveries, listAttempts } from '../../shared/deliveries/store.ts';
import { findDeliveryShards } from '../../shared/destinations/tombstone.ts';
import { refOf } from '../../shared/events/store.ts';
import { findStandings, GONE } from '../../shared/health/standing.ts';
import { requireEvent } from '../api/find-event.ts';
import type { Operation } from '../api/request.ts';

/** The deliveries of an event to the account's own destinations, with every attempt. */
export const listEventDeliveries: Operation = async (request) => {
  const { event, destinations } = await requireEvent(request);
  const own = destinations
    .filter(({ account }) => account === request.account)
    .map((destination) => refOf(destination, event.livemode));
  const standings = await findStandings(own);
  const located = await Promise.all(
    own.map(async (ref) => {
      const standing = standings.get(ref.id) ?? GONE;
      const shards = await findDeliveryShards(ref, standing.destination);
      return { ref, standing, key: deliveryKey(ref.id, event.id, shards) };
    }),
  );
  const deliveries = await findDeliveries(located.map(({ key }) => key));
  const data = await Promise.all(
    located.map(async ({ ref, standing, key }) => {
      const delivery = deliveries.get(nameOf(key));
      const of = { event: event.id, event_type: event.content.type, destination: ref.id, livemode: event.livemode };
      return renderDelivery(of, delivery, await listAttempts(delivery ?? of), standing);
    }),
  );
  return { body: { data, next_page_url: null, previous_page_url: null } };
};
