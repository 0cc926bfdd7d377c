import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cloud } from '../../../local/cloud.ts';
import { registry } from '../../../shared/aws/table.ts';
import { hold } from '../../../shared/deliveries/held.ts';
import { wakeUp } from '../../../shared/deliveries/wake-up.ts';
import { destinationKey, type WebhookDestination } from '../../../shared/destinations/destination.ts';
import { type Health, observed } from '../../../shared/health/health.ts';
import { findHealth, recordHealth } from '../../../shared/health/store.ts';
import { newId } from '../../../shared/ids.ts';
import { ONE_SHARD } from '../../../shared/shards.ts';
import { isoTime, MINUTE } from '../../../shared/time.ts';
import { startEmbeddedAws } from '../../support/embedded-aws.ts';
import { holdNext } from '../../support/hold.ts';

let cloud: Cloud;
let sent: Awaited<ReturnType<typeof startEmbeddedAws>>['sent'];
beforeAll(async () => {
  ({ cloud, sent } = await startEmbeddedAws());
});
afterAll(() => cloud?.close());

const slot = Date.now() - MINUTE;
const OPEN: Health = { state: 'open', failures: 3, timeouts: 0, probes: 0, probe_at: slot, revision: 1 };

/** A destination whose breaker is open, and whose next probe is due. */
async function failingDestination(): Promise<WebhookDestination> {
  const now = Date.now();
  const destination: WebhookDestination = {
    ...{ id: newId('ed', false, now), account: 'acct_1', livemode: false, type: 'webhook_endpoint' },
    ...{ webhook_endpoint: { url: 'https://example.com', signing_secrets: [] }, lifecycle: 'ready', status: 'enabled' },
    ...{ name: 'a', description: '', enabled_events: ['*'], event_payload: 'snapshot', events_from: ['self'] },
    ...{ metadata: {}, metadata_revision: 0, snapshot_api_version: null, disabled_reason: null },
    ...{ created: now, updated: now, delivery_shards: ONE_SHARD },
  };
  await registry().put({ ...destinationKey(destination), ...destination });
  await registry().put({ ...destinationKey(destination), sk: `health#${destination.id}`, ...OPEN });
  return destination;
}

const eventAt = (at: number) => newId('evt', false, at);
const messageOf = ({ id, account }: WebhookDestination, event: string, event_type: string) => ({
  ...{ v: 1 as const, event, event_type, account, event_shard: 0, destination: id, owner: account },
  ...{ livemode: false, attempt: 2 },
});

const wake = ({ id: destination, account: owner, type, livemode }: WebhookDestination) =>
  wakeUp({ v: 1, destination, owner, type, livemode, slot, until: isoTime(slot) });

/** What a batch with a slow failure makes of the health while the breaker is open. */
async function findSlow(destination: WebhookDestination): Promise<void> {
  const before = await findHealth(destination);
  const after = observed(destination.id, before, { succeeded: 0, failed: 1, timedOut: 0, slow: 1 }, Date.now());
  expect(after && (await recordHealth(destination, before, after))).toBe(true);
}

describe('the wake-up in whose slot a round of probes is due', () => {
  it('says when the next one is although the destination was found slow meanwhile, with one round only', async () => {
    const destination = await failingDestination();
    await hold([messageOf(destination, eventAt(Date.now()), 'a')], ONE_SHARD);
    const sending = holdNext(cloud.sqs, 'SendMessageBatch');
    const waking = wake(destination);
    await sending.reached;
    await findSlow(destination);
    sending.release();
    await waking;
    const health = await findHealth(destination);
    expect(health).toMatchObject({ state: 'open', probes: 1, slow: { quick: 0 } });
    expect(health.probe_at).toBeGreaterThan(Date.now());
    expect(await sent()).toHaveLength(1);
  });

  it('lets attempts through when nothing is held although the destination was found slow meanwhile', async () => {
    const destination = await failingDestination();
    const announcing = holdNext(cloud.sqs, 'SendMessage', destination.id);
    const waking = wake(destination);
    await announcing.reached;
    await findSlow(destination);
    announcing.release();
    await waking;
    expect(await findHealth(destination)).toMatchObject({ state: 'half_open', slow: { quick: 0 } });
  });
});
