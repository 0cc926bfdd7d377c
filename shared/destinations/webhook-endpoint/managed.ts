import * as z from 'zod/mini';
import type { WebhookDestination } from '../destination.ts';
import type { ManagedType } from '../type.ts';
import { privateTargets } from './addresses.ts';
import { newSecret, openedSecret, sealedSecret } from './secrets.ts';
import { urlProblem } from './url.ts';

const Parameters = z.strictObject({ url: z.string() });
const Response = z.strictObject({ signing_secret: z.nullable(z.string()), url: z.nullable(z.string()) });

/** The URL of a webhook endpoint, and the secret that signs what is sent to it. */
export const managedWebhook: ManagedType<WebhookDestination, typeof Parameters, typeof Response> = {
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
};
