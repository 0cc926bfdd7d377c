import * as z from 'zod/mini';

/** A type of event that can be triggered in test mode, as the API shows it. */
export const TestEventType = z.strictObject({
  object: z.literal('v2.test_helpers.event_type'),
  type: z.string(),
  event_payload: z.enum(['snapshot', 'thin']),
});
export type TestEventType = z.infer<typeof TestEventType>;
