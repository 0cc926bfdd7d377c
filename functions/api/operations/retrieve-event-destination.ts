import { renderDestination } from '../../../shared/destinations/render.ts';
import { refreshed } from '../../../shared/sources/check.ts';
import { requireDestination } from '../find-destination.ts';
import { checkInclude } from '../include.ts';
import type { Operation } from '../request.ts';

export const retrieveEventDestination: Operation = async (request) => {
  const include = checkInclude(request.query);
  const destination = await refreshed(await requireDestination(request));
  return { body: await renderDestination(destination, { version: request.version, include }) };
};
