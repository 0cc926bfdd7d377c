import { deleteDestination } from '../../../shared/destinations/lifecycle.ts';
import { findDestination } from '../../../shared/destinations/store.ts';
import { wasDeleted } from '../../../shared/destinations/tombstone.ts';
import { idempotently } from '../../../shared/idempotency.ts';
import { isId } from '../../../shared/ids.ts';
import { requireDestination } from '../find-destination.ts';
import { idempotentRequest } from '../idempotent-request.ts';
import { type ApiRequest, type Operation, REPLAYED } from '../request.ts';

export const deleteEventDestination: Operation = (request) =>
  idempotently(
    idempotentRequest(request, () => request.id),
    async ({ id, replayed, repeated }) => {
      const body = { id, object: 'v2.core.event_destination' };
      if (replayed || (repeated && (await wasDeleted(request)))) return { body, headers: REPLAYED };
      await deleteDestination(repeated ? await requireLeft(request) : await requireDestination(request));
      return { body };
    },
  );

/** A repeat of a deletion that stopped half-way finds what is left of the destination. */
async function requireLeft(request: ApiRequest) {
  const left = isId('ed', request.livemode, request.id) ? await findDestination(request) : undefined;
  return left?.lifecycle === 'deleting' ? left : requireDestination(request);
}
