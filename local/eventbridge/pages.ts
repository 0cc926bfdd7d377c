import { AwsError } from '../aws-error.ts';
import type { Fields } from './validation.ts';

const MAX_PAGE = 100;

export interface PageRequest {
  readonly limit: number;
  readonly after: string | undefined;
}

/** Reads `Limit` and `NextToken`. */
export function pageRequest(fields: Fields): PageRequest {
  const limit = fields.integer('Limit', { min: 1, max: MAX_PAGE }) ?? MAX_PAGE;
  const token = fields.text('NextToken', { min: 1, max: 2048 });
  return { limit, after: token === undefined ? undefined : decode(token) };
}

/** One page, ordered by key. A token holds the last key of its page, so that what is deleted meanwhile shifts nothing. */
export function page<T>(
  items: Iterable<T>,
  keyOf: (item: T) => string,
  request: PageRequest,
): { readonly items: T[]; readonly next: { readonly NextToken?: string } } {
  const { after, limit } = request;
  const rest = [...items]
    .filter((item) => after === undefined || keyOf(item) > after)
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const shown = rest.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown, next: rest.length > limit && last ? { NextToken: encode(keyOf(last)) } : {} };
}

const PREFIX = 'page:';
const encode = (key: string) => Buffer.from(PREFIX + key).toString('base64url');

function decode(token: string): string {
  const text = Buffer.from(token, 'base64url').toString();
  if (!text.startsWith(PREFIX)) throw new AwsError('InvalidToken', 'Parameter NextToken is not valid.');
  return text.slice(PREFIX.length);
}
