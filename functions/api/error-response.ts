import * as z from 'zod/mini';

const error = z.strictObject({
  code: z.string(),
  message: z.string(),
  type: z.enum(['invalid_request_error', 'idempotency_error', 'api_error', 'rate_limit_error']),
});

/** API v2's envelope of every answer that is no success. */
export const ErrorResponse = z.strictObject({ error });
/** API v1's. */
export const V1ErrorResponse = z.strictObject({ error: z.extend(error, { param: z.optional(z.string()) }) });
export type V1ErrorResponse = z.infer<typeof V1ErrorResponse>;
