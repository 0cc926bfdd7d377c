import { renderDestination } from '../../../shared/destinations/render.ts';
import { checkSource } from '../../../shared/sources/check.ts';
import { isStale } from '../../../shared/sources/source.ts';
import { requireDestination } from '../find-destination.ts';
import { checkInclude } from '../include.ts';
import type { Operation } from '../request.ts';

/** A reader of a status that is older than the tracker's cycle gets a fresh one. */
export const retrieveEventDestination: Operation = async (request) => {
  checkInclude(request.query);
  const found = await requireDestination(request);
  const destination = isStale(found.source, Date.now()) ? await checkSource(found) : found;
  return { body: renderDestination(destination, request.version) };
};
