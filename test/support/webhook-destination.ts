import type { WebhookDestination } from '../../shared/destinations/destination.ts';
import { newId } from '../../shared/ids.ts';
import { ONE_SHARD } from '../../shared/shards.ts';

/** A webhook endpoint as it is kept, for tests below the API. */
export const webhookDestination = (
  now: number,
  signing_secrets: WebhookDestination['webhook_endpoint']['signing_secrets'] = [],
): WebhookDestination => ({
  ...{ id: newId('ed', false, now), account: 'acct_1', livemode: false, type: 'webhook_endpoint' },
  ...{ webhook_endpoint: { url: 'https://example.com', signing_secrets }, lifecycle: 'ready', status: 'enabled' },
  ...{ name: 'a', description: '', enabled_events: ['*'], event_payload: 'snapshot', events_from: ['self'] },
  ...{ metadata: {}, metadata_revision: 0, snapshot_api_version: null, disabled_reason: null },
  ...{ created: now, updated: now, delivery_shards: ONE_SHARD },
});
