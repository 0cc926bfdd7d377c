import type { OperationName, PublicRoute } from '../../routes.ts';
import type { OperationDescription } from '../description.ts';
import { deliveryOperations } from './deliveries.ts';
import { echoOperations, eventDestinationOperations } from './event-destinations.ts';
import { eventResendOperations } from './event-resends.ts';
import { eventOperations } from './events.ts';
import { testHelperOperations } from './test-helpers.ts';

/** A route without a description does not compile. */
export const operationDescriptions: Readonly<Record<OperationName, OperationDescription>> = {
  ...eventDestinationOperations,
  ...eventOperations,
  ...deliveryOperations,
  ...eventResendOperations,
  ...testHelperOperations,
};

export const publicOperationDescriptions: Readonly<Record<PublicRoute['operation'], OperationDescription>> =
  echoOperations;
