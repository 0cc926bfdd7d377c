import * as z from 'zod/mini';
import { isEventType, payloadOf } from '../events/types.ts';
import { type FieldProblem, InvalidFields } from '../http/errors.ts';
import { fieldProblems } from '../http/validation.ts';
import { timeOf } from '../ids.ts';
import { ONE_SHARD } from '../shards.ts';
import type { Destination, DestinationRef, EventsFrom } from './destination.ts';
import { destinationTypes } from './types.ts';

/** Stripe documents the limits of metadata; those of names and descriptions are ours. */
const LIMITS = {
  name: 255,
  description: 1000,
  enabledEvents: 500,
  metadata: { keys: 50, key: 40, value: 500 },
} as const;

/** Old and new spellings are taken as input; responses spell by the request's version. */
const EVENTS_FROM = {
  self: 'self',
  '@self': 'self',
  other_accounts: 'other_accounts',
  '@accounts': 'other_accounts',
} as const;

const INCLUDABLE = ['webhook_endpoint.signing_secret', 'webhook_endpoint.url'] as const;

const metadata = z
  .record(
    z
      .string()
      .check(
        z.maxLength(LIMITS.metadata.key),
        z.regex(/^[^[\]]+$/, 'A key must not be empty and must not contain square brackets.'),
      ),
    z.string().check(z.maxLength(LIMITS.metadata.value)),
  )
  .check(
    z.refine(
      (map) => Object.keys(map).length <= LIMITS.metadata.keys,
      `Must have at most ${LIMITS.metadata.keys} keys.`,
    ),
  );

const API_VERSION = /^\d{4}-\d{2}-\d{2}(\.[a-z]+)?$/;

const CreateRequest = z.strictObject({
  name: z.string().check(z.minLength(1), z.maxLength(LIMITS.name)),
  description: z.optional(z.string().check(z.maxLength(LIMITS.description))),
  type: z.enum(Object.keys(destinationTypes) as [Destination['type']]),
  enabled_events: z.array(z.string()).check(z.minLength(1), z.maxLength(LIMITS.enabledEvents)),
  event_payload: z.enum(['snapshot', 'thin']),
  events_from: z.optional(
    z.array(z.enum(Object.keys(EVENTS_FROM) as (keyof typeof EVENTS_FROM)[])).check(z.minLength(1)),
  ),
  include: z.optional(z.array(z.enum(INCLUDABLE))),
  metadata: z.optional(metadata),
  snapshot_api_version: z.optional(
    z.string().check(z.regex(API_VERSION, "Must be an API version such as '2025-08-27.basil'.")),
  ),
  amazon_eventbridge: z.optional(destinationTypes.amazon_eventbridge.parameters),
});
type CreateRequest = z.infer<typeof CreateRequest>;

/** Checks a create request; returns the record to be created under an id. Throws InvalidFields. */
export function parseCreateRequest(body: unknown): (ref: DestinationRef) => Destination {
  const result = CreateRequest.safeParse(body, { reportInput: true });
  if (!result.success) throw new InvalidFields(fieldProblems(result.error.issues));
  const request = result.data;
  const parameters = request[request.type];
  const problems = crossFieldProblems(request);
  if (!parameters)
    problems.push({ field: request.type, reason: `This field is required when type is '${request.type}'.` });
  if (!parameters || problems.length > 0) throw new InvalidFields(problems);
  return (ref) => {
    const now = timeOf(ref.id);
    return {
      ...ref,
      lifecycle: 'creating',
      type: request.type,
      name: request.name,
      description: request.description ?? '',
      enabled_events: [...new Set(request.enabled_events)],
      event_payload: request.event_payload,
      events_from: eventsFrom(request),
      metadata: request.metadata ?? {},
      snapshot_api_version: request.snapshot_api_version ?? null,
      status: 'enabled',
      disabled_reason: null,
      created: now,
      updated: now,
      delivery_shards: ONE_SHARD,
      ...destinationTypes[request.type].prepare(ref.id, parameters, now),
    };
  };
}

const eventsFrom = ({ events_from = ['self'] }: CreateRequest): EventsFrom[] => [
  ...new Set(events_from.map((from) => EVENTS_FROM[from])),
];

function crossFieldProblems(request: CreateRequest): FieldProblem[] {
  const problems = request.enabled_events.flatMap((type, index) => enabledEventProblem(request, type, index));
  problems.push(...destinationTypes[request.type].validate(request));
  if (request.event_payload === 'thin' && request.snapshot_api_version !== undefined)
    problems.push({
      field: 'snapshot_api_version',
      reason: "Only for event_payload 'snapshot': thin events have no version.",
    });
  if (request.event_payload === 'snapshot' && eventsFrom(request).length > 1)
    problems.push({
      field: 'events_from',
      reason: "Several scopes at once are allowed only for event_payload 'thin'.",
    });
  return problems;
}

function enabledEventProblem({ event_payload }: CreateRequest, type: string, index: number): FieldProblem[] {
  const field = `enabled_events[${index}]`;
  if (type === '*') return [];
  if (!isEventType(type))
    return [
      {
        field,
        reason: `'${type.slice(0, 128)}' is not an event type. Use a name such as 'customer.created', or '*' for all.`,
      },
    ];
  if (payloadOf(type) === event_payload) return [];
  return [
    {
      field,
      reason:
        event_payload === 'snapshot'
          ? `'${type}' is a thin event's type; it needs event_payload 'thin'.`
          : `'${type}' is a snapshot event's type; it needs event_payload 'snapshot', or the type 'v1.${type}'.`,
    },
  ];
}
