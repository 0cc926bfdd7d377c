import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createAccount, type OwnAccount } from '../support/accounts.ts';
import { createActiveDestination, createDestination } from '../support/main-job.ts';
import { type Platform, startPlatform } from '../support/platform.ts';

let platform: Platform;
let own: OwnAccount;
let publisher: string;
let stripe: ReturnType<Platform['stripe']>;
beforeAll(async () => {
  platform = await startPlatform();
  own = await createAccount(platform);
  stripe = platform.stripe(own.key);
  const created = await platform.admin('keys', 'create', '--account', own.account, '--publish');
  publisher = (created as { secret: string }).secret;
});
afterAll(() => platform?.close());

/** A webhook endpoint that nobody answers at. */
const endpoint = (type: string, key = own.key) =>
  createDestination(
    platform,
    {
      type: 'webhook_endpoint',
      enabled_events: [type],
      amazon_eventbridge: undefined,
      webhook_endpoint: { url: 'https://receiver.invalid/hook' },
    },
    undefined,
    key,
  );

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
