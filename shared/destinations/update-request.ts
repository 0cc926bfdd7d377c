import * as z from 'zod/mini';
import { type FieldProblem, InvalidFields } from '../http/errors.ts';
import { validated } from '../http/validation.ts';
import type { Destination } from './destination.ts';
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

const FIXED = 'Cannot be changed after creation: create another event destination.';
const READ_ONLY = 'Cannot be changed: it is set by the service.';
/** Fields that a destination has and an update must not name, with what to do instead. */
const UNCHANGEABLE: Readonly<Record<string, string>> = {
  type: FIXED,
  event_payload: FIXED,
  events_from: FIXED,
  snapshot_api_version: FIXED,
  status: 'Cannot be changed by an update: use POST /v2/core/event_destinations/{id}/enable or /disable.',
  id: READ_ONLY,
  object: READ_ONLY,
  created: READ_ONLY,
  updated: READ_ONLY,
  livemode: READ_ONLY,
  status_details: READ_ONLY,
};

export const UpdateRequest = z.strictObject({
  name: z.optional(name),
  description: z.optional(description),
  enabled_events: z.optional(enabledEvents),
  include: z.optional(z.array(z.enum(['webhook_endpoint.url']))),
  /** A key with null is taken away, one that is not named stays. */
  metadata: z.optional(metadataOf(z.nullable(metadataValue))),
  ...typeParameters,
});
export type UpdateRequest = z.infer<typeof UpdateRequest>;

/** Nothing of its part can be changed later, or it is another type's part. */
const fixedParts = ({ type: own }: Destination): Record<string, string> =>
  Object.fromEntries(
    typeNames.flatMap((type) => {
      if (type !== own) return [[type, `Only for destinations of type '${type}'.`]];
      return managedTypes[type].changes ? [] : [[type, FIXED]];
    }),
  );

/** Checks an update of the destination. Throws InvalidFields. */
export function parseUpdateRequest(body: unknown, destination: Destination): UpdateRequest {
  const fields = validated(z.looseObject({}), body);
  const unchangeable = { ...UNCHANGEABLE, ...fixedParts(destination) };
  const problems = Object.keys(fields).flatMap((field): FieldProblem[] => {
    const reason = Object.hasOwn(unchangeable, field) ? unchangeable[field] : undefined;
    return reason === undefined ? [] : [{ field, reason }];
  });
  if (problems.length > 0) throw new InvalidFields(problems);
  const request = validated(UpdateRequest, body);
  problems.push(...crossFieldProblems(request, destination));
  if (problems.length > 0) throw new InvalidFields(problems);
  return request;
}

function crossFieldProblems(request: UpdateRequest, destination: Destination): FieldProblem[] {
  const parameters = request[destination.type];
  return [
    ...enabledEventProblems(destination, request.enabled_events ?? []),
    ...(parameters === undefined ? [] : parameterProblems(destination.type, parameters, destination.livemode)),
  ];
}

/** What the update sets, by attribute path, on the destination as it is. Throws InvalidFields for a limit of the result. */
export function changesOf(request: UpdateRequest, destination: Destination): Readonly<Record<string, unknown>> {
  const metadata = request.metadata && merged(destination.metadata, request.metadata);
  const problems = metadata ? metadataProblems(metadata) : [];
  if (problems.length > 0) throw new InvalidFields(problems);
  const parameters = request[destination.type];
  return {
    ...(request.name !== undefined && { name: request.name }),
    ...(request.description !== undefined && { description: request.description }),
    ...(request.enabled_events && { enabled_events: [...new Set(request.enabled_events)] }),
    ...(metadata && { metadata, metadata_revision: destination.metadata_revision + 1 }),
    ...(parameters !== undefined && managedTypes[destination.type].changes?.(parameters)),
  };
}

const merged = (
  before: Destination['metadata'],
  changes: Readonly<Record<string, string | null>>,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries({ ...before, ...changes }).filter((entry): entry is [string, string] => entry[1] !== null),
  );
