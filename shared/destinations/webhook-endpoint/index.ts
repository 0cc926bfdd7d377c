import * as z from 'zod/mini';
import type { WebhookDestination } from '../destination.ts';
import type { DestinationType } from '../type.ts';
import { newSecret } from './secrets.ts';
import { urlProblem } from './url.ts';

const Parameters = z.strictObject({ url: z.string() });
const Response = z.strictObject({ signing_secret: z.nullable(z.string()), url: z.nullable(z.string()) });

/** A webhook endpoint: an HTTPS URL of the customer's, with a secret that signs what is sent to it. */
export const webhookEndpoint: DestinationType<WebhookDestination, typeof Parameters, typeof Response> = {
  type: 'webhook_endpoint',
  parameters: Parameters,
  response: Response,

  validateParameters({ url }, livemode) {
    const reason = urlProblem(url, livemode);
    return reason === undefined ? [] : [{ field: 'url', reason }];
  },

  validateEvents: () => [],

  prepare: (_id, { url }, now) => ({
    type: 'webhook_endpoint',
    webhook_endpoint: { url, signing_secrets: [newSecret(now)] },
  }),

  changes: ({ url }) => ({ 'webhook_endpoint.url': url }),

  render: ({ webhook_endpoint: { url, signing_secrets } }, include) => ({
    signing_secret: include.includes('webhook_endpoint.signing_secret') ? (signing_secrets[0]?.secret ?? null) : null,
    url: include.includes('webhook_endpoint.url') ? url : null,
  }),

  // It owns nothing outside.
  create: async (destination) => destination,
  delete: async () => undefined,
  gone: () => undefined,

  /** Nothing can send to webhook endpoints yet: their deliveries wait, and are released when the sender is there. */
  admission: () => ({ hold: 'delivery_not_available' }),

  provisional: false,

  /** The held need a queue to be released to, and until webhooks have their own it is this one; its function holds them. */
  deliveriesQueue: 'DELIVERIES_EVENTBRIDGE_QUEUE_URL',

  /** Never asked for, because every delivery is held. Should it be, the message goes back to its queue. */
  attempt: async (requests) =>
    requests.map(() => ({ kind: 'ours', code: 'DeliveryNotAvailable', message: 'Webhooks cannot be delivered yet' })),
  afterFailure: async () => undefined,
};
