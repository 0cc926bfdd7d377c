import * as z from 'zod/mini';

/** Why a delivery ended without one; what cancels deliveries cancels a bulk resend. */
export const END_REASONS = [
  'retries_exhausted',
  'retry_window_over',
  'event_expired',
  'destination_disabled',
  'destination_deleted',
  'destination_disabled_when_created',
  'no_aws_event_source_exists',
] as const;

const AttemptResponse = z.strictObject({
  number: z.int(),
  manual: z.boolean(),
  created: z.iso.datetime(),
  outcome: z.enum(['succeeded', 'failed']),
  aws_error_code: z.nullable(z.string()),
  /** Of a webhook: `Timed out`, `HTTP 503`. */
  failure_reason: z.nullable(z.string()),
  http_status: z.nullable(z.int()),
  message: z.nullable(z.string()),
  duration_ms: z.int(),
});

/** `v2.core.event_delivery` as the API shows it: one event on its way to one destination. */
export const DeliveryResponse = z.strictObject({
  object: z.literal('v2.core.event_delivery'),
  event: z.string(),
  event_destination: z.string(),
  event_type: z.string(),
  livemode: z.boolean(),
  status: z.enum(['pending', 'delivered', 'failed', 'canceled', 'skipped']),
  reason: z.nullable(z.enum(END_REASONS)),
  held_by: z.nullable(z.enum(['source_pending', 'circuit_breaker', 'paused', 'dead_letter'])),
  next_attempt: z.nullable(z.iso.datetime()),
  resendable_until: z.strictObject({ api: z.iso.datetime(), dashboard: z.iso.datetime() }),
  attempts: z.array(AttemptResponse),
});
export type DeliveryResponse = z.infer<typeof DeliveryResponse>;
