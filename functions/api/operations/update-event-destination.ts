import { updateDestination } from '../../../shared/destinations/changes.ts';
import { renderDestination } from '../../../shared/destinations/render.ts';
import { changesOf, parseUpdateRequest } from '../../../shared/destinations/update-request.ts';
import { idempotently } from '../../../shared/idempotency.ts';
import { requireDestination } from '../find-destination.ts';
import { idempotentRequest } from '../idempotent-request.ts';
import { type Operation, REPLAYED } from '../request.ts';

/** A repeat that was done before changes nothing, and answers with the destination as it is now. */
export const updateEventDestination: Operation = (request) =>
  idempotently(
    idempotentRequest(request, () => request.id),
    async ({ replayed }) => {
      const found = await requireDestination(request);
      const update = parseUpdateRequest(request.body, found);
      const destination = replayed
        ? found
        : await updateDestination(found, (destination) => changesOf(update, destination));
      const body = await renderDestination(destination, { version: request.version, include: update.include });
      return { body, ...(replayed && { headers: REPLAYED }) };
    },
  );
