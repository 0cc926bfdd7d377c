import type { WebhookDestination } from '../destination.ts';
import type { DestinationType } from '../type.ts';

/** A webhook endpoint: an HTTPS URL of the customer's, with a secret that signs what is sent to it. It owns nothing outside. */
export const webhookEndpoint: DestinationType<WebhookDestination> = {
  type: 'webhook_endpoint',
  gone: () => undefined,
  admission: () => ({ admit: true }),
  provisional: false,
  deliveriesQueue: 'DELIVERIES_WEBHOOK_QUEUE_URL',
  slowQueue: 'SLOW_WEBHOOK_QUEUE_URL',
};
