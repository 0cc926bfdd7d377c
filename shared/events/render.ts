import { isoTime, unixSeconds } from '../time.ts';
import type { Event, SnapshotEvent, ThinEvent } from './event.ts';
import type { SnapshotEventResponse, ThinEventRendering } from './response.ts';
import { dataIn } from './versions/index.ts';

export interface Rendering {
  /** The account that reads or receives it: in somebody else's hands the event names its own account. */
  readonly for: string;
  /** Thin events: fetched by API, with the attributes that a pushed event lacks. */
  readonly fetched: boolean;
  /** Snapshot events: the API version to render it in; without one, it is the version that it was published in. */
  readonly version?: string | null;
  /** Snapshot events: how many of the reader's webhook endpoints do not have it yet; an EventBridge envelope says 0. */
  readonly pendingWebhooks?: number;
}

/** The event as its receiver sees it: the `detail` of the EventBridge envelope, the answer of the API. */
export function renderEvent(event: Event, rendering: Rendering): SnapshotEventResponse | ThinEventRendering {
  return event.payload === 'snapshot' ? renderSnapshot(event, rendering) : renderThin(event, rendering);
}

function renderSnapshot(
  event: SnapshotEvent,
  { for: reader, version, pendingWebhooks = 0 }: Rendering,
): SnapshotEventResponse {
  const { type, data, api_version, request } = event.content;
  return {
    id: event.id,
    object: 'event',
    ...(reader !== event.account && { account: event.account, context: event.account }),
    api_version: version ?? api_version ?? null,
    created: unixSeconds(event.created),
    data: version ? dataIn(version, event.content) : data,
    livemode: event.livemode,
    pending_webhooks: pendingWebhooks,
    request: { id: request?.id ?? null, idempotency_key: request?.idempotency_key ?? null },
    type,
  };
}

/** `data` and `changes` are fetched attributes: a pushed event lacks them, and keys without a value are left out. */
function renderThin(event: ThinEvent, { for: reader, fetched }: Rendering): ThinEventRendering {
  const { type, related_object, data, changes, reason, snapshot_event } = event.content;
  const context = reader === event.account ? null : event.account;
  return {
    id: event.id,
    object: 'v2.core.event',
    type,
    livemode: event.livemode,
    created: isoTime(event.created),
    ...((fetched || context) && { context }),
    ...((fetched || related_object) && { related_object: related_object ?? null }),
    ...((fetched || reason) && { reason: reason ?? null }),
    ...((fetched || snapshot_event) && { snapshot_event: snapshot_event ?? null }),
    ...(fetched && { data: data ?? null, changes: changes ?? null }),
  };
}
