import { findAccount } from '../../shared/accounts/account.ts';
import { BATCH_LIMITS } from '../../shared/aws/queue.ts';
import { isDestinationEvent } from '../../shared/events/about-destination.ts';
import { type Event, isSeveral, type Published, parsePublished, parseSeveral } from '../../shared/events/event.ts';
import { renderEvent } from '../../shared/events/render.ts';
import { maxEventBytes, tooLarge } from '../../shared/events/size.ts';
import type { Payload } from '../../shared/events/types.ts';
import { brandHeaders } from '../../shared/http/brand.ts';
import { ApiError, type FieldProblem, InvalidFields, invalidField } from '../../shared/http/errors.ts';
import { reserveId } from '../../shared/idempotency.ts';
import { idAfter, newId, timeOf } from '../../shared/ids.ts';
import { idempotentRequest } from '../api/idempotent-request.ts';
import { requireRate } from '../api/rate-limit/index.ts';
import { type ApiRequest, type Operation, REPLAYED } from '../api/request.ts';
import { enqueueEvents } from './enqueue-events.ts';

export const publishSnapshotEvent: Operation = (request) => publish('snapshot', request);
export const publishThinEvent: Operation = (request) => publish('thin', request);

/**
 * One event, or up to ten: `{ "events": [ ... ] }`, all of which are taken or none. Answers once they are in the queue.
 * Their ids are fixed before: a repeat with the same Idempotency-Key sends them again under the same ids, and dispatch
 * takes them for the same events.
 */
async function publish(payload: Payload, request: ApiRequest) {
  const { account, livemode, api } = request;
  const several = isSeveral(request.body);
  requireSize(request.rawBody, several);
  const published = several ? parseSeveral(payload, request.body) : [parsePublished(payload, request.body)];
  refuseDestinationEvents(published, several);
  // The request itself was counted as the first of them.
  if (published.length > 1) await requireRate({ account, livemode, limited: 'events' }, published.length - 1);
  if (!(await findAccount(account, livemode)))
    throw invalidField(brandHeaders.context, `There is no account '${account}'. Create it first.`);
  const fresh = newId('evt', livemode, Date.now());
  requireSizes(toEvents(fresh, published, request), several);
  const { id, replayed } = await reserveId(
    idempotentRequest(request, () => fresh),
    { exclusive: false },
  );
  const events = toEvents(id, published, request);
  await enqueueEvents(events, request);
  const [first, ...others] = events.map((event) => renderEvent(event, { for: account, fetched: true }));
  return {
    body: several ? listOf(api, request.path, [first, ...others]) : first,
    ...(replayed && { headers: REPLAYED }),
  };
}

/** Every id follows from the first, which is the one that the Idempotency-Key reserves. */
const toEvents = (
  first: string,
  published: readonly Published[],
  { account, livemode, traceparent }: ApiRequest,
): readonly Event[] =>
  published.map((one, index) => {
    const id = idAfter(first, index);
    return { id, account, livemode, created: timeOf(id), ...(traceparent && { traceparent }), ...one };
  });

const listOf = (api: ApiRequest['api'], url: string, data: readonly unknown[]) =>
  api === 'v1'
    ? { object: 'list', url, has_more: false, data }
    : { data, next_page_url: null, previous_page_url: null };

const pathOf = (index: number, several: boolean) => (several ? `events[${index}].` : '');

function refuseDestinationEvents(published: readonly Published[], several: boolean): void {
  const problems = published.flatMap(({ content: { type } }, index): FieldProblem[] =>
    isDestinationEvent(type)
      ? [
          {
            field: `${pathOf(index, several)}type`,
            reason:
              "Events about event destinations are the service's own. To ping one, use POST /v2/core/event_destinations/{id}/ping.",
          },
        ]
      : [],
  );
  if (problems.length > 0) throw new InvalidFields(problems);
}

/** Before the body is walked through at all. */
function requireSize(body: string, several: boolean): void {
  const [code, limit, what] = several
    ? (['request_too_large', BATCH_LIMITS.bytes, 'The events of a request can take'] as const)
    : (['event_too_large', maxEventBytes(), 'An event can take'] as const);
  if (Buffer.byteLength(body) > limit) throw new ApiError(413, code, `${what} at most ${limit} bytes.`);
}

function requireSizes(events: readonly Event[], several: boolean): void {
  for (const [index, event] of events.entries()) {
    const problem = tooLarge(event);
    if (!problem) continue;
    const param = several ? `events[${index}]` : undefined;
    throw new ApiError(413, 'event_too_large', param ? `${param}: ${problem}` : problem, { ...(param && { param }) });
  }
}
