import { createDestination } from '../../../shared/destinations/lifecycle.ts';
import { renderDestination } from '../../../shared/destinations/render.ts';
import { parseCreateRequest } from '../../../shared/destinations/request.ts';
import { idempotently } from '../../../shared/idempotency.ts';
import { newId } from '../../../shared/ids.ts';
import { requireDestination } from '../find-destination.ts';
import { idempotentRequest } from '../idempotent-request.ts';
import { type Operation, REPLAYED } from '../request.ts';

export const createEventDestination: Operation = async (request) => {
  const { account, livemode, version } = request;
  const prepare = parseCreateRequest(request.body);
  const once = idempotentRequest(request, () => newId('ed', livemode, Date.now()));
  return idempotently(once, async ({ id, replayed }) => {
    // A repeat answers with the destination as it is now; it must not bring back one that was deleted since.
    if (replayed)
      return { body: renderDestination(await requireDestination({ ...request, id }), version), headers: REPLAYED };
    return { body: renderDestination(await createDestination(prepare({ id, account, livemode })), version) };
  });
};
