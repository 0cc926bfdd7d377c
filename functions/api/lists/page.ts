import { invalidField } from '../../../shared/http/errors.ts';
import { timeOf } from '../../../shared/ids.ts';
import { type Collected, type Found, READ_BUDGET } from '../../../shared/lists/collect.ts';
import type { Position } from '../../../shared/lists/stretch.ts';
import { isoTime } from '../../../shared/time.ts';
import type { ApiRequest } from '../request.ts';
import { encodeToken, type Filters } from './page-token.ts';

/** Lambda answers with at most 6 MB, in which every quote of a body takes two bytes. */
const MAX_PAGE_BYTES = 2_500_000;

export interface ListPage {
  /** Newest first. */
  readonly shown: readonly { readonly id: string; readonly body: unknown }[];
  /** Where it goes on in the direction in which it was read, if it does. */
  readonly goesOnAfter?: string | undefined;
}

/**
 * The page as it is shown. One that found nothing within the budget and may go on is refused: the SDKs throw, or stop
 * early, on an empty page that claims more.
 */
export function toPage<T extends Found>(
  { hits, goesOnAfter, exhausted }: Collected<T>,
  position: Position | undefined,
  render: (hit: T) => unknown,
): ListPage {
  if (exhausted && hits.length === 0 && goesOnAfter) throw foundNothing(goesOnAfter);
  const shown: { id: string; body: unknown }[] = [];
  let bytes = 0;
  for (const hit of hits) {
    const body = render(hit);
    bytes += Buffer.byteLength(JSON.stringify(body));
    if (bytes > MAX_PAGE_BYTES && shown.length > 0) break;
    shown.push({ id: hit.id, body });
  }
  const cut = shown.length < hits.length;
  const end = cut ? shown.at(-1)?.id : goesOnAfter;
  return { shown: position?.direction === 'newer' ? shown.reverse() : shown, goesOnAfter: end };
}

const foundNothing = (lookedTo: string) =>
  invalidField(
    'created',
    `Nothing matches among the first ${READ_BUDGET} that were read, as far as ${isoTime(timeOf(lookedTo))}. Narrow \`created\` to the time that you look for, or go on from there.`,
  );

interface Listing {
  readonly limit: number;
  readonly position: Position | undefined;
  readonly filters: Filters;
}

/** API v2: both URLs are relative to the origin, and have everything baked in, because the SDKs request them as they are. */
export function v2Page(request: ApiRequest, { limit, position, filters }: Listing, { shown, goesOnAfter }: ListPage) {
  const url = (to: Position | undefined) =>
    to
      ? `${request.path}?${new URLSearchParams({ page: encodeToken(request, { position: to, filters }), limit: String(limit) })}`
      : null;
  const toward = (direction: Position['direction'], id: string | undefined) => url(id ? { direction, id } : undefined);
  const newer = position?.direction === 'newer';
  return {
    data: shown.map(({ body }) => body),
    // Where a page came from there is more by itself.
    next_page_url: toward('older', newer ? shown.at(-1)?.id : goesOnAfter),
    previous_page_url: toward('newer', newer ? goesOnAfter : position && shown[0]?.id),
  };
}
