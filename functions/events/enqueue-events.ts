import { env } from '../../shared/aws/env.ts';
import { BATCH_LIMITS, type OutgoingMessage, sendMessage, sendMessages } from '../../shared/aws/queue.ts';
import type { Event } from '../../shared/events/event.ts';
import { toPublication } from '../../shared/events/publication.ts';
import { ApiError, SHOULD_RETRY } from '../../shared/http/errors.ts';
import type { ApiRequest } from '../api/request.ts';

/**
 * Puts the events of a request into the queue: all of them, or it throws. Of several SQS may take a part; that is no
 * success, and the repeat of the request sends all of them again, under the same ids if it has an Idempotency-Key.
 */
export async function enqueueEvents(events: readonly Event[], { idempotencyKey }: ApiRequest): Promise<void> {
  const messages = events.map((event) => ({ body: toPublication(event), group: event.account }));
  const [only] = messages;
  if (only && messages.length === 1) return sendMessage(env('EVENTS_QUEUE_URL'), only);
  requireOneRequest(messages);
  const failed = await sendTwice(messages);
  if (failed > 0) throw partlyQueued(failed, messages.length, idempotencyKey !== undefined);
}

/** JSON can say the same in fewer bytes than SQS has to be sent: only here it is known what the messages take. */
function requireOneRequest(messages: readonly OutgoingMessage[]): void {
  const bytes = messages.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0);
  if (bytes > BATCH_LIMITS.bytes)
    throw new ApiError(
      413,
      'request_too_large',
      `The events of this request take ${bytes} bytes, more than the ${BATCH_LIMITS.bytes} that one request can. Send fewer of them at once.`,
    );
}

/** What SQS did not take it mostly takes a moment later. Returns how many it took neither time. */
async function sendTwice(messages: readonly OutgoingMessage[]): Promise<number> {
  const failed = await sendMessages(env('EVENTS_QUEUE_URL'), messages);
  if (failed.size === 0) return 0;
  const left = messages.filter((_, index) => failed.has(index));
  return (await sendMessages(env('EVENTS_QUEUE_URL'), left)).size;
}

const partlyQueued = (failed: number, all: number, repeatable: boolean) =>
  new ApiError(
    503,
    'api_error',
    `Only ${all - failed} of the ${all} events could be queued. Send the same request again${
      repeatable
        ? ' with the same Idempotency-Key: no event will be published twice.'
        : '. Because it had no Idempotency-Key, those that were queued will then be published a second time.'
    }`,
    { headers: SHOULD_RETRY },
  );
