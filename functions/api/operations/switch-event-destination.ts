import { disableDestination, enableDestination } from '../../../shared/destinations/changes.ts';
import type { Destination } from '../../../shared/destinations/destination.ts';
import { renderDestination } from '../../../shared/destinations/render.ts';
import { validated } from '../../../shared/http/validation.ts';
import { idempotently } from '../../../shared/idempotency.ts';
import { refreshed } from '../../../shared/sources/check.ts';
import { requireDestination } from '../find-destination.ts';
import { idempotentRequest } from '../idempotent-request.ts';
import { NoParameters } from '../no-parameters.ts';
import { type ApiRequest, type Operation, REPLAYED } from '../request.ts';

export const disableEventDestination: Operation = (request) => switchWith(request, disableDestination);
/** Whether there is still a source to deliver to is not left to the tracker's last look. */
export const enableEventDestination: Operation = (request) =>
  switchWith(request, async (destination) => enableDestination(await refreshed(destination)));

/** One that is as asked for already is left alone, and is a success. */
async function switchWith(request: ApiRequest, to: (destination: Destination) => Promise<Destination>) {
  validated(NoParameters, request.body);
  return idempotently(
    idempotentRequest(request, () => request.id),
    async ({ replayed }) => {
      const found = await requireDestination(request);
      const body = await renderDestination(replayed ? found : await to(found), { version: request.version });
      return { body, ...(replayed && { headers: REPLAYED }) };
    },
  );
}
