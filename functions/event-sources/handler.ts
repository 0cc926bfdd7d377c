import { eventSourceRoutes, publicRoutes } from '../api/routes.ts';
import { apiHandler, served, servedToAll } from '../api/serve.ts';
import { confirmEventBus } from './confirm-event-bus.ts';
import { retrieveEventDestinationSetup } from './retrieve-event-destination-setup.ts';
import { retrieveEventSource } from './retrieve-event-source.ts';

/**
 * The part of the HTTPS API that is about the customer's side of an amazon_eventbridge destination: where its event source
 * stands, what is still to be set up, and the proof that an event bus is. Apart from the rest, because the templates and
 * commands would make its cold starts longer, and because whoever calls what needs no key must not take its concurrency.
 */
export const handler = apiHandler([
  ...served(eventSourceRoutes, { retrieveEventSource, retrieveEventDestinationSetup }),
  ...servedToAll(publicRoutes, { confirmEventBus }),
]);
