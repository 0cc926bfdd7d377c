/**
 * The headers that carry a brand. It is the deployment's (`-c brand=`); with `Stripe`, the default, tools that were made
 * for Stripe work unmodified.
 */
export const brand = process.env.BRAND || 'Stripe';

export const brandHeaders = {
  version: `${brand}-Version`,
  account: `${brand}-Account`,
  context: `${brand}-Context`,
  shouldRetry: `${brand}-Should-Retry`,
  rateLimitedReason: `${brand}-Rate-Limited-Reason`,
  /** Of what is sent to webhook endpoints. */
  signature: `${brand}-Signature`,
} as const;
