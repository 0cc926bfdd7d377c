import { DeliveriesQuery } from '../../../events/list-deliveries.ts';
import type { OperationDescription } from '../description.ts';
import * as examples from '../examples.ts';
import { parametersOf, V2_CREATED, V2_PAGE } from '../parameters.ts';

const tag = 'Deliveries';
const answer = {
  schema: 'DeliveryList',
  description: 'The deliveries, each with its attempts.',
  example: examples.v2Page(examples.delivery),
} as const;

export const deliveryOperations = {
  listDestinationDeliveries: {
    tag,
    summary: 'List the deliveries of an event destination, of the newest event first',
    description:
      'Also of one that was deleted. A delivery whose first attempt is still to come is not in the list yet.',
    query: [...V2_PAGE, ...parametersOf(DeliveriesQuery, { ...V2_CREATED, status: 'Of this status.' })],
    answer,
    errors: [],
  },
  listEventDeliveries: {
    tag,
    summary: 'List the deliveries of an event to the account’s own destinations',
    answer,
    errors: [],
  },
} as const satisfies Record<string, OperationDescription>;
