import * as z from 'zod/mini';
import { isEventType, type Payload, payloadOf } from '../events/types.ts';
import type { FieldProblem } from '../http/errors.ts';
import type { Destination } from './destination.ts';
import { managedTypes } from './managed-types.ts';
import { typeNames } from './types.ts';

/** Stripe documents the limits of metadata; those of names and descriptions are ours. */
export const LIMITS = {
  name: 255,
  description: 1000,
  enabledEvents: 500,
  metadata: { keys: 50, key: 40, value: 500 },
} as const;

/** JSON can say half a character, a lone surrogate, which is no text that anybody could write or show. */
const wellFormed = z.refine<string>((text) => text.isWellFormed(), 'Must be valid Unicode, without lone surrogates.');

/** The fields that creation and update have in common. */
export const name = z.string().check(z.minLength(1), z.maxLength(LIMITS.name), wellFormed);
export const description = z.string().check(z.maxLength(LIMITS.description), wellFormed);
export const enabledEvents = z.array(z.string()).check(z.minLength(1), z.maxLength(LIMITS.enabledEvents));
const metadataKey = z
  .string()
  .check(
    z.maxLength(LIMITS.metadata.key),
    z.regex(/^[^[\]]+$/, 'A key must not be empty and must not contain square brackets.'),
    wellFormed,
  );
export const metadataValue = z.string().check(z.maxLength(LIMITS.metadata.value), wellFormed);

/** Names into which JavaScript reads a meaning of its own: the one would be lost, the other cannot be written. */
export const RESERVED_KEYS = ['__proto__', 'constructor'];
const hasNoReservedKey = (metadata: unknown) =>
  typeof metadata !== 'object' || metadata === null || !RESERVED_KEYS.some((key) => Object.hasOwn(metadata, key));

/** Metadata with values of that schema: strings, or in an update null as well. */
export const metadataOf = <Value extends z.ZodMiniType>(value: Value) =>
  z.pipe(
    z.unknown().check(z.refine(hasNoReservedKey, `The keys ${RESERVED_KEYS.join(' and ')} cannot be used.`)),
    z.record(metadataKey, value),
  );

type Metadata = Destination['metadata'];

export const metadataProblems = (metadata: Metadata): FieldProblem[] =>
  Object.keys(metadata).length <= LIMITS.metadata.keys
    ? []
    : [{ field: 'metadata', reason: `Must have at most ${LIMITS.metadata.keys} keys.` }];

/** The parameters of each type, under its name. */
export const typeParameters = Object.fromEntries(
  typeNames.map((type) => [type, z.optional(managedTypes[type].parameters)]),
) as Record<Destination['type'], z.ZodMiniOptional<z.ZodMiniUnknown>>;

/** What a type finds wrong with its parameters. */
export const parameterProblems = (type: Destination['type'], parameters: unknown, livemode: boolean): FieldProblem[] =>
  managedTypes[type]
    .validateParameters(parameters, livemode)
    .map(({ field, reason }) => ({ field: `${type}.${field}`, reason }));

/** What is wrong with the list of events for a destination of that type and payload style. */
export const enabledEventProblems = (
  { type, event_payload }: Pick<Destination, 'type' | 'event_payload'>,
  events: readonly string[],
): FieldProblem[] => [
  ...events.flatMap((event, index) => eventProblem(event_payload, event, `enabled_events[${index}]`)),
  ...managedTypes[type].validateEvents(events),
];

function eventProblem(payload: Payload, type: string, field: string): FieldProblem[] {
  if (type === '*') return [];
  if (!isEventType(type))
    return [
      {
        field,
        reason: `'${type.slice(0, 128)}' is not an event type. Use a name such as 'customer.created', or '*' for all.`,
      },
    ];
  if (payloadOf(type) === payload) return [];
  const reason =
    payload === 'snapshot'
      ? `'${type}' is a thin event's type; it needs event_payload 'thin'.`
      : `'${type}' is a snapshot event's type; it needs event_payload 'snapshot', or the type 'v1.${type}'.`;
  return [{ field, reason }];
}
