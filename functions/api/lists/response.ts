import * as z from 'zod/mini';

/** A page of API v2. */
export const v2ListOf = (item: z.ZodMiniType) =>
  z.strictObject({
    data: z.array(item),
    next_page_url: z.nullable(z.string()),
    previous_page_url: z.nullable(z.string()),
  });

/** A page of API v1. */
export const v1ListOf = (item: z.ZodMiniType) =>
  z.strictObject({ object: z.literal('list'), url: z.string(), has_more: z.boolean(), data: z.array(item) });
