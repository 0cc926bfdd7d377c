/**
 * Every route of the API, by the name of its operation. API Gateway's resources are made from this list, and the
 * function's router too: what is not here does not exist.
 */
export const routes = [
  { method: 'POST', path: '/v2/core/event_destinations', operation: 'createEventDestination' },
  { method: 'GET', path: '/v2/core/event_destinations', operation: 'listEventDestinations' },
  { method: 'GET', path: '/v2/core/event_destinations/{id}', operation: 'retrieveEventDestination' },
  { method: 'DELETE', path: '/v2/core/event_destinations/{id}', operation: 'deleteEventDestination' },
  { method: 'POST', path: '/v2/core/events', operation: 'publishThinEvent' },
  { method: 'GET', path: '/v2/core/events/{id}', operation: 'retrieveThinEvent' },
  { method: 'GET', path: '/v2/core/events/{id}/deliveries', operation: 'listEventDeliveries' },
  { method: 'POST', path: '/v1/events', operation: 'publishSnapshotEvent' },
  { method: 'GET', path: '/v1/events/{id}', operation: 'retrieveSnapshotEvent' },
] as const;

export type Operation = (typeof routes)[number]['operation'];
