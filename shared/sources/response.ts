import * as z from 'zod/mini';

const status = ['pending', 'active', 'deleted', 'unknown'] as const;

const StatusChangeResponse = z.strictObject({
  status: z.enum(['creating', ...status]),
  at: z.iso.datetime(),
  cause: z.enum([
    'requested',
    'created',
    'associated',
    'event_bus_lost',
    'expired',
    'deleted',
    'unreachable',
    'reachable',
  ]),
});

/** `v2.core.event_destination.event_source` as the API shows it: what is known of a destination's event source. */
export const EventSourceResponse = z.strictObject({
  object: z.literal('v2.core.event_destination.event_source'),
  event_destination: z.string(),
  livemode: z.boolean(),
  name: z.string(),
  arn: z.string(),
  aws_account_id: z.string(),
  aws_region: z.string(),
  status: z.enum(status),
  last_known_status: z.enum(status),
  since: z.iso.datetime(),
  expires_at: z.nullable(z.iso.datetime()),
  last_checked: z.iso.datetime(),
  last_confirmed_active: z.nullable(z.iso.datetime()),
  returning: z.nullable(z.strictObject({ from: z.iso.datetime(), until: z.iso.datetime() })),
  history: z.array(StatusChangeResponse),
});
export type EventSourceResponse = z.infer<typeof EventSourceResponse>;
