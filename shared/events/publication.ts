import * as z from 'zod/mini';
import { isAccountId } from '../accounts/account.ts';
import { asMessageBody } from '../aws/queue.ts';
import type { ReceivedMessage } from '../aws/received-message.ts';
import { InvalidFields, invalidField } from '../http/errors.ts';
import { validated } from '../http/validation.ts';
import { KEY_WINDOW } from '../idempotency.ts';
import { derivedId, isId, timeOf } from '../ids.ts';
import { type Event, parsePublished } from './event.ts';
import { DATED } from './publishing-time.ts';
import { tooLarge } from './size.ts';
import { parseTraceparent } from './trace.ts';
import { payloadOf } from './types.ts';

const TIMES = { past: DATED.back, words: '24 hours' };
/** The API's event id may be as old as the Idempotency-Key that it was first published under. */
const EVENT_ID_TIMES = { past: KEY_WINDOW, words: '30 days' };

/**
 * The form in which events come in by the queue, and from the bus by its rule:
 *
 *   { "id"?, "time"?, "detail-type", "detail": { "account", "livemode", ...the body of the POST without its type } }
 *
 * `detail.traceparent` may name the trace that the event belongs to (W3C's Trace Context); what is none is ignored.
 *
 * `id` and `time` together make the event's id, so that a publication sent twice is one event. The bus gives both; the
 * API gives an event id (`evt_…`), which is taken as it is; a producer that gives neither is identified by its message.
 */
const Publication = z.strictObject({
  id: z.optional(z.string().check(z.minLength(1), z.maxLength(256))),
  time: z.optional(
    z.iso.datetime({ offset: true, error: 'Must be an ISO 8601 date and time such as 2026-11-21T10:15:30.123Z.' }),
  ),
  'detail-type': z.string(),
  detail: z.looseObject({
    account: z.string().check(z.refine(isAccountId, "Must be an account's id: 'acct_' and letters and digits.")),
    livemode: z.boolean(),
  }),
});

type Origin = Pick<ReceivedMessage, 'id' | 'body' | 'sentAt'>;

/** The event that a message publishes. Throws InvalidFields with what a producer has to change. */
export function toEvent(message: Origin): Event {
  const publication = validated(Publication, parseJson(message.body));
  const { account, livemode, traceparent, ...content } = publication.detail;
  const type = publication['detail-type'];
  const id = eventId(publication, message);
  if ('type' in content)
    throw invalidField('detail.type', "Unknown field: the event's type is the message's 'detail-type'.");
  const published = asMessageFields(() => parsePublished(payloadOf(type), { ...content, type }));
  const trace = parseTraceparent(traceparent);
  const event: Event = {
    id,
    account,
    livemode,
    created: timeOf(id),
    ...(trace && { traceparent: trace }),
    ...published,
  };
  const size = tooLarge(event);
  if (size) throw invalidField('detail', size);
  return event;
}

/** What is wrong with an event by the names that it has in a message. */
function asMessageFields<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof InvalidFields)) throw error;
    const named = (field: string) => (field === 'type' ? 'detail-type' : `detail.${field}`);
    throw new InvalidFields(error.problems.map(({ field, reason }) => ({ field: named(field), reason })));
  }
}

function eventId({ id, time, detail }: z.infer<typeof Publication>, message: Origin): string {
  const { account, livemode } = detail;
  if (id !== undefined && isId('evt', livemode, id)) {
    requireTime('id', timeOf(id), message.sentAt, EVENT_ID_TIMES);
    return id;
  }
  const at = time === undefined ? message.sentAt : Date.parse(time);
  requireTime('time', at, message.sentAt, TIMES);
  return derivedId('evt', livemode, at, `${account}/${id ?? message.id}`);
}

function requireTime(field: string, at: number, sentAt: number, { past, words }: typeof TIMES): void {
  if (at < sentAt - past || at > sentAt + DATED.ahead)
    throw invalidField(field, `Its time must be at most ${words} before and 5 minutes after the time of publishing.`);
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw invalidField('body', 'Must be JSON.');
  }
}

/** The message by which the API publishes an event whose id it has fixed. */
export function toPublication(event: Event): string {
  const { id, account, livemode, traceparent } = event;
  const { type, ...content } = event.content;
  return asMessageBody({
    id,
    'detail-type': type,
    detail: { account, livemode, ...(traceparent && { traceparent }), ...content },
  });
}
