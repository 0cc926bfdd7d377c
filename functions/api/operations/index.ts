import type { Operation, PublicOperation } from '../request.ts';
import type { OperationName, PublicRoute } from '../routes.ts';
import { confirmEventBus } from './confirm-event-bus.ts';
import { createEventDestination } from './create-event-destination.ts';
import { createEventResend } from './create-event-resend.ts';
import { deleteEventDestination } from './delete-event-destination.ts';
import { cancelEventResend, listEventResends, retrieveEventResend } from './event-resends.ts';
import { listDestinationDeliveries } from './list-deliveries.ts';
import { listEventDeliveries } from './list-event-deliveries.ts';
import { listEventDestinations } from './list-event-destinations.ts';
import { listSnapshotEvents, listThinEvents } from './list-events.ts';
import { pingEventDestination } from './ping-event-destination.ts';
import { publishSnapshotEvent, publishThinEvent } from './publish-event.ts';
import { retrieveSnapshotEvent, retrieveThinEvent } from './retrieve-event.ts';
import { retrieveEventDestination } from './retrieve-event-destination.ts';
import { retrieveEventDestinationSetup } from './retrieve-event-destination-setup.ts';
import { retrieveEventSource } from './retrieve-event-source.ts';
import { retryEvent } from './retry-event.ts';
import { rollSigningSecret } from './roll-signing-secret.ts';
import { disableEventDestination, enableEventDestination } from './switch-event-destination.ts';
import { listTestEventTypes, triggerTestEvent } from './trigger-test-event.ts';
import { updateEventDestination } from './update-event-destination.ts';

export const operations: Record<OperationName, Operation> = {
  createEventDestination,
  listEventDestinations,
  retrieveEventDestination,
  updateEventDestination,
  deleteEventDestination,
  listDestinationDeliveries,
  retrieveEventSource,
  disableEventDestination,
  enableEventDestination,
  pingEventDestination,
  retrieveEventDestinationSetup,
  rollSigningSecret,
  publishThinEvent,
  listThinEvents,
  retrieveThinEvent,
  listEventDeliveries,
  createEventResend,
  listEventResends,
  retrieveEventResend,
  cancelEventResend,
  triggerTestEvent,
  listTestEventTypes,
  publishSnapshotEvent,
  listSnapshotEvents,
  retrieveSnapshotEvent,
  retryEvent,
};

export const publicOperations: Record<PublicRoute['operation'], PublicOperation> = { confirmEventBus };
