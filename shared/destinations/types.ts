import { amazonEventBridge } from './amazon-eventbridge/index.ts';
import type { Destination } from './destination.ts';
import type { DestinationType } from './type.ts';
import { webhookEndpoint } from './webhook-endpoint/index.ts';

/** Every destination type there is. */
export const destinationTypes: Readonly<Record<Destination['type'], DestinationType>> = {
  amazon_eventbridge: amazonEventBridge,
  webhook_endpoint: webhookEndpoint,
};

export const typeNames = Object.keys(destinationTypes) as Destination['type'][];
