import * as z from 'zod/mini';
import { invalidField } from '../../../shared/http/errors.ts';
import { validated } from '../../../shared/http/validation.ts';
import type { Position, TimeRange } from '../../../shared/lists/stretch.ts';
import { parseLimit } from '../page.ts';
import type { ApiRequest } from '../request.ts';
import { isUnixSeconds, rangeInMilliseconds } from './created.ts';
import { decodeToken, type Filters, sameFilters } from './page-token.ts';
import { queryObject } from './query.ts';

const isDateTime = (text: string) => z.iso.datetime({ offset: true }).safeParse(text).success;
const instant = z.optional(
  z
    .string()
    .check(
      z.refine(
        (text) => isUnixSeconds(text) || isDateTime(text),
        "Must be a time such as '2026-11-21T10:15:30.123Z', or in unix seconds.",
      ),
    ),
);

/** `gt` and so on alone are how SDKs of October 2025 spelled them. */
export const createdParameters = {
  'created[gt]': instant,
  'created[gte]': instant,
  'created[lt]': instant,
  'created[lte]': instant,
  gt: instant,
  gte: instant,
  lt: instant,
  lte: instant,
};

export interface V2List<F> {
  readonly limit: number;
  readonly position: Position | undefined;
  readonly filters: F;
}

/** The list that is asked for: with a page token its filters, which the request may repeat but not change. */
export function parseV2List<T extends z.ZodMiniType<Filters>>(request: ApiRequest, schema: T): V2List<z.infer<T>> {
  const { limit: _limit, page: _page, ...query } = queryObject(request.query);
  const page = request.query.get('page')?.at(-1);
  const filters = validated(schema, query);
  const list = { limit: parseLimit(request.query.get('limit')?.at(-1)), position: undefined, filters };
  if (page === undefined) return list;
  const token = decodeToken(request, page);
  if (!sameFilters(token.filters, filters))
    throw invalidField('page', "You can't change list filters after the first request: start again without `page`.");
  // Checked like a query: it may be an older version's.
  return { ...list, position: token.position, filters: validated(schema, token.filters) };
}

type CreatedFilters = { readonly [name in keyof typeof createdParameters]?: string | undefined };

export const createdRange = (filters: CreatedFilters): TimeRange =>
  rangeInMilliseconds({
    gt: filters['created[gt]'] ?? filters.gt,
    gte: filters['created[gte]'] ?? filters.gte,
    lt: filters['created[lt]'] ?? filters.lt,
    lte: filters['created[lte]'] ?? filters.lte,
  });
