import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createAccount, type OwnAccount } from '../support/accounts.ts';
import { createActiveDestination } from '../support/main-job.ts';
import { type Platform, startPlatform } from '../support/platform.ts';
import { answer, createWebhook, type Receiver, startReceiver } from '../support/receiver.ts';

let platform: Platform;
let own: OwnAccount;
let publisher: string;
let stripe: ReturnType<Platform['stripe']>;
/** It takes nothing but what comes to `/good`. */
let receiver: Receiver;
beforeAll(async () => {
  platform = await startPlatform();
  receiver = await startReceiver();
  receiver.answering = (request, response) => answer(request.path === '/good' ? 200 : 500)(request, response);
  own = await createAccount(platform);
  stripe = platform.stripe(own.key);
  const created = await platform.admin('keys', 'create', '--account', own.account, '--publish');
  publisher = (created as { secret: string }).secret;
});
afterAll(async () => {
  await platform?.close();
  await receiver?.close();
});

const endpoint = (type: string, url = receiver.url) =>
  createWebhook(platform, url, { enabled_events: [type] }, own.key);

async function publish(type: string, count = 1): Promise<string[]> {
  const events = Array.from({ length: count }, () => ({ type, data: { object: {} } }));
  const { body } = await platform.request('POST', '/v1/events', { key: publisher, body: { events } });
  await platform.cloud.clock.advance(2_000);
  return body.data.map(({ id }: { id: string }) => id);
}

const pendingOf = async (id: string) => (await stripe.events.retrieve(id)).pending_webhooks;

describe('pending_webhooks', () => {
  it('counts the webhook endpoints that do not have the event, and no others', async () => {
    await endpoint('some.waiting');
    await endpoint('some.waiting');
    await endpoint('another.type');
    const disabled = await endpoint('some.waiting');
    await stripe.v2.core.eventDestinations.disable(disabled.id);
    const [id = ''] = await publish('some.waiting');
    expect(await pendingOf(id)).toBe(2);
    const { data } = await stripe.events.list({ type: 'some.waiting' });
    expect(data.map(({ pending_webhooks }) => pending_webhooks)).toEqual([2]);
  });

  it('is in a delivery how many the event is meant for, at every attempt, and on reads how many lack it', async () => {
    await endpoint('some.delivered', `${receiver.url}/good`);
    await endpoint('some.delivered');
    receiver.requests.length = 0;
    const [id = ''] = await publish('some.delivered');
    // The retries of test mode take a few hours.
    await platform.skip(3 * 3_600_000);
    const said = receiver.requests.map(({ body }) => JSON.parse(body)).filter((event) => event.id === id);
    expect(said.length).toBeGreaterThanOrEqual(3);
    expect(new Set(said.map(({ pending_webhooks }) => pending_webhooks))).toEqual(new Set([2]));
    expect(await pendingOf(id)).toBe(1);
  });

  it('is 0 without any, and in the envelopes of EventBridge', async () => {
    const { collector } = await createActiveDestination(
      platform,
      { enabled_events: ['some.bridged', 'only.bridged'] },
      'us-east-1',
      own.key,
    );
    await endpoint('some.bridged');
    const [id = ''] = await publish('some.bridged');
    const [other = ''] = await publish('only.bridged');
    expect(await pendingOf(id)).toBe(1);
    expect(await pendingOf(other)).toBe(0);
    const envelopes = await collector.received();
    expect(envelopes.map(({ detail }) => detail.pending_webhooks)).toEqual([0, 0]);
  });

  it('costs a list the reads of those deliveries, for the events that it shows', async () => {
    await endpoint('some.listed');
    await endpoint('some.listed');
    await publish('some.listed', 10);
    const keys = vi.spyOn(platform.cloud.dynamodb, 'handle');
    const { data } = await stripe.events.list({ limit: 3 });
    const read = keys.mock.calls.flatMap(([operation, input]) =>
      operation === 'BatchGetItem' ? Object.values((input as BatchGet).RequestItems).flatMap(({ Keys }) => Keys) : [],
    );
    keys.mockRestore();
    expect(data.map(({ pending_webhooks }) => pending_webhooks)).toEqual([2, 2, 2]);
    // Three events and the one that says that the list goes on, two endpoints each.
    expect(read).toHaveLength(8);
  });
});

interface BatchGet {
  readonly RequestItems: Record<string, { readonly Keys: readonly unknown[] }>;
}
