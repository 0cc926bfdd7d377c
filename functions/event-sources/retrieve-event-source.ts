import { ApiError } from '../../shared/http/errors.ts';
import { refreshed } from '../../shared/sources/check.ts';
import { renderEventSource } from '../../shared/sources/render.ts';
import { requireDestination } from '../api/find-destination.ts';
import type { Operation } from '../api/request.ts';

/** `GET /v2/core/event_destinations/{id}/event_source`: where the source stands, since when, and how it came there. */
export const retrieveEventSource: Operation = async (request) => {
  const destination = await refreshed(await requireDestination(request));
  if (destination.type === 'amazon_eventbridge') return { body: renderEventSource(destination) };
  throw new ApiError(
    404,
    'not_found',
    `The event destination '${destination.id}' is of type '${destination.type}': only amazon_eventbridge destinations have an event source.`,
  );
};
