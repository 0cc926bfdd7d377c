import * as z from 'zod/mini';
import { END_REASONS } from '../deliveries/response.ts';

/** `v2.core.event_resend` as the API shows it: a bulk resend. */
export const ResendResponse = z.strictObject({
  id: z.string(),
  object: z.literal('v2.core.event_resend'),
  created: z.iso.datetime(),
  event_created: z.strictObject({ gte: z.iso.datetime(), lt: z.iso.datetime() }),
  event_destination: z.string(),
  livemode: z.boolean(),
  progress: z.strictObject({ matched: z.int(), sent: z.int(), through: z.iso.datetime() }),
  status: z.enum(['in_progress', 'completed', 'canceled']),
  status_details: z.nullable(
    z.strictObject({
      canceled: z.strictObject({
        reason: z.enum(['user', ...END_REASONS]),
      }),
    }),
  ),
  statuses: z.array(z.enum(['failed', 'canceled', 'skipped', 'delivered'])),
  updated: z.iso.datetime(),
});
export type ResendResponse = z.infer<typeof ResendResponse>;
