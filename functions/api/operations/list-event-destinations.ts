import type { Destination } from '../../../shared/destinations/destination.ts';
import { renderDestination } from '../../../shared/destinations/render.ts';
import { loadAccount } from '../../../shared/destinations/store.ts';
import { checkInclude } from '../include.ts';
import { type Page, pageUrl, parsePage } from '../page.ts';
import type { Operation } from '../request.ts';

/** Newest first. An account has few destinations, so that a page is a part of all of them. */
export const listEventDestinations: Operation = async (request) => {
  const include = checkInclude(request.query);
  const page = parsePage(request.query);
  const { destinations } = await loadAccount(request.account, request.livemode);
  const all = destinations.filter(({ lifecycle }) => lifecycle === 'ready').reverse();
  const { shown, next, previous } = cut(all, page);
  const url = (token: Page['token']) => token && pageUrl(request.path, { ...page, token }, { include });
  return {
    body: {
      data: shown.map((destination) => renderDestination(destination, { version: request.version, include })),
      next_page_url: url(next) ?? null,
      previous_page_url: url(previous) ?? null,
    },
  };
};

/** The page of a list that runs from the newest (largest) id to the oldest. */
function cut(all: readonly Destination[], { limit, token }: Page) {
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
