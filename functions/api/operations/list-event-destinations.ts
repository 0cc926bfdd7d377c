import { renderDestination } from '../../../shared/destinations/render.ts';
import { loadAccount } from '../../../shared/destinations/store.ts';
import { checkInclude } from '../include.ts';
import { cut, type Page, pageUrl, parsePage } from '../page.ts';
import type { Operation } from '../request.ts';

/** Newest first. An account has few destinations, so that a page is a part of all of them. */
export const listEventDestinations: Operation = async (request) => {
  const include = checkInclude(request.query, 'limit', 'page');
  const page = parsePage(request.query);
  const { destinations } = await loadAccount(request.account, request.livemode);
  const all = destinations.filter(({ lifecycle }) => lifecycle === 'ready').reverse();
  const { shown, next, previous } = cut(all, page);
  const url = (token: Page['token']) => token && pageUrl(request.path, { ...page, token }, { include });
  return {
    body: {
      data: await Promise.all(
        shown.map((destination) => renderDestination(destination, { version: request.version, include })),
      ),
      next_page_url: url(next) ?? null,
      previous_page_url: url(previous) ?? null,
    },
  };
};
