import * as z from 'zod/mini';
import type { Destination } from '../../shared/destinations/destination.ts';
import { destinationTypes } from '../../shared/destinations/types.ts';
import { ApiError, invalidField } from '../../shared/http/errors.ts';
import { validated } from '../../shared/http/validation.ts';
import { idempotently } from '../../shared/idempotency.ts';
import { firstIdAt, newId, timeOf } from '../../shared/ids.ts';
import { renderResend } from '../../shared/resends/render.ts';
import { BEFORE_FIRST, type Resend } from '../../shared/resends/resend.ts';
import { announceResend, requestResend } from '../../shared/resends/steps.ts';
import { findResend, insertResend, listResends } from '../../shared/resends/store.ts';
import { isoTime, oldestReadable } from '../../shared/time.ts';
import { requireDestination } from '../api/find-destination.ts';
import { idempotentRequest } from '../api/idempotent-request.ts';
import { type ApiRequest, type Operation, REPLAYED } from '../api/request.ts';
import { requireResend } from './event-resends.ts';

const instant = z.iso.datetime({ offset: true, error: "Must be a time such as '2026-11-21T10:15:30.123Z'." });

const UNDELIVERED = ['failed', 'canceled', 'skipped'] as const;

export const ResendRequest = z.strictObject({
  event_destination: z.string(),
  /** Of the events: since a time, until another or now. */
  event_created: z.strictObject({ gte: instant, lt: z.optional(instant) }),
  /** Of their deliveries; `delivered` with all others is everything of the range. What is pending comes by itself. */
  statuses: z._default(z.array(z.enum([...UNDELIVERED, 'delivered'])).check(z.minLength(1)), [...UNDELIVERED]),
});
type ResendRequest = z.infer<typeof ResendRequest>;

/**
 * `POST /v2/core/event_resends`: has a destination sent again what ended in a range of time, as a job. The answer says that
 * it has begun; its progress is in `GET …/{id}`.
 */
export const createEventResend: Operation = async (request) => {
  const wanted = validated(ResendRequest, request.body);
  const once = idempotentRequest(request, () => newId('resend', request.livemode, Date.now()));
  return idempotently(once, async ({ id, replayed }) => {
    if (replayed) return { body: renderResend(await requireResend({ ...request, id })), headers: REPLAYED };
    // An earlier try may have died after it wrote the record.
    const resend = (await findResend({ ...request, id })) ?? (await begin(request, id, wanted));
    await requestResend(resend);
    return { body: renderResend(resend) };
  });
};

async function begin(request: ApiRequest, id: string, wanted: ResendRequest): Promise<Resend> {
  const destination = await requireDestination({ ...request, id: wanted.event_destination });
  requireReceiving(destination);
  await requireNoOther(destination);
  const { livemode } = request;
  const now = timeOf(id);
  const { from, until } = rangeOf(wanted, now);
  const first = firstIdAt('evt', livemode, from);
  const resend: Resend = {
    ...{ id, account: destination.account, livemode, destination: destination.id, type: destination.type },
    ...{ statuses: [...new Set(wanted.statuses)], from, until },
    ...{ status: 'in_progress', created: now, updated: now },
    ...{ step: 0, handed_on: 0, cursor: first, planned_end: first, planned: 0 },
    ...{ matched: 0, sent: 0, rate: BEFORE_FIRST },
  };
  await announceResend(resend);
  await insertResend(resend);
  return resend;
}

/** What can be read at all: an earlier beginning is shown as it counts. */
function rangeOf({ event_created: { gte, lt } }: ResendRequest, now: number) {
  const oldest = oldestReadable(now);
  const range = { from: Math.max(Date.parse(gte), oldest), until: Math.min(lt ? Date.parse(lt) : now, now) };
  if (range.from < range.until) return range;
  throw invalidField(
    'event_created',
    `There is nothing in this range: it must begin before it ends, and before now. Events are kept since ${isoTime(oldest)}.`,
  );
}

function requireReceiving(destination: Destination): void {
  const gone = destinationTypes[destination.type].gone(destination);
  if (gone === undefined && destination.status === 'enabled') return;
  throw new ApiError(
    400,
    'event_destination_disabled',
    gone === undefined
      ? 'This event destination is disabled: what is sent to it would be canceled again. Enable it with POST /v2/core/event_destinations/{id}/enable, then resend.'
      : `Nothing can be sent to this event destination any more. ${gone} Create a new event destination.`,
  );
}

/** Two at once would send twice as fast as a receiver is to bear. Two requests at the same moment may both get through. */
async function requireNoOther({ id, account, livemode }: Destination): Promise<void> {
  const all = await listResends(account, livemode, Date.now());
  const other = all.find(({ destination, status }) => destination === id && status === 'in_progress');
  if (other)
    throw new ApiError(
      400,
      'event_resend_in_progress',
      `'${other.id}' is resending to this event destination already. Wait for it to end, or cancel it with POST /v2/core/event_resends/${other.id}/cancel.`,
    );
}
