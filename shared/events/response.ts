import * as z from 'zod/mini';

/** Whatever the producer sent. */
const json = z.looseObject({});

/** A snapshot event, in API v1 and as it is delivered. */
export const SnapshotEventResponse = z.strictObject({
  id: z.string(),
  object: z.literal('event'),
  account: z.optional(z.string()),
  context: z.optional(z.string()),
  api_version: z.nullable(z.string()),
  created: z.int(),
  data: z.strictObject({ object: json, previous_attributes: z.optional(json) }),
  livemode: z.boolean(),
  pending_webhooks: z.int(),
  request: z.strictObject({ id: z.nullable(z.string()), idempotency_key: z.nullable(z.string()) }),
  type: z.string(),
});
export type SnapshotEventResponse = z.infer<typeof SnapshotEventResponse>;

const relatedObject = z.strictObject({ id: z.string(), type: z.string(), url: z.string() });
const reason = z.strictObject({
  type: z.literal('request'),
  request: z.strictObject({
    id: z.optional(z.nullable(z.string())),
    idempotency_key: z.optional(z.nullable(z.string())),
  }),
});

/** A thin event as it is delivered: keys without a value are left out. */
export const PushedThinEvent = z.strictObject({
  id: z.string(),
  object: z.literal('v2.core.event'),
  type: z.string(),
  livemode: z.boolean(),
  created: z.iso.datetime(),
  context: z.optional(z.nullable(z.string())),
  related_object: z.optional(z.nullable(relatedObject)),
  reason: z.optional(z.nullable(reason)),
  snapshot_event: z.optional(z.nullable(z.string())),
});

/** A thin event in API v2: every key is there, and so are the attributes that have to be fetched. */
export const ThinEventResponse = z.extend(PushedThinEvent, {
  context: z.nullable(z.string()),
  related_object: z.nullable(relatedObject),
  reason: z.nullable(reason),
  snapshot_event: z.nullable(z.string()),
  data: z.nullable(json),
  changes: z.nullable(z.strictObject({ before: z.nullable(json), after: z.nullable(json) })),
});
type ThinEventResponse = z.infer<typeof ThinEventResponse>;

/** Either of them. */
export type ThinEventRendering = z.infer<typeof PushedThinEvent> & Partial<Pick<ThinEventResponse, 'data' | 'changes'>>;
