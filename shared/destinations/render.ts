import { isoTime } from '../time.ts';
import type { Destination, EventsFrom } from './destination.ts';
import { managedTypes } from './managed-types.ts';
import type { EventDestinationResponse } from './response.ts';

/** From this version on `events_from` is spelled with an @. */
const AT_SPELLING_SINCE = '2026-03-25';
const AT_SPELLING = { self: '@self', other_accounts: '@accounts' } as const satisfies Record<EventsFrom, string>;

export interface DestinationView {
  /** The request's `Stripe-Version`. */
  readonly version: string;
  /** Fields that are null unless they are asked for, such as `webhook_endpoint.url`. */
  readonly include?: readonly string[];
}

/** The destination as the API shows it: `v2.core.event_destination`, in the request's version. */
export async function renderDestination(
  destination: Destination,
  { version, include = [] }: DestinationView,
): Promise<EventDestinationResponse> {
  const { disabled_reason, status } = destination;
  return {
    id: destination.id,
    object: 'v2.core.event_destination',
    [destination.type]: await managedTypes[destination.type].render(destination, include),
    created: isoTime(destination.created),
    description: destination.description,
    enabled_events: [...destination.enabled_events],
    event_payload: destination.event_payload,
    events_from: destination.events_from.map((from) => (version >= AT_SPELLING_SINCE ? AT_SPELLING[from] : from)),
    livemode: destination.livemode,
    metadata: destination.metadata,
    name: destination.name,
    snapshot_api_version: destination.snapshot_api_version,
    status,
    status_details: status === 'disabled' && disabled_reason ? { disabled: { reason: disabled_reason } } : null,
    type: destination.type,
    updated: isoTime(destination.updated),
  };
}
