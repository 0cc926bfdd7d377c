import { findAccount } from '../../../shared/accounts/account.ts';
import { env } from '../../../shared/aws/env.ts';
import { sendMessage } from '../../../shared/aws/queue.ts';
import { type Event, parsePublished } from '../../../shared/events/event.ts';
import { PING_TYPE } from '../../../shared/events/ping.ts';
import { toPublication } from '../../../shared/events/publication.ts';
import { renderEvent } from '../../../shared/events/render.ts';
import { maxEventBytes, tooLarge } from '../../../shared/events/size.ts';
import type { Payload } from '../../../shared/events/types.ts';
import { ApiError, invalidField } from '../../../shared/http/errors.ts';
import { reserveId } from '../../../shared/idempotency.ts';
import { newId, timeOf } from '../../../shared/ids.ts';
import { idempotentRequest } from '../idempotent-request.ts';
import { type ApiRequest, type Operation, REPLAYED } from '../request.ts';

export const publishSnapshotEvent: Operation = (request) => publish('snapshot', request);
export const publishThinEvent: Operation = (request) => publish('thin', request);

/**
 * Answers once the event is in the queue. Its id is fixed before: a repeat with the same Idempotency-Key is sent again
 * under the same id, and dispatch takes it for the same event.
 */
async function publish(payload: Payload, request: ApiRequest) {
  const { account, livemode } = request;
  requireSize(request.rawBody);
  const published = parsePublished(payload, request.body);
  if (published.content.type === PING_TYPE)
    throw invalidField('type', 'Pings are not published: use POST /v2/core/event_destinations/{id}/ping.');
  if (!(await findAccount(account, livemode)))
    throw invalidField('Stripe-Context', `There is no account '${account}'. Create it first.`);
  const once = idempotentRequest(request, () => newId('evt', livemode, Date.now()));
  const { id, replayed } = await reserveId(once, { exclusive: false });
  const event: Event = { id, account, livemode, created: timeOf(id), ...published };
  const size = tooLarge(event);
  if (size) throw new ApiError(413, 'event_too_large', size);
  await sendMessage(env('EVENTS_QUEUE_URL'), { body: toPublication(event), group: account });
  const body = renderEvent(event, { for: account, fetched: true });
  return { body, ...(replayed && { headers: REPLAYED }) };
}

/** Before the body is walked through at all. */
function requireSize(body: string): void {
  if (Buffer.byteLength(body) > maxEventBytes())
    throw new ApiError(413, 'event_too_large', `An event can take at most ${maxEventBytes()} bytes.`);
}
