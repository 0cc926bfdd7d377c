import * as z from 'zod/mini';
import { type FieldProblem, InvalidFields, invalidField } from '../http/errors.ts';
import { validated } from '../http/validation.ts';
import { canHaveTwin } from './thin-twin.ts';
import { isEventType, type Payload, payloadOf } from './types.ts';

/** Kept as it came, key by key: a schema would make a copy, and lose a key such as `__proto__` on the way. */
export const json = z.custom<Record<string, unknown>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'Must be an object.',
);

/** Deeper than any event, and far from where a recursive walk over JSON ends. */
const MAX_DEPTH = 100;

/** Why the event happened: the API request that caused it. */
const requestCause = z.strictObject({
  id: z.optional(z.nullable(z.string())),
  idempotency_key: z.optional(z.nullable(z.string())),
});

/** What a producer says of a snapshot event: `POST /v1/events`, and `detail` on the bus and the queue. */
export const SnapshotContent = z.strictObject({
  type: z.string(),
  data: z.strictObject({ object: json, previous_attributes: z.optional(json) }),
  api_version: z.optional(z.nullable(z.string().check(z.maxLength(50)))),
  request: z.optional(z.nullable(requestCause)),
  /** Whether its thin twin is to be published with it: see thin-twin.ts. */
  thin_event: z.optional(z.boolean()),
});

/** An origin-relative path; Stripe's SDK refuses to follow anything else. */
const relativeUrl = z.string().check(z.regex(/^\/(?!\/)/, 'Must be a path that begins with a single "/".'));

/** What a producer says of a thin event: `POST /v2/core/events`, and `detail` on the bus and the queue. */
export const ThinContent = z.strictObject({
  type: z.string(),
  related_object: z.optional(z.nullable(z.strictObject({ id: z.string(), type: z.string(), url: relativeUrl }))),
  data: z.optional(z.nullable(json)),
  changes: z.optional(z.nullable(z.strictObject({ before: z.nullable(json), after: z.nullable(json) }))),
  reason: z.optional(z.nullable(z.strictObject({ type: z.literal('request'), request: requestCause }))),
});

/** As many as SQS takes in one request. */
const MAX_EVENTS = 10;
/** Several events in one request, each as it is published alone: `{ "events": [ ... ] }`. */
const severalOf = <Content extends z.ZodMiniType>(content: Content) =>
  z.strictObject({ events: z.array(content).check(z.minLength(1), z.maxLength(MAX_EVENTS)) });
export const SeveralSnapshots = severalOf(SnapshotContent);
export const SeveralThin = severalOf(ThinContent);

export type SnapshotContent = z.infer<typeof SnapshotContent>;
export type ThinContent = z.infer<typeof ThinContent> & {
  /** A thin twin's: the id of the snapshot event that it was published with. */
  readonly snapshot_event?: string;
};

interface EventHead {
  /** `evt_…` or `evt_test_…`. */
  readonly id: string;
  /** The account in which it happened. */
  readonly account: string;
  readonly livemode: boolean;
  /** ms since the epoch; the id's own time. */
  readonly created: number;
  /** The publisher's; without one the event's trace follows from its id (trace.ts). */
  readonly traceparent?: string | undefined;
}
interface SnapshotPart {
  readonly payload: 'snapshot';
  readonly content: SnapshotContent;
}
interface ThinPart {
  readonly payload: 'thin';
  readonly content: ThinContent;
}
/** What was published, without whose it is. */
export type Published = SnapshotPart | ThinPart;
export type SnapshotEvent = EventHead & SnapshotPart;
export type ThinEvent = EventHead & ThinPart;
export type Event = SnapshotEvent | ThinEvent;

/** Checks what a producer sent, whichever the door. Throws InvalidFields. */
export function parsePublished(payload: Payload, input: unknown): Published {
  if (depthExceeds(input, MAX_DEPTH)) throw tooDeep('data');
  const published: Published =
    payload === 'snapshot'
      ? { payload, content: validated(SnapshotContent, input) }
      : { payload, content: validated(ThinContent, input) };
  const problems = typeProblems(published);
  if (problems.length > 0) throw new InvalidFields(problems);
  return published;
}

/** Whether the body of a request is that of several events. */
export const isSeveral = (body: unknown): boolean =>
  typeof body === 'object' && body !== null && Object.hasOwn(body, 'events');

/** Checks several events: all of them are good, or none is taken. Throws InvalidFields with paths such as `events[3].type`. */
export function parseSeveral(payload: Payload, input: unknown): readonly Published[] {
  // Each event lies two levels down: in the request's object, in its list.
  if (depthExceeds(input, MAX_DEPTH + 2)) throw tooDeep('events');
  const published: readonly Published[] =
    payload === 'snapshot'
      ? validated(SeveralSnapshots, input).events.map((content) => ({ payload, content }))
      : validated(SeveralThin, input).events.map((content) => ({ payload, content }));
  const problems = published.flatMap((one, index) =>
    typeProblems(one).map(({ field, reason }) => ({ field: `events[${index}].${field}`, reason })),
  );
  if (problems.length > 0) throw new InvalidFields(problems);
  return published;
}

const tooDeep = (field: string) => invalidField(field, `Must not be nested deeper than ${MAX_DEPTH} levels.`);

/** Without recursion: what is too deep for the walk is what it looks for. */
function depthExceeds(input: unknown, limit: number): boolean {
  let level: unknown[] = [input];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > limit) return true;
    level = level.flatMap((value) => (typeof value === 'object' && value !== null ? Object.values(value) : []));
  }
  return false;
}

function typeProblems({ payload, content }: Published): FieldProblem[] {
  const { type } = content;
  if (!isEventType(type))
    return [
      {
        field: 'type',
        reason:
          "Must be an event type such as 'customer.created': lower-case words joined by dots, at most 128 characters.",
      },
    ];
  if (payloadOf(type) === payload) return twinProblems(content);
  const reason =
    payload === 'snapshot'
      ? `'${type}' is a thin event's type; publish it with POST /v2/core/events.`
      : `'${type}' is a snapshot event's type; publish it with POST /v1/events, or name it 'v1.${type}'.`;
  return [{ field: 'type', reason }];
}

function twinProblems(content: SnapshotContent | ThinContent): FieldProblem[] {
  if (!('thin_event' in content) || content.thin_event !== true || canHaveTwin(content.type)) return [];
  return [
    { field: 'thin_event', reason: "The thin event's type, 'v1.' and this one, would be longer than 128 characters." },
  ];
}
