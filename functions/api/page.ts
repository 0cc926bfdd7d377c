import * as z from 'zod/mini';
import { invalidField } from '../../shared/http/errors.ts';

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;

/** An opaque page token says from which id on, in which direction. */
const Token = z.strictObject({ direction: z.enum(['after', 'before']), id: z.string().check(z.maxLength(100)) });

export interface Page {
  readonly limit: number;
  readonly token?: z.infer<typeof Token> | undefined;
}

export function parsePage(query: ReadonlyMap<string, readonly string[]>): Page {
  return { limit: parseLimit(query.get('limit')?.at(-1)), token: parseToken(query.get('page')?.at(-1)) };
}

export function parseLimit(text: string | undefined, otherwise = DEFAULT_LIMIT): number {
  if (text === undefined) return otherwise;
  const limit = Number(text);
  if (/^\d+$/.test(text) && limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw invalidField('limit', `Must be a whole number from 1 to ${MAX_LIMIT}.`);
}

function parseToken(text: string | undefined) {
  if (text === undefined) return undefined;
  try {
    return Token.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
  } catch {
    throw invalidField('page', 'Must be the token of a next_page_url or previous_page_url, unchanged.');
  }
}

/** Relative to the origin, with everything that the SDK does not send again: it requests the URL as it is. */
export function pageUrl(path: string, { limit, token }: Page, filters: Record<string, readonly string[]>): string {
  const query = new URLSearchParams({
    page: Buffer.from(JSON.stringify(token)).toString('base64url'),
    limit: String(limit),
  });
  for (const [name, values] of Object.entries(filters))
    for (const [index, value] of values.entries()) query.append(`${name}[${index}]`, value);
  return `${path}?${query}`;
}

/** The page of a list that runs from the newest (largest) id to the oldest. */
export function cut<T extends { readonly id: string }>(all: readonly T[], { limit, token }: Page) {
  const at = token ? all.findIndex(({ id }) => (token.direction === 'after' ? id < token.id : id <= token.id)) : 0;
  const position = at === -1 ? all.length : at;
  const start = token?.direction === 'before' ? Math.max(0, position - limit) : position;
  const end = token?.direction === 'before' ? position : start + limit;
  const shown = all.slice(start, end);
  const [first, last] = [shown[0], shown.at(-1)];
  return {
    shown,
    next: last && end < all.length ? ({ direction: 'after', id: last.id } as const) : undefined,
    previous: first && start > 0 ? ({ direction: 'before', id: first.id } as const) : undefined,
  };
}
