import * as z from 'zod/mini';
import { type FieldProblem, InvalidFields } from '../http/errors.ts';
import { validated } from '../http/validation.ts';
import { timeOf } from '../ids.ts';
import { ONE_SHARD } from '../shards.ts';
import type { Destination, DestinationRef, EventsFrom } from './destination.ts';
import { managedTypes } from './managed-types.ts';
import {
  description,
  enabledEventProblems,
  enabledEvents,
  metadataOf,
  metadataProblems,
  metadataValue,
  name,
  parameterProblems,
  typeParameters,
} from './request-fields.ts';
import { typeNames } from './types.ts';

/** Old and new spellings are taken as input; responses spell by the request's version. */
const EVENTS_FROM = {
  self: 'self',
  '@self': 'self',
  other_accounts: 'other_accounts',
  '@accounts': 'other_accounts',
} as const;

/** The secret is shown in this answer and never again. */
const INCLUDABLE = ['webhook_endpoint.signing_secret', 'webhook_endpoint.url'] as const;

const API_VERSION = /^\d{4}-\d{2}-\d{2}(\.[a-z]+)?$/;

export const CreateRequest = z.strictObject({
  name,
  description: z.optional(description),
  type: z.enum(typeNames),
  enabled_events: enabledEvents,
  event_payload: z.enum(['snapshot', 'thin']),
  events_from: z.optional(
    z.array(z.enum(Object.keys(EVENTS_FROM) as (keyof typeof EVENTS_FROM)[])).check(z.minLength(1)),
  ),
  include: z.optional(z.array(z.enum(INCLUDABLE))),
  metadata: z.optional(metadataOf(metadataValue)),
  snapshot_api_version: z.optional(
    z.string().check(z.regex(API_VERSION, "Must be an API version such as '2025-08-27.basil'.")),
  ),
  ...typeParameters,
});
export type CreateRequest = z.infer<typeof CreateRequest>;

export interface Creation {
  readonly include: readonly string[];
  /** The record to be created under an id. */
  prepare(ref: DestinationRef): Promise<Destination>;
}

/** Checks a create request. Throws InvalidFields. */
export function parseCreateRequest(body: unknown, livemode: boolean): Creation {
  const request = validated(CreateRequest, body);
  const problems = crossFieldProblems(request, livemode);
  if (problems.length > 0) throw new InvalidFields(problems);
  return { include: request.include ?? [], prepare: (ref) => prepare(request, ref) };
}

async function prepare(request: CreateRequest, ref: DestinationRef): Promise<Destination> {
  const now = timeOf(ref.id);
  return {
    ...ref,
    lifecycle: 'creating',
    name: request.name,
    description: request.description ?? '',
    enabled_events: [...new Set(request.enabled_events)],
    event_payload: request.event_payload,
    events_from: eventsFrom(request),
    metadata: request.metadata ?? {},
    metadata_revision: 0,
    snapshot_api_version: request.snapshot_api_version ?? null,
    status: 'enabled',
    disabled_reason: null,
    created: now,
    updated: now,
    delivery_shards: ONE_SHARD,
    ...(await managedTypes[request.type].prepare(ref.id, request[request.type], now)),
  };
}

const eventsFrom = ({ events_from = ['self'] }: CreateRequest): EventsFrom[] => [
  ...new Set(events_from.map((from) => EVENTS_FROM[from])),
];

function crossFieldProblems(request: CreateRequest, livemode: boolean): FieldProblem[] {
  const problems = [
    ...enabledEventProblems(request, request.enabled_events),
    ...typeNames.flatMap((type) => ownPartProblems(request, type, livemode)),
    ...metadataProblems(request.metadata ?? {}),
  ];
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

/** The parameters of the request's type have to be there and those of no other. */
function ownPartProblems(request: CreateRequest, type: Destination['type'], livemode: boolean): FieldProblem[] {
  const parameters = request[type];
  if (request.type !== type)
    return parameters === undefined ? [] : [{ field: type, reason: `Only for destinations of type '${type}'.` }];
  if (parameters === undefined)
    return [{ field: type, reason: `This field is required when type is '${request.type}'.` }];
  return parameterProblems(type, parameters, livemode);
}
