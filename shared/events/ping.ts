import type { DestinationRef } from '../destinations/destination.ts';
import type { Event, ThinEvent } from './event.ts';

/**
 * A ping travels like any other event, and its type alone makes it one: dispatch sends it to the destination that its
 * `related_object` names, whatever that is subscribed to, and to no other. Whoever may publish by bus or queue can send
 * one, too, to a destination of an account for which he may publish anything; the API does not let it be published.
 */
export const PING_TYPE = 'v2.core.event_destination.ping';

const RELATED_TYPE = 'v2.core.event_destination';

export const pingContent = (destination: string, request: PingCause): ThinEvent['content'] => ({
  type: PING_TYPE,
  related_object: { id: destination, type: RELATED_TYPE, url: `/v2/core/event_destinations/${destination}` },
  reason: { type: 'request', request },
});

/** The API request that pings. */
interface PingCause {
  readonly id: string;
  readonly idempotency_key: string | null;
}

export const isPing = (event: Event): boolean => event.content.type === PING_TYPE;

/** Whether the ping is the destination's: only the account that owns it can ping it. */
export const isPingOf = (event: Event, { id, account }: DestinationRef): boolean =>
  event.payload === 'thin' && event.account === account && event.content.related_object?.id === id;
