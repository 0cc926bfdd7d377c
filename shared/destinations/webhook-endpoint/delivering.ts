import type { WebhookDestination } from '../destination.ts';
import type { DeliveringType } from '../type.ts';
import { attempt } from './attempt.ts';
import { webhookEndpoint } from './index.ts';

/** A webhook endpoint, and how it is delivered to. */
export const deliveringWebhook: DeliveringType<WebhookDestination> = {
  ...webhookEndpoint,
  attempt,
  afterFailure: async () => undefined,
};
