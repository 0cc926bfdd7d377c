import { env } from '../../shared/aws/env.ts';
import { sendMessage } from '../../shared/aws/queue.ts';
import type { Destination } from '../../shared/destinations/destination.ts';
import type { ThinEvent } from '../../shared/events/event.ts';
import { pingContent } from '../../shared/events/ping.ts';
import { toPublication } from '../../shared/events/publication.ts';
import { renderEvent } from '../../shared/events/render.ts';
import { ApiError } from '../../shared/http/errors.ts';
import { validated } from '../../shared/http/validation.ts';
import { reserveId } from '../../shared/idempotency.ts';
import { newId, timeOf } from '../../shared/ids.ts';
import { requireDestination } from '../api/find-destination.ts';
import { findOwnEvent } from '../api/find-event.ts';
import { idempotentRequest } from '../api/idempotent-request.ts';
import { NoParameters } from '../api/no-parameters.ts';
import { type ApiRequest, type Operation, REPLAYED } from '../api/request.ts';

/**
 * Sends the destination an event on the way of all events: the answer is that event, and says that it is in the queue. A
 * repeat answers with the event as it was recorded; one that finds none sends it again, under the same id.
 */
export const pingEventDestination: Operation = async (request) => {
  validated(NoParameters, request.body);
  const destination = await requireDestination(request);
  requireEnabled(destination);
  const { account, livemode } = request;
  const once = idempotentRequest(request, () => newId('evt', livemode, Date.now()));
  const { id, replayed } = await reserveId(once, { exclusive: false });
  const recorded = replayed ? await findOwnEvent({ id, account, livemode }) : undefined;
  const event = recorded?.event ?? (await send(id, destination, request));
  return {
    body: renderEvent(event, { for: account, fetched: true }),
    ...(replayed && { headers: REPLAYED }),
  };
};

async function send(id: string, destination: Destination, request: ApiRequest): Promise<ThinEvent> {
  const { account, livemode, requestId, idempotencyKey = null } = request;
  const content = pingContent(destination.id, { id: requestId, idempotency_key: idempotencyKey });
  const event: ThinEvent = { id, account, livemode, created: timeOf(id), payload: 'thin', content };
  await sendMessage(env('EVENTS_QUEUE_URL'), { body: toPublication(event), group: account });
  return event;
}

function requireEnabled({ status }: Destination): void {
  if (status === 'enabled') return;
  throw new ApiError(
    400,
    'event_destination_disabled',
    'This event destination is disabled and receives no events. Enable it with POST /v2/core/event_destinations/{id}/enable, then ping it.',
  );
}
