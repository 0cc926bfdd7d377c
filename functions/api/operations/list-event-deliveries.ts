import { nameOf } from '../../../shared/aws/table.ts';
import type { Delivery } from '../../../shared/deliveries/delivery.ts';
import { renderDelivery } from '../../../shared/deliveries/render.ts';
import { deliveryKey, findDeliveries, listAttempts } from '../../../shared/deliveries/store.ts';
import { findDeliveryShards, findDestination } from '../../../shared/destinations/store.ts';
import { refOf } from '../../../shared/events/store.ts';
import { requireEvent } from '../find-event.ts';
import type { Operation } from '../request.ts';

/** The deliveries of an event to the account's own destinations, with every attempt. */
export const listEventDeliveries: Operation = async (request) => {
  const { event, destinations } = await requireEvent(request);
  const own = destinations.filter(({ account }) => account === request.account);
  const keys = await Promise.all(
    own.map(async (destination) => {
      const ref = refOf(destination, event.livemode);
      return deliveryKey(ref.id, event.id, await findDeliveryShards(ref, await findDestination(ref)));
    }),
  );
  const deliveries = await findDeliveries(keys);
  const data = await Promise.all(
    own.map(async ({ id: destination }, index) => {
      const key = keys[index];
      const delivery: Delivery | undefined = key && deliveries.get(nameOf(key));
      const of = { event: event.id, event_type: event.content.type, destination, livemode: event.livemode };
      return renderDelivery(of, delivery, await listAttempts(delivery ?? of));
    }),
  );
  return { body: { data, next_page_url: null, previous_page_url: null } };
};
