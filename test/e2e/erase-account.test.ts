import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRecord } from '../../local/fields.ts';
import { createAccount, type OwnAccount } from '../support/accounts.ts';
import { createActiveDestination, createDestination } from '../support/main-job.ts';
import { type Platform, startPlatform } from '../support/platform.ts';
import { answer, createWebhook, type Receiver, startReceiver } from '../support/receiver.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const EVENTS_QUEUE = 'arn:aws:sqs:us-east-1:000000000000:event-destinations-dev-events';
const TABLES = ['event-destinations-dev-registry', 'event-destinations-dev-ledger'];

let platform: Platform;
let receiver: Receiver;
let erased: OwnAccount;
let other: OwnAccount;
beforeAll(async () => {
  platform = await startPlatform();
  receiver = await startReceiver();
  receiver.answering = answer(500);
  erased = await createAccount(platform);
  // Its id begins with that of the other.
  const { id } = (await platform.admin('accounts', 'create', `${erased.account}0`)) as { id: string };
  const { secret } = (await platform.admin('keys', 'create', '--account', id)) as { secret: string };
  other = { account: id, key: secret };
  const used = [await use(erased), await use(other)];
  // Until a webhook was tried twice.
  await platform.skip(7 * MINUTE);
  for (const one of used) await resendAndDelete(one);
  await platform.skip(2 * SECOND);
});
afterAll(async () => {
  await platform.close();
  await receiver.close();
});

/** Leaves something of every kind: delivered, failing, held and skipped events, a bulk resend, a rejected one. */
async function use({ account, key }: OwnAccount): Promise<Used> {
  const type = { enabled_events: ['customer.created'] };
  const { destination: active } = await createActiveDestination(platform, type, 'us-east-1', key);
  await createDestination(platform, type, 'us-east-1', key);
  await createWebhook(platform, receiver.url, type, key);
  const gone = await createDestination(platform, type, 'us-east-1', key);
  const detail = { account, livemode: false, data: { object: { id: `cus_of_${account}` } } };
  for (const type of ['customer.created', 'customer.created', 'Nonsense'])
    await platform.cloud.sqs.send(EVENTS_QUEUE, { body: JSON.stringify({ 'detail-type': type, detail }) });
  return { key, active: active.id, gone: gone.id };
}

interface Used {
  readonly key: string;
  readonly active: string;
  readonly gone: string;
}

async function resendAndDelete({ key, active, gone }: Used): Promise<void> {
  await platform.stripe(key).v2.core.eventDestinations.del(gone);
  const body = { event_destination: active, event_created: { gte: '2026-11-21T00:00:00Z' } };
  expect((await platform.request('POST', '/v2/core/event_resends', { key, body })).status).toBe(200);
}

/** Every item that says the account's id, or one of those ids, anywhere; as text. */
async function itemsSaying(...ids: string[]): Promise<string[]> {
  const found: string[] = [];
  for (const TableName of TABLES) {
    const page = await platform.cloud.dynamodb.call('Scan', { TableName });
    for (const item of isRecord(page) && Array.isArray(page.Items) ? page.Items : []) {
      const text = JSON.stringify(item);
      // An id that another begins with is not meant.
      if (ids.some((id) => new RegExp(`${id}(?![0-9A-Za-z])`).test(text))) found.push(text);
    }
  }
  return found.sort();
}

const destinationsIn = (items: readonly string[]) => [
  ...new Set(items.flatMap((item) => item.match(/ed_test_\w{26}/g) ?? [])),
];

describe('erasing an account', () => {
  it('only counts until it is confirmed by the account’s own id', async () => {
    const before = await itemsSaying(erased.account);
    expect(await platform.admin('accounts', 'erase', erased.account)).toMatchObject({
      erased: false,
      registry: { account: 2, key: 1, event_destinations: 3, tombstone: 1, 'source-name': 3 },
      // Two that were published, and one about a destination; the keys of the SDK are idempotency keys as well.
      ledger: {
        events: 3,
        deliveries: 8,
        attempts: expect.any(Number),
        // What a batch held shares an item.
        held: expect.any(Number),
        idempotency: expect.any(Number),
        resends: 1,
        rejected: 1,
      },
      next: expect.stringContaining(`--confirm ${erased.account}`),
    });
    await expect(platform.admin('accounts', 'erase', erased.account, '--confirm', other.account)).rejects.toThrow(
      'nothing was erased',
    );
    expect(await itemsSaying(erased.account)).toEqual(before);
  });

  it('leaves nothing but its own record: no key, destination, event source, event or delivery; and all of another account', async () => {
    const ids = destinationsIn(await itemsSaying(erased.account));
    expect(ids.length).toBeGreaterThanOrEqual(4);
    const others = await itemsSaying(other.account, ...destinationsIn(await itemsSaying(other.account)));
    const erase = () => platform.admin('accounts', 'erase', erased.account, '--confirm', erased.account);
    expect(await erase()).toMatchObject({ erased: true, ledger: { events: 3 } });
    const { status } = await platform.request('GET', '/v1/events', { key: erased.key });
    expect(status).toBe(401);
    const { EventSources = [] } = await platform.customer().listSources();
    // Of a source that had an event bus, the customer sees that it is deleted.
    const sources = EventSources.filter(({ State }) => State !== 'DELETED').map(({ Name }) => Name?.split('/').at(-1));
    expect(sources.filter((id) => ids.includes(String(id)))).toEqual([]);
    expect(sources).toHaveLength(2);

    // What was on its way ends, and leaves its traces for the second run.
    await platform.skip(16 * MINUTE);
    expect(await erase()).toMatchObject({ erased: true, registry: {} });
    expect(await erase()).toMatchObject({ registry: {}, ledger: {} });
    expect(await itemsSaying(erased.account, ...ids)).toEqual([expect.stringContaining('erasures')]);
    const left = await itemsSaying(other.account, ...destinationsIn(await itemsSaying(other.account)));
    expect(left.length).toBeGreaterThanOrEqual(others.length);
    const { body } = await platform.request('GET', '/v1/events', { key: other.key });
    expect(body.data).toHaveLength(2);
  });
});
