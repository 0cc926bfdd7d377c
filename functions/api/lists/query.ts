import * as z from 'zod/mini';
import { isEventType, type Payload, payloadOf } from '../../../shared/events/types.ts';
import type { ApiRequest } from '../request.ts';
import type { Filters } from './page-token.ts';

/** The query as an object, for a schema: `types` may be given several times, of any other parameter the last one counts. */
export const queryObject = (query: ApiRequest['query']): Filters =>
  Object.fromEntries([...query].map(([name, values]) => [name, name === 'types' ? values : values.at(-1)]));

/** Stripe documents twenty. */
const MAX_TYPES = 20;

const LISTED_BY: Record<Payload, string> = { snapshot: 'GET /v1/events', thin: 'GET /v2/core/events' };

/** A type of the other payload would find nothing, after a long search: that is worth a word. */
const eventType = (payload: Payload) =>
  z.string().check(
    z.refine((type) => isEventType(type), {
      error: "Must be an event type such as 'customer.created'.",
      abort: true,
    }),
    z.refine((type) => payloadOf(type) === payload, {
      error: `Is not a ${payload} event's type: ${payload === 'thin' ? LISTED_BY.snapshot : LISTED_BY.thin} lists those.`,
    }),
  );

export const eventTypes = (payload: Payload) =>
  z.array(eventType(payload)).check(z.minLength(1), z.maxLength(MAX_TYPES));
