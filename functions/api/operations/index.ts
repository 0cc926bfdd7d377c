import type { Operation } from '../request.ts';
import type { ApiRoute } from '../routes.ts';
import { createEventDestination } from './create-event-destination.ts';
import { deleteEventDestination } from './delete-event-destination.ts';
import { listEventDestinations } from './list-event-destinations.ts';
import { retrieveEventDestination } from './retrieve-event-destination.ts';
import { rollSigningSecret } from './roll-signing-secret.ts';
import { disableEventDestination, enableEventDestination } from './switch-event-destination.ts';
import { updateEventDestination } from './update-event-destination.ts';

export const operations: Record<ApiRoute['operation'], Operation> = {
  createEventDestination,
  listEventDestinations,
  retrieveEventDestination,
  updateEventDestination,
  deleteEventDestination,
  disableEventDestination,
  enableEventDestination,
  rollSigningSecret,
};
