import { managedEventBridge } from './amazon-eventbridge/managed.ts';
import type { Destination } from './destination.ts';
import type { ManagedType } from './type.ts';
import { managedWebhook } from './webhook-endpoint/managed.ts';

/** Every destination type, as the API manages it. */
export const managedTypes: Readonly<Record<Destination['type'], ManagedType>> = {
  amazon_eventbridge: managedEventBridge,
  webhook_endpoint: managedWebhook,
};
