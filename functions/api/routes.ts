import type { Scope } from '../../shared/accounts/api-key.ts';

/**
 * Every route of the API: the name of its operation and the scope that a key needs for it. API Gateway's resources are
 * made from these lists, one for each function, and the functions' routers too: what is not here does not exist.
 */

const route = <const Path extends string, const Operation extends string>(
  method: 'GET' | 'POST' | 'DELETE',
  path: Path,
  operation: Operation,
  scope: Scope,
) => ({ method, path, operation, scope }) as const;

const DESTINATIONS = '/v2/core/event_destinations';
const DESTINATION = `${DESTINATIONS}/{id}` as const;
const RESENDS = '/v2/core/event_resends';

const READ = 'event_destinations.read';
const WRITE = 'event_destinations.write';

/** Event destinations, served by functions/api with everything that is none of the routes. */
export const apiRoutes = [
  route('POST', DESTINATIONS, 'createEventDestination', WRITE),
  route('GET', DESTINATIONS, 'listEventDestinations', READ),
  route('GET', DESTINATION, 'retrieveEventDestination', READ),
  route('POST', DESTINATION, 'updateEventDestination', WRITE),
  route('DELETE', DESTINATION, 'deleteEventDestination', WRITE),
  route('POST', `${DESTINATION}/disable`, 'disableEventDestination', WRITE),
  route('POST', `${DESTINATION}/enable`, 'enableEventDestination', WRITE),
  route('POST', `${DESTINATION}/roll_signing_secret`, 'rollSigningSecret', WRITE),
] as const;

/** Events and their deliveries, served by functions/events: what is called all the time starts with the least. */
export const eventRoutes = [
  route('GET', `${DESTINATION}/deliveries`, 'listDestinationDeliveries', 'events.read'),
  route('POST', `${DESTINATION}/ping`, 'pingEventDestination', WRITE),
  route('POST', RESENDS, 'createEventResend', 'events.resend'),
  route('GET', RESENDS, 'listEventResends', 'events.read'),
  route('GET', `${RESENDS}/{id}`, 'retrieveEventResend', 'events.read'),
  route('POST', `${RESENDS}/{id}/cancel`, 'cancelEventResend', 'events.resend'),
  route('POST', '/v2/core/events', 'publishThinEvent', 'events.publish'),
  route('GET', '/v2/core/events', 'listThinEvents', 'events.read'),
  route('GET', '/v2/core/events/{id}', 'retrieveThinEvent', 'events.read'),
  route('GET', '/v2/core/events/{id}/deliveries', 'listEventDeliveries', 'events.read'),
  route('POST', '/v1/events', 'publishSnapshotEvent', 'events.publish'),
  route('GET', '/v1/events', 'listSnapshotEvents', 'events.read'),
  route('GET', '/v1/events/{id}', 'retrieveSnapshotEvent', 'events.read'),
  route('POST', '/v1/events/{id}/retry', 'retryEvent', 'events.resend'),
] as const;

/** The customer's side of an amazon_eventbridge destination, served by functions/event-sources. */
export const eventSourceRoutes = [
  route('GET', `${DESTINATION}/event_source`, 'retrieveEventSource', READ),
  route('GET', `${DESTINATION}/setup`, 'retrieveEventDestinationSetup', READ),
] as const;

/** What customers try their own side with, served by functions/test-helpers. */
export const testHelperRoutes = [
  route('POST', '/v2/test_helpers/events', 'triggerTestEvent', 'events.resend'),
  route('GET', '/v2/test_helpers/event_types', 'listTestEventTypes', 'events.read'),
] as const;

export const routes = [...apiRoutes, ...eventRoutes, ...eventSourceRoutes, ...testHelperRoutes] as const;

/**
 * What needs no key, because the request itself proves what it may: served by functions/event-sources, and only where
 * `eventBridgeDelivery` has event buses.
 */
export const publicRoutes = [
  { method: 'POST', path: '/v2/core/event_destinations/{id}/echo', operation: 'confirmEventBus' },
] as const;

export type PublicRoute = (typeof publicRoutes)[number];

export type ApiRoute = (typeof apiRoutes)[number];
export type Route = (typeof routes)[number];
export type OperationName = Route['operation'];
