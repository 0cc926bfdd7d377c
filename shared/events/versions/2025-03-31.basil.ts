import * as z from 'zod/mini';
import type { VersionChange } from './change.ts';

const SubscriptionParent = z.object({ subscription_details: z.object({ subscription: z.unknown() }) });

/** Stripe's own change of that day, and the pattern for others. */
export const invoiceParent: VersionChange = {
  version: '2025-03-31.basil',
  description: "An invoice's `subscription` is in `parent.subscription_details.subscription`.",
  before(attributes, of) {
    if (of !== 'invoice' || !('parent' in attributes)) return attributes;
    const { parent, ...others } = attributes;
    const { data } = SubscriptionParent.safeParse(parent);
    return { ...others, subscription: data?.subscription_details.subscription ?? null };
  },
};
