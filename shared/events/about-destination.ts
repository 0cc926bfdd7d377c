import type { DestinationRef } from '../destinations/destination.ts';
import type { Event, ThinEvent } from './event.ts';

/**
 * Events about event destinations are the service's own: the API lets nobody publish them. Whoever may publish by bus or
 * queue can, as he can anything else for those accounts.
 */
export const DESTINATION_EVENT_PREFIX = 'v2.core.event_destination.';
const RELATED_TYPE = 'v2.core.event_destination';

export type DestinationEventName = 'ping' | 'activated' | 'fell_back' | 'failing' | 'disabled' | 'enabled';
export const destinationEventType = (name: DestinationEventName): string => `${DESTINATION_EVENT_PREFIX}${name}`;

export const isDestinationEvent = (type: string): boolean => type.startsWith(DESTINATION_EVENT_PREFIX);

export const relatedDestination = (id: string): ThinEvent['content']['related_object'] => ({
  id,
  type: RELATED_TYPE,
  url: `/v2/core/event_destinations/${id}`,
});

/** Whether the event is one about this destination: only the account that owns it can say something about it. */
export const isAbout = (event: Event, { id, account }: DestinationRef): boolean =>
  isDestinationEvent(event.content.type) &&
  event.payload === 'thin' &&
  event.account === account &&
  event.content.related_object?.id === id;
