import type { Operation, PublicOperation } from '../request.ts';
import type { ApiRoute, PublicRoute } from '../routes.ts';
import { confirmEventBus } from './confirm-event-bus.ts';
import { createEventDestination } from './create-event-destination.ts';
import { deleteEventDestination } from './delete-event-destination.ts';
import { listEventDestinations } from './list-event-destinations.ts';
import { pingEventDestination } from './ping-event-destination.ts';
import { retrieveEventDestination } from './retrieve-event-destination.ts';
import { retrieveEventDestinationSetup } from './retrieve-event-destination-setup.ts';
import { retrieveEventSource } from './retrieve-event-source.ts';
import { rollSigningSecret } from './roll-signing-secret.ts';
import { disableEventDestination, enableEventDestination } from './switch-event-destination.ts';
import { updateEventDestination } from './update-event-destination.ts';

export const operations: Record<ApiRoute['operation'], Operation> = {
  createEventDestination,
  listEventDestinations,
  retrieveEventDestination,
  updateEventDestination,
  deleteEventDestination,
  retrieveEventSource,
  disableEventDestination,
  enableEventDestination,
  pingEventDestination,
  retrieveEventDestinationSetup,
  rollSigningSecret,
};

export const publicOperations: Record<PublicRoute['operation'], PublicOperation> = { confirmEventBus };
