import { eventRoutes } from '../api/routes.ts';
import { apiHandler, served } from '../api/serve.ts';
import { createEventResend } from './create-event-resend.ts';
import { cancelEventResend, listEventResends, retrieveEventResend } from './event-resends.ts';
import { listDestinationDeliveries } from './list-deliveries.ts';
import { listEventDeliveries } from './list-event-deliveries.ts';
import { listSnapshotEvents, listThinEvents } from './list-events.ts';
import { pingEventDestination } from './ping-event-destination.ts';
import { publishSnapshotEvent, publishThinEvent } from './publish-event.ts';
import { retrieveSnapshotEvent, retrieveThinEvent } from './retrieve-event.ts';
import { retryEvent } from './retry-event.ts';

/**
 * The part of the HTTPS API that is called all the time: events are published, listed, retrieved and resent, and their
 * deliveries shown. Apart from what manages destinations, so that neither takes the other's concurrency, and this one
 * starts without the clients and the code that only destinations need.
 */
export const handler = apiHandler(
  served(eventRoutes, {
    publishThinEvent,
    listThinEvents,
    retrieveThinEvent,
    listEventDeliveries,
    listDestinationDeliveries,
    pingEventDestination,
    createEventResend,
    listEventResends,
    retrieveEventResend,
    cancelEventResend,
    publishSnapshotEvent,
    listSnapshotEvents,
    retrieveSnapshotEvent,
    retryEvent,
  }),
);
