import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cloud } from '../../../local/cloud.ts';
import { ledger, registry } from '../../../shared/aws/table.ts';
import { deliverBatch } from '../../../shared/deliveries/deliver.ts';
import { destinationKey, type WebhookDestination } from '../../../shared/destinations/destination.ts';
import type { DeliveringType, Outcome } from '../../../shared/destinations/type.ts';
import { webhookEndpoint } from '../../../shared/destinations/webhook-endpoint/index.ts';
import { packContent } from '../../../shared/events/codec.ts';
import { insertEvent } from '../../../shared/events/store.ts';
import { forgetHealth } from '../../../shared/health/forget.ts';
import { type Health, type Seen, WELL } from '../../../shared/health/health.ts';
import { observe } from '../../../shared/health/observe.ts';
import { findHealth, recordHealth } from '../../../shared/health/store.ts';
import { newId } from '../../../shared/ids.ts';
import { HOUR, MINUTE } from '../../../shared/time.ts';
import { startEmbeddedAws } from '../../support/embedded-aws.ts';
import { webhookDestination } from '../../support/webhook-destination.ts';

let cloud: Cloud;
beforeAll(async () => {
  ({ cloud } = await startEmbeddedAws());
});
afterAll(() => cloud?.close());

async function destinationWith(health: Health = WELL): Promise<WebhookDestination> {
  const destination = webhookDestination(Date.now());
  await registry().put({ ...destinationKey(destination), ...destination });
  if (health !== WELL) await recordHealth(destination, WELL, health);
  return destination;
}

const timedOut: Seen = { succeeded: 0, failed: 5, timedOut: 5, slow: 5 };

describe('what a batch sees of a destination', () => {
  it.each([
    { was: 'failing', health: { ...WELL, failures: 5, timeouts: 1, failing_since: Date.now(), revision: 1 } },
    { was: 'well', health: WELL },
  ])('is not counted when it began before a new URL, or before it was enabled: it was $was', async ({ health }) => {
    const destination = await destinationWith(health);
    const read = await findHealth(destination);
    await forgetHealth(destination);
    for (let batch = 0; batch < 3; batch += 1)
      expect(await observe(destination, read, timedOut)).toMatchObject(WELL_ANEW);
    expect(await findHealth(destination)).toMatchObject(WELL_ANEW);
    const fresh = await findHealth(destination);
    expect(await observe(destination, fresh, timedOut)).toMatchObject({ failures: 5, timeouts: 1 });
  });

  it('counts for each of two that ran side by side', async () => {
    const destination = await destinationWith();
    const read = await findHealth(destination);
    await observe(destination, read, timedOut);
    expect(await observe(destination, read, timedOut)).toMatchObject({ state: 'open', timeouts: 2 });
  });

  it('puts the first probe off for as long as the receiver asks', async () => {
    const since = Date.now() - 3 * MINUTE;
    const destination = await destinationWith({ ...WELL, failures: 2, failing_since: since, revision: 1 });
    const asked = Date.now() + 3 * HOUR;
    const busy: Outcome = { kind: 'failed', reason: 'HTTP 429', message: '', durationMs: 1, retryAfter: asked };
    const receiver: DeliveringType = {
      ...webhookEndpoint,
      attempt: async (requests) => requests.map(() => busy),
      afterFailure: async () => undefined,
    };
    expect(await deliverBatch(receiver, [await received(destination)])).toEqual([]);
    const { state, probe_at = 0 } = await findHealth(destination);
    expect(state).toBe('open');
    expect(probe_at).toBeGreaterThanOrEqual(asked);
    expect(probe_at).toBeLessThan(asked + HOUR);
  });
});

describe('a breaker whose receiver asks for more time than until the next probe', () => {
  it('has a wake-up started for it before it says so', async () => {
    const probe_at = Date.now() + 10 * MINUTE;
    const destination = await destinationWith({ ...WELL, state: 'open', failures: 3, probe_at, revision: 1 });
    const asked = Date.now() + 2 * HOUR;
    const after = await observe(destination, await findHealth(destination), {
      ...{ succeeded: 0, failed: 1, timedOut: 0, slow: 0, retryAfter: asked },
    });
    expect(after.probe_at).toBeGreaterThanOrEqual(asked);
    expect(await ledger().get({ pk: `${destination.id}#slot#${after.probe_at}`, sk: 'started' })).toBeDefined();
  });
});

const WELL_ANEW = { state: 'closed', failures: 0, timeouts: 0 };

/** The first message of an event of its. */
async function received({ id: destination, account, livemode }: WebhookDestination) {
  const content = { type: 'a', data: { object: {} } };
  const event = newId('evt', livemode, Date.now());
  const recorded = { id: event, account, livemode, created: Date.now(), payload: 'snapshot' as const, content };
  await insertEvent({ event: recorded, destinations: [] }, packContent(content), 0);
  const message = { v: 1, event, event_type: 'a', account, event_shard: 0, destination, owner: account, livemode };
  return {
    ...{ id: event, body: JSON.stringify({ ...message, attempt: 1 }), receiptHandle: event },
    ...{ receiveCount: 1, sentAt: Date.now(), seenBefore: false },
  };
}
