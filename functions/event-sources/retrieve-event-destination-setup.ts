import type { SetupResponse } from '../../shared/destinations/setup.ts';
import { setupTypes } from '../../shared/destinations/setup-types.ts';
import { ApiError } from '../../shared/http/errors.ts';
import { refreshed } from '../../shared/sources/check.ts';
import { requireDestination } from '../api/find-destination.ts';
import type { Operation } from '../api/request.ts';

/** What is still to be done on the customer's side. Beside the destination, whose shape is Stripe's and closed. */
export const retrieveEventDestinationSetup: Operation = async (request) => {
  const destination = await refreshed(await requireDestination(request));
  const { id, type, livemode } = destination;
  const setup = setupTypes[type]?.setup(destination, request.apiUrl);
  if (!setup)
    throw new ApiError(
      404,
      'not_found',
      `There is nothing to set up in an AWS account for a destination of type '${type}'.`,
    );
  const body: SetupResponse = {
    object: 'v2.core.event_destination.setup',
    event_destination: id,
    livemode,
    ...setup,
  };
  return { body };
};
