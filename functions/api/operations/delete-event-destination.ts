import { deleteDestination } from '../../../shared/destinations/lifecycle.ts';
import { idempotently } from '../../../shared/idempotency.ts';
import { requireDestination } from '../find-destination.ts';
import { idempotentRequest } from '../idempotent-request.ts';
import { type Operation, REPLAYED } from '../request.ts';

export const deleteEventDestination: Operation = (request) =>
  idempotently(
    idempotentRequest(request, () => request.id),
    async ({ id, replayed }) => {
      const body = { id, object: 'v2.core.event_destination' };
      if (replayed) return { body, headers: REPLAYED };
      await deleteDestination(await requireDestination(request));
      return { body };
    },
  );
