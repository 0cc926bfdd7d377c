import type { JsonSchema } from '../description.ts';

/** Fields that many objects have. */
export const COMMON = {
  id: 'Unique identifier of the object.',
  object: 'The type of the object.',
  livemode: 'True in live mode, false in test mode.',
} as const;

export const V2_LIST = {
  data: 'The objects of this page, newest first.',
  next_page_url: 'The next page, relative to the origin, with all filters; null when there is none.',
  previous_page_url: 'The page before; null when there is none.',
} as const;

/** A rule for objects whose field has that value. */
export const when = (field: string, value: string | boolean, then: JsonSchema): JsonSchema => ({
  if: { type: 'object', properties: { [field]: { const: value } }, required: [field] },
  // biome-ignore lint/suspicious/noThenProperty: the word of JSON Schema
  then: { type: 'object', ...then },
});
