import * as z from 'zod/mini';
import { isAccountId } from '../accounts/account.ts';
import { asMessageBody } from '../aws/queue.ts';
import type { ReceivedMessage } from '../aws/received-message.ts';
import { invalidField } from '../http/errors.ts';
import { validated } from '../http/validation.ts';
import { KEY_WINDOW } from '../idempotency.ts';
import { derivedId, isId, timeOf } from '../ids.ts';
import { DAY, MINUTE } from '../time.ts';
import { type Event, parsePublished } from './event.ts';
import { tooLarge } from './size.ts';
import { payloadOf } from './types.ts';

/** A producer may date an event back by this much (a queue of its own that was stuck), and its clock may be so far ahead. */
const TIME_LIMITS = { past: DAY, repeatedPast: KEY_WINDOW, future: 5 * MINUTE };

/**
 * The form in which events come in by the queue, and from the bus by its rule:
 *
 *   { "id"?, "time"?, "detail-type", "detail": { "account", "livemode", ...the body of the POST without its type } }
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
  const { account, livemode, ...content } = publication.detail;
  const type = publication['detail-type'];
  const id = eventId(publication, message);
  const published = parsePublished(payloadOf(type), { ...content, type });
  const event: Event = { id, account, livemode, created: timeOf(id), ...published };
  const size = tooLarge(event);
  if (size) throw invalidField('detail', size);
  return event;
}

function eventId({ id, time, detail }: z.infer<typeof Publication>, message: Origin): string {
  const named = id !== undefined && isId('evt', detail.livemode, id);
  const at = named ? timeOf(id) : time === undefined ? message.sentAt : Date.parse(time);
  // The API's id may be as old as the Idempotency-Key that it was first published under.
  const past = named ? TIME_LIMITS.repeatedPast : TIME_LIMITS.past;
  if (at < message.sentAt - past || at > message.sentAt + TIME_LIMITS.future)
    throw invalidField(
      named ? 'id' : 'time',
      'Must be at most 24 hours before and 5 minutes after the time of publishing.',
    );
  return named ? id : derivedId('evt', detail.livemode, at, `${detail.account}/${id ?? message.id}`);
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
  const { type, ...content } = event.content;
  return asMessageBody({
    id: event.id,
    'detail-type': type,
    detail: { account: event.account, livemode: event.livemode, ...content },
  });
}
