import * as z from 'zod/mini';
import { MAX_OBJECT_ID } from '../../../shared/events/object-index.ts';
import { isEventType, payloadOf } from '../../../shared/events/types.ts';
import { ApiError, invalidField } from '../../../shared/http/errors.ts';
import { validated } from '../../../shared/http/validation.ts';
import { isId } from '../../../shared/ids.ts';
import { intersection, type Position } from '../../../shared/lists/stretch.ts';
import type { EventListRequest } from '../../events/list-events.ts';
import { parseLimit } from '../page.ts';
import type { ApiRequest } from '../request.ts';
import { isUnixSeconds, rangeInSeconds } from './created.ts';
import { eventTypes, queryObject } from './query.ts';

const DEFAULT_LIMIT = 10;

const seconds = z.optional(z.string().check(z.refine(isUnixSeconds, 'Must be a whole number of unix seconds.')));
const typePattern = z.string().check(
  z.refine((text) => /^[a-z0-9_.[\]*]{1,128}$/.test(text) && (text.includes('*') || isEventType(text)), {
    error: "Must be an event type such as 'customer.created', or a group of them such as 'customer.*'.",
    abort: true,
  }),
  z.refine((text) => payloadOf(text) === 'snapshot', "Is a thin event's type: GET /v2/core/events lists those."),
);

/** `object_id` is ours: Stripe's API v1 has no such filter. */
export const SnapshotQuery = z.strictObject({
  limit: z.optional(z.string()),
  starting_after: z.optional(z.string()),
  ending_before: z.optional(z.string()),
  created: seconds,
  'created[gt]': seconds,
  'created[gte]': seconds,
  'created[lt]': seconds,
  'created[lte]': seconds,
  type: z.optional(typePattern),
  types: z.optional(eventTypes('snapshot')),
  delivery_success: z.optional(z.enum(['true', 'false'])),
  object_id: z.optional(z.string().check(z.minLength(1), z.maxLength(MAX_OBJECT_ID))),
});
export type SnapshotQuery = z.infer<typeof SnapshotQuery>;

/** The list of API v1 that is asked for. Throws InvalidFields. */
export function parseV1List(request: ApiRequest): EventListRequest {
  const query = validated(SnapshotQuery, queryObject(request.query));
  const { type: pattern, types, object_id: objectId, delivery_success } = query;
  if (pattern !== undefined && types !== undefined)
    throw invalidField('types', 'You may pass either `type` or `types`, but not both.');
  return {
    limit: parseLimit(query.limit, DEFAULT_LIMIT),
    position: positionOf(query, request.livemode),
    range: createdRange(query),
    filter: {
      payload: 'snapshot',
      pattern,
      types,
      objectId,
      deliverySuccess: delivery_success === undefined ? undefined : delivery_success === 'true',
    },
  };
}

const createdRange = (query: SnapshotQuery) =>
  intersection(
    rangeInSeconds({ gte: query.created, lte: query.created }),
    rangeInSeconds({
      gt: query['created[gt]'],
      gte: query['created[gte]'],
      lt: query['created[lt]'],
      lte: query['created[lte]'],
    }),
  );

/** The id alone says where the list goes on: the event need not exist any more. */
function positionOf({ starting_after, ending_before }: SnapshotQuery, livemode: boolean): Position | undefined {
  if (starting_after !== undefined && ending_before !== undefined)
    throw invalidField('ending_before', 'You may pass either `starting_after` or `ending_before`, but not both.');
  const position = (direction: Position['direction'], id: string, param: string): Position => {
    if (isId('evt', livemode, id)) return { direction, id };
    throw new ApiError(400, 'resource_missing', `No such event: '${id.slice(0, 100)}'`, { param });
  };
  if (starting_after !== undefined) return position('older', starting_after, 'starting_after');
  return ending_before === undefined ? undefined : position('newer', ending_before, 'ending_before');
}
