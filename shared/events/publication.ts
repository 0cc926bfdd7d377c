import * as z from 'zod/mini';
import { isAccountId } from '../accounts/account.ts';
import { InvalidFields } from '../http/errors.ts';
import { validated } from '../http/validation.ts';
import { derivedId, isId, timeOf } from '../ids.ts';
import { DAY, MINUTE } from '../time.ts';
import { type Event, parseContent } from './event.ts';
import { tooLarge } from './size.ts';
import { payloadOf } from './types.ts';

/** A producer may date an event back by this much (a queue of its own that was stuck), and its clock may be so far ahead. */
const TIME_LIMITS = { past: DAY, future: 5 * MINUTE };

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

export interface Origin {
  readonly messageId: string;
  /** When SQS took the message, ms: the same at every receive. */
  readonly sentAt: number;
}

/** The event that a message publishes. Throws InvalidFields with what a producer has to change. */
export function toEvent(body: string, origin: Origin): Event {
  const publication = validated(Publication, parseJson(body));
  const { account, livemode, ...content } = publication.detail;
  const type = publication['detail-type'];
  const id = eventId(publication, origin);
  const parsed = parseContent(payloadOf(type), { ...content, type });
  const event = { id, account, livemode, created: timeOf(id), ...parsed } as Event;
  const size = tooLarge(event);
  if (size) throw new InvalidFields([{ field: 'detail', reason: size }]);
  return event;
}

function eventId({ id, time, detail }: z.infer<typeof Publication>, origin: Origin): string {
  if (id !== undefined && isId('evt', detail.livemode, id)) return id;
  const at = time === undefined ? origin.sentAt : Date.parse(time);
  if (at < origin.sentAt - TIME_LIMITS.past || at > origin.sentAt + TIME_LIMITS.future)
    throw new InvalidFields([
      { field: 'time', reason: 'Must be at most 24 hours before and 5 minutes after the time of publishing.' },
    ]);
  return derivedId('evt', detail.livemode, at, `${detail.account}/${id ?? origin.messageId}`);
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new InvalidFields([{ field: 'body', reason: 'Must be JSON.' }]);
  }
}

/** The message by which the API publishes an event whose id it has fixed. */
export function toPublication(event: Event): string {
  const { type, ...content } = event.content;
  return JSON.stringify({
    id: event.id,
    'detail-type': type,
    detail: { account: event.account, livemode: event.livemode, ...content },
  });
}
