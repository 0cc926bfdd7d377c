import { parseCreateRequest } from '../../../shared/destinations/create-request.ts';
import type { Destination } from '../../../shared/destinations/destination.ts';
import { createDestination } from '../../../shared/destinations/lifecycle.ts';
import { renderDestination } from '../../../shared/destinations/render.ts';
import { asRolledBy } from '../../../shared/destinations/webhook-endpoint/roll.ts';
import { idempotently } from '../../../shared/idempotency.ts';
import { newId } from '../../../shared/ids.ts';
import { requireDestination } from '../find-destination.ts';
import { idempotentRequest } from '../idempotent-request.ts';
import { type Operation, REPLAYED } from '../request.ts';

export const createEventDestination: Operation = async (request) => {
  const { account, livemode, version } = request;
  const { prepare, include } = parseCreateRequest(request.body, livemode);
  const once = idempotentRequest(request, () => newId('ed', livemode, Date.now()));
  return idempotently(once, async ({ id, replayed }) => {
    // A repeat answers with the destination as it is now; it must not bring back one that was deleted since. It shows the
    // signing secret, too, a client whose first answer was lost would otherwise never learn it; but not one of a later roll.
    const destination = replayed
      ? withFirstSecret(await requireDestination({ ...request, id }))
      : await createDestination(await prepare({ id, account, livemode }));
    return { body: await renderDestination(destination, { version, include }), ...(replayed && { headers: REPLAYED }) };
  });
};

const withFirstSecret = (destination: Destination): Destination =>
  destination.type === 'webhook_endpoint' ? asRolledBy(destination, undefined) : destination;
