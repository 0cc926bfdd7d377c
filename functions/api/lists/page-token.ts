import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { invalidField } from '../../../shared/http/errors.ts';
import { isId } from '../../../shared/ids.ts';
import type { Position } from '../../../shared/lists/stretch.ts';
import type { ApiRequest } from '../request.ts';

export type Filters = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A page token says where the list goes on and with which filters: those of the first request are those of every page. */
const Token = z.strictObject({
  direction: z.enum(['older', 'newer']),
  id: z.string(),
  filters: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
});
export interface PageToken {
  readonly position: Position;
  readonly filters: Filters;
}

/** What a list's tokens are good for: this path, this account, this mode. */
type ListAddress = Pick<ApiRequest, 'path' | 'account' | 'livemode'>;

export function encodeToken(of: ListAddress, { position, filters }: PageToken): string {
  const payload = Buffer.from(JSON.stringify({ ...position, filters })).toString('base64url');
  return `${payload}.${checkOf(of, payload)}`;
}

/** Throws InvalidFields for what is no token, was changed, or belongs to another list. */
export function decodeToken(of: ListAddress, text: string): PageToken {
  const [payload = '', check] = text.split('.');
  const token = check === checkOf(of, payload) ? parse(payload) : undefined;
  if (!token || !isId('evt', of.livemode, token.id))
    throw invalidField('page', 'Must be the token of a next_page_url or previous_page_url of this list, unchanged.');
  const { direction, id, filters } = token;
  return { position: { direction, id }, filters };
}

function parse(payload: string) {
  try {
    return Token.safeParse(JSON.parse(Buffer.from(payload, 'base64url').toString())).data;
  } catch {
    return undefined;
  }
}

/**
 * Tells a token that was changed or belongs elsewhere. It needs no secret: a token says nothing but a position and
 * filters, and whose events are read is the key's to say.
 */
const checkOf = ({ path, account, livemode }: ListAddress, payload: string): string =>
  createHash('sha256')
    .update(JSON.stringify([path, account, livemode, payload]))
    .digest('base64url')
    .slice(0, 12);

/** Every page has the filters of the first. They may be repeated with a token, but not changed. */
export function sameFilters(first: Filters, repeated: Filters): boolean {
  const given = Object.entries(repeated).filter(([, value]) => value !== undefined);
  return given.length === 0 || canonical(first) === canonical(repeated);
}

const canonical = (filters: Filters): string =>
  JSON.stringify(
    Object.entries(filters)
      .filter(([, value]) => value !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
