import type * as z from 'zod/mini';
import { MAX_KEY_LENGTH } from '../../../shared/idempotency.ts';
import { NEWEST_VERSION } from '../parse.ts';
import type { JsonSchema, Parameter } from './description.ts';
import { toJsonSchema } from './json-schemas.ts';

/** Of every request: the account that is acted for, and the version of the answer; and of some. */
export const HEADERS = {
  StripeVersion: {
    name: 'Stripe-Version',
    in: 'header',
    description: `The API version of the answer; the newest without it. \`events_from\` is spelled by it.`,
    schema: { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}(\\.[a-z]+)?$', examples: [NEWEST_VERSION] },
  },
  StripeContext: {
    name: 'Stripe-Context',
    in: 'header',
    description: 'The connected account to act for, or a path of accounts: `acct_1`, `acct_1/acct_2`.',
    schema: { type: 'string', examples: ['acct_123'] },
  },
  StripeAccount: {
    name: 'Stripe-Account',
    in: 'header',
    description: 'The connected account to act for; `Stripe-Context` is its successor.',
    schema: { type: 'string', examples: ['acct_123'] },
  },
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    description:
      'A text of your own: a repeat with the same key and parameters within 30 days changes nothing more. API v2 answers a repeat with the resource as it is now, and the header `Idempotent-Replayed: true`.',
    schema: { type: 'string', maxLength: MAX_KEY_LENGTH, examples: ['order-17'] },
  },
  Traceparent: {
    name: 'traceparent',
    in: 'header',
    description:
      'The trace that the events belong to (W3C Trace Context): every attempt to deliver them is in it. One that is not valid is ignored; without one, each event begins a trace.',
    schema: { type: 'string', examples: ['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'] },
  },
} as const;

const time = (which: string) => `${which}; RFC 3339 such as \`2026-11-21T10:15:30.123Z\`, or unix seconds.` as const;
const seconds = (which: string) => `${which}, in unix seconds.` as const;

/** What every list of API v2 takes. */
export const V2_PAGE: readonly Parameter[] = [
  {
    name: 'limit',
    in: 'query',
    description: 'How many to answer with at most.',
    schema: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
  },
  {
    name: 'page',
    in: 'query',
    description:
      'The token of a `next_page_url` or `previous_page_url`. The filters of a list are those of its first page.',
    schema: { type: 'string' },
  },
];

export const V1_PAGE: Readonly<Record<string, ParameterDescription>> = {
  limit: {
    description: 'How many to answer with at most.',
    schema: { type: 'integer', minimum: 1, maximum: 100, default: 10 },
  },
  starting_after: 'An event id: answer with what is older than it.',
  ending_before: 'An event id: answer with what is newer than it.',
};

export const V1_CREATED = {
  created: seconds('Created exactly then'),
  'created[gt]': seconds('Created after that instant'),
  'created[gte]': seconds('Created at that instant or later'),
  'created[lt]': seconds('Created before that instant'),
  'created[lte]': seconds('Created at that instant or earlier'),
};

/** Of the event, in each of API v2's lists. */
export const V2_CREATED = {
  'created[gt]': time('Of events created after that instant'),
  'created[gte]': time('Of events created at that instant or later'),
  'created[lt]': time('Of events created before that instant'),
  'created[lte]': time('Of events created at that instant or earlier'),
  gt: 'As `created[gt]`: how SDKs of October 2025 spelled it.',
  gte: 'As `created[gte]`.',
  lt: 'As `created[lt]`.',
  lte: 'As `created[lte]`.',
};

export const INCLUDE: Parameter = {
  name: 'include',
  in: 'query',
  description:
    'Fields that are null unless they are asked for. `include=a&include=b`, `include[]=a` and `include[0]=a&include[1]=b` are the same.',
  schema: { type: 'array', items: { type: 'string', enum: ['webhook_endpoint.url'] } },
};

export type ParameterDescription = string | { readonly description: string; readonly schema: JsonSchema };

/** The parameters of the schema that validates the query, each described; a schema beside it says it in better words. */
export function parametersOf(
  query: z.ZodMiniType,
  descriptions: Readonly<Record<string, ParameterDescription>>,
): Parameter[] {
  const { properties = {} } = toJsonSchema(query);
  const undescribed = Object.keys(properties).filter((name) => !(name in descriptions));
  if (undescribed.length > 0) throw new Error(`Describe the query parameters ${undescribed.join(', ')}`);
  return Object.entries(descriptions).map(([name, described]) => {
    const schema = properties[name] as JsonSchema | undefined;
    if (!schema) throw new Error(`There is no query parameter ${name}`);
    return typeof described === 'string'
      ? { name, in: 'query', description: described, schema }
      : { name, in: 'query', ...described };
  });
}
