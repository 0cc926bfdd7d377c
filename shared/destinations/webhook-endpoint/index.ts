import * as z from 'zod/mini';
import type { WebhookDestination } from '../destination.ts';
import type { DestinationType } from '../type.ts';
import { privateTargets } from './addresses.ts';
import { attempt } from './attempt.ts';
import { newSecret, openedSecret, sealedSecret } from './secrets.ts';
import { urlProblem } from './url.ts';

const Parameters = z.strictObject({ url: z.string() });
const Response = z.strictObject({ signing_secret: z.nullable(z.string()), url: z.nullable(z.string()) });

/** A webhook endpoint: an HTTPS URL of the customer's, with a secret that signs what is sent to it. */
export const webhookEndpoint: DestinationType<WebhookDestination, typeof Parameters, typeof Response> = {
  type: 'webhook_endpoint',
  parameters: Parameters,
  response: Response,

  validateParameters({ url }, livemode) {
    const reason = urlProblem(url, livemode, privateTargets());
    return reason === undefined ? [] : [{ field: 'url', reason }];
  },

  validateEvents: () => [],

  prepare: async (id, { url }, now) => ({
    type: 'webhook_endpoint',
    webhook_endpoint: { url, signing_secrets: [await sealedSecret(newSecret(now), id)] },
  }),

  changes: ({ url }) => ({ 'webhook_endpoint.url': url }),

  async render({ id, webhook_endpoint: { url, signing_secrets } }, include) {
    const [newest] = include.includes('webhook_endpoint.signing_secret') ? signing_secrets : [];
    return {
      signing_secret: newest ? await openedSecret(newest, id) : null,
      url: include.includes('webhook_endpoint.url') ? url : null,
    };
  },

  // It owns nothing outside.
  create: async (destination) => destination,
  delete: async () => undefined,
  gone: () => undefined,

  admission: () => ({ admit: true }),

  provisional: false,
  deliveriesQueue: 'DELIVERIES_WEBHOOK_QUEUE_URL',
  slowQueue: 'SLOW_WEBHOOK_QUEUE_URL',
  attempt,
  afterFailure: async () => undefined,
};
