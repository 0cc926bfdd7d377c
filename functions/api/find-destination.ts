import type { Destination } from '../../shared/destinations/destination.ts';
import { findDestination } from '../../shared/destinations/store.ts';
import { notFound } from '../../shared/http/errors.ts';
import { isId } from '../../shared/ids.ts';
import type { ApiRequest } from './request.ts';

/** The destination of the path, if it is the account's own and neither half made nor half gone. Throws 404. */
export async function requireDestination({ id, account, livemode }: ApiRequest): Promise<Destination> {
  const destination = isId('ed', livemode, id) ? await findDestination({ id, account, livemode }) : undefined;
  if (destination?.lifecycle !== 'ready') throw notFound('v2', 'event destination', id.slice(0, 100));
  return destination;
}
