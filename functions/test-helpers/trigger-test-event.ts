import * as z from 'zod/mini';
import { env } from '../../shared/aws/env.ts';
import { sendMessage } from '../../shared/aws/queue.ts';
import { type Event, json, parsePublished } from '../../shared/events/event.ts';
import { toPublication } from '../../shared/events/publication.ts';
import { renderEvent } from '../../shared/events/render.ts';
import { tooLarge } from '../../shared/events/size.ts';
import { payloadOf } from '../../shared/events/types.ts';
import { ApiError } from '../../shared/http/errors.ts';
import { validated } from '../../shared/http/validation.ts';
import { reserveId } from '../../shared/idempotency.ts';
import { newId, timeOf } from '../../shared/ids.ts';
import type { TestEventType } from '../../shared/test-events/response.ts';
import { type TestEventRequest, testContent, testEventTypes } from '../../shared/test-events/test-event.ts';
import { findOwnEvent } from '../api/find-event.ts';
import { idempotentRequest } from '../api/idempotent-request.ts';
import { type ApiRequest, type Operation, REPLAYED } from '../api/request.ts';

export const TriggerRequest = z.strictObject({
  type: z.string(),
  overrides: z.optional(json),
  scenario: z.optional(z.string().check(z.minLength(1), z.maxLength(100))),
});

/**
 * `POST /v2/test_helpers/events`: publishes an event of that type to the account itself, in test mode, with a realistic
 * object. It goes the way of all events, to whoever is subscribed; the answer is the event, and says that it is in the queue.
 */
export const triggerTestEvent: Operation = async (request) => {
  requireTestMode(request);
  const wanted = validated(TriggerRequest, request.body);
  const { account, livemode } = request;
  // Before an id is reserved: a type that there is not must not use up the request's Idempotency-Key.
  toEvent(wanted, newId('evt', livemode, Date.now()), request);
  const once = idempotentRequest(request, () => newId('evt', livemode, Date.now()));
  const { id, replayed } = await reserveId(once, { exclusive: false });
  const recorded = replayed ? await findOwnEvent({ id, account, livemode }) : undefined;
  const event = recorded?.event ?? (await send(toEvent(wanted, id, request)));
  return { body: renderEvent(event, { for: account, fetched: true }), ...(replayed && { headers: REPLAYED }) };
};

/** `GET /v2/test_helpers/event_types`: what can be triggered. */
export const listTestEventTypes: Operation = async () => {
  const data = testEventTypes.map((one): TestEventType => ({ object: 'v2.test_helpers.event_type', ...one }));
  return { body: { data, next_page_url: null, previous_page_url: null } };
};

function requireTestMode({ livemode }: ApiRequest): void {
  if (livemode)
    throw new ApiError(
      400,
      'test_mode_only',
      'Test events can be triggered in test mode only: use a key of test mode (sk_test_…). In live mode, events happen.',
    );
}

function toEvent(wanted: TestEventRequest, id: string, request: ApiRequest): Event {
  const { account, livemode, requestId, idempotencyKey = null } = request;
  const content = testContent(wanted, { id, account }, { id: requestId, idempotency_key: idempotencyKey });
  // Overrides can be anything that a producer could publish, and no more.
  const event: Event = {
    id,
    account,
    livemode,
    created: timeOf(id),
    ...parsePublished(payloadOf(wanted.type), content),
  };
  const size = tooLarge(event);
  if (size) throw new ApiError(413, 'event_too_large', size);
  return event;
}

async function send(event: Event): Promise<Event> {
  await sendMessage(env('EVENTS_QUEUE_URL'), { body: toPublication(event), group: event.account });
  return event;
}
