import { destinationEventType, relatedDestination } from './about-destination.ts';
import type { Event, ThinEvent } from './event.ts';

/**
 * A ping travels like any other event, and its type alone makes it one: dispatch sends it to the destination that its
 * `related_object` names, whatever that is subscribed to, and to no other. Whoever may publish by bus or queue can send
 * one, too, to a destination of an account for which he may publish anything; the API does not let it be published.
 */
const PING_TYPE = destinationEventType('ping');

export const pingContent = (destination: string, request: PingCause): ThinEvent['content'] => ({
  type: PING_TYPE,
  related_object: relatedDestination(destination),
  reason: { type: 'request', request },
});

/** The API request that pings. */
interface PingCause {
  readonly id: string;
  readonly idempotency_key: string | null;
}

export const isPing = (event: Event): boolean => event.content.type === PING_TYPE;
