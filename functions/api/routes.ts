/**
 * Every route of the API: the name of its operation and the scope that a key needs for it. API Gateway's resources are
 * made from these lists, one for each function, and the functions' routers too: what is not here does not exist.
 */

/** Event destinations, served by functions/api with everything that is none of the routes. */
export const apiRoutes = [
  {
    method: 'POST',
    path: '/v2/core/event_destinations',
    operation: 'createEventDestination',
    scope: 'event_destinations.write',
  },
  {
    method: 'GET',
    path: '/v2/core/event_destinations',
    operation: 'listEventDestinations',
    scope: 'event_destinations.read',
  },
  {
    method: 'GET',
    path: '/v2/core/event_destinations/{id}',
    operation: 'retrieveEventDestination',
    scope: 'event_destinations.read',
  },
  {
    method: 'POST',
    path: '/v2/core/event_destinations/{id}',
    operation: 'updateEventDestination',
    scope: 'event_destinations.write',
  },
  {
    method: 'DELETE',
    path: '/v2/core/event_destinations/{id}',
    operation: 'deleteEventDestination',
    scope: 'event_destinations.write',
  },
  {
    method: 'POST',
    path: '/v2/core/event_destinations/{id}/disable',
    operation: 'disableEventDestination',
    scope: 'event_destinations.write',
  },
  {
    method: 'POST',
    path: '/v2/core/event_destinations/{id}/enable',
    operation: 'enableEventDestination',
    scope: 'event_destinations.write',
  },
  {
    method: 'POST',
    path: '/v2/core/event_destinations/{id}/roll_signing_secret',
    operation: 'rollSigningSecret',
    scope: 'event_destinations.write',
  },
] as const;

/** Events and their deliveries, served by functions/events: what is called all the time starts with the least. */
export const eventRoutes = [
  {
    method: 'GET',
    path: '/v2/core/event_destinations/{id}/deliveries',
    operation: 'listDestinationDeliveries',
    scope: 'events.read',
  },
  {
    method: 'POST',
    path: '/v2/core/event_destinations/{id}/ping',
    operation: 'pingEventDestination',
    scope: 'event_destinations.write',
  },
  { method: 'POST', path: '/v2/core/event_resends', operation: 'createEventResend', scope: 'events.resend' },
  { method: 'GET', path: '/v2/core/event_resends', operation: 'listEventResends', scope: 'events.read' },
  { method: 'GET', path: '/v2/core/event_resends/{id}', operation: 'retrieveEventResend', scope: 'events.read' },
  {
    method: 'POST',
    path: '/v2/core/event_resends/{id}/cancel',
    operation: 'cancelEventResend',
    scope: 'events.resend',
  },
  { method: 'POST', path: '/v2/core/events', operation: 'publishThinEvent', scope: 'events.publish' },
  { method: 'GET', path: '/v2/core/events', operation: 'listThinEvents', scope: 'events.read' },
  { method: 'GET', path: '/v2/core/events/{id}', operation: 'retrieveThinEvent', scope: 'events.read' },
  { method: 'GET', path: '/v2/core/events/{id}/deliveries', operation: 'listEventDeliveries', scope: 'events.read' },
  { method: 'POST', path: '/v1/events', operation: 'publishSnapshotEvent', scope: 'events.publish' },
  { method: 'GET', path: '/v1/events', operation: 'listSnapshotEvents', scope: 'events.read' },
  { method: 'GET', path: '/v1/events/{id}', operation: 'retrieveSnapshotEvent', scope: 'events.read' },
  { method: 'POST', path: '/v1/events/{id}/retry', operation: 'retryEvent', scope: 'events.resend' },
] as const;

/** The customer's side of an amazon_eventbridge destination, served by functions/event-sources. */
export const eventSourceRoutes = [
  {
    method: 'GET',
    path: '/v2/core/event_destinations/{id}/event_source',
    operation: 'retrieveEventSource',
    scope: 'event_destinations.read',
  },
  {
    method: 'GET',
    path: '/v2/core/event_destinations/{id}/setup',
    operation: 'retrieveEventDestinationSetup',
    scope: 'event_destinations.read',
  },
] as const;

/** What customers try their own side with, served by functions/test-helpers. */
export const testHelperRoutes = [
  { method: 'POST', path: '/v2/test_helpers/events', operation: 'triggerTestEvent', scope: 'events.resend' },
  { method: 'GET', path: '/v2/test_helpers/event_types', operation: 'listTestEventTypes', scope: 'events.read' },
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
