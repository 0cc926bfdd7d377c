import { describe, expect, it } from 'vitest';
import type { WebhookDestination } from '../../../shared/destinations/destination.ts';
import { activeSecrets, newSecret, rolled } from '../../../shared/destinations/webhook-endpoint/secrets.ts';
import { ONE_SHARD } from '../../../shared/shards.ts';

const HOUR = 3_600_000;

const withSecrets = (
  signing_secrets: WebhookDestination['webhook_endpoint']['signing_secrets'],
): WebhookDestination => ({
  id: 'ed_1',
  account: 'acct_1',
  livemode: true,
  lifecycle: 'ready',
  name: 'Endpoint',
  description: '',
  enabled_events: ['*'],
  event_payload: 'snapshot',
  events_from: ['self'],
  metadata: {},
  metadata_revision: 0,
  snapshot_api_version: null,
  status: 'enabled',
  disabled_reason: null,
  created: 0,
  updated: 0,
  delivery_shards: ONE_SHARD,
  type: 'webhook_endpoint',
  webhook_endpoint: { url: 'https://example.com', signing_secrets },
});
const signs = (secrets: ReturnType<typeof rolled>, now: number) =>
  activeSecrets(withSecrets(secrets), now).map(({ secret }) => secret);

describe('the signing secrets of a webhook endpoint', () => {
  const first = newSecret(0);

  it('are one without an end, until it is rolled', () => {
    expect(first).toEqual({ secret: expect.stringMatching(/^whsec_[A-Za-z0-9]{32}$/), created: 0, expires: null });
    expect(signs([first], 1000 * HOUR)).toEqual([first.secret]);
  });

  it('sign side by side during an overlap, the newest first, and then the newest alone', () => {
    const secrets = rolled([first], HOUR, 3 * HOUR);
    const [second] = secrets;
    expect(second).toMatchObject({ created: HOUR, expires: null });
    expect(signs(secrets, 3 * HOUR - 1)).toEqual([second?.secret, first.secret]);
    expect(signs(secrets, 3 * HOUR)).toEqual([second?.secret]);
  });

  it('end at once when the overlap is none, those of an earlier overlap too', () => {
    const overlapping = rolled([first], HOUR, 24 * HOUR);
    expect(rolled(overlapping, 2 * HOUR, 2 * HOUR)).toHaveLength(1);
  });

  it('keep the end that an earlier roll gave them, and are dropped when it has passed', () => {
    const twice = rolled(rolled([first], 0, HOUR), HOUR / 2, 24 * HOUR);
    expect(twice.map(({ expires }) => expires)).toEqual([null, 24 * HOUR, HOUR]);
    expect(rolled(twice, 2 * HOUR, 20 * HOUR).map(({ expires }) => expires)).toEqual([null, 20 * HOUR, 20 * HOUR]);
  });
});
