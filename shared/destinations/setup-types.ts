import { eventBridgeSetup } from './amazon-eventbridge/setup/index.ts';
import type { Destination } from './destination.ts';
import type { SetupType } from './type.ts';

/** The destination types that need something on the customer's side. */
export const setupTypes: { readonly [T in Destination['type']]?: SetupType } = {
  amazon_eventbridge: eventBridgeSetup,
};
