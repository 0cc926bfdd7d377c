import * as z from 'zod/mini';
import { managedTypes } from './managed-types.ts';
import { typeNames } from './types.ts';

/** The part of each type, under its name: only the destination's own type has one. */
const typeResponses = Object.fromEntries(
  typeNames.map((type) => [type, z.optional(managedTypes[type].response)]),
) as Record<(typeof typeNames)[number], z.ZodMiniOptional<z.ZodMiniUnknown>>;

/** `v2.core.event_destination` as the API shows it. */
export const EventDestinationResponse = z.strictObject({
  id: z.string(),
  object: z.literal('v2.core.event_destination'),
  ...typeResponses,
  created: z.iso.datetime(),
  description: z.string(),
  enabled_events: z.array(z.string()),
  event_payload: z.enum(['snapshot', 'thin']),
  events_from: z.array(z.enum(['self', 'other_accounts', '@self', '@accounts'])),
  livemode: z.boolean(),
  metadata: z.record(z.string(), z.string()),
  name: z.string(),
  snapshot_api_version: z.nullable(z.string()),
  status: z.enum(['enabled', 'disabled']),
  status_details: z.nullable(
    z.strictObject({ disabled: z.strictObject({ reason: z.enum(['user', 'no_aws_event_source_exists']) }) }),
  ),
  type: z.enum(typeNames),
  updated: z.iso.datetime(),
});
export type EventDestinationResponse = z.infer<typeof EventDestinationResponse>;

export const DeletedEventDestination = z.strictObject({
  id: z.string(),
  object: z.literal('v2.core.event_destination'),
});
