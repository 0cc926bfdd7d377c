import { randomBytes } from 'node:crypto';
import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAccount, type OwnAccount } from '../support/accounts.ts';
import { type Platform, startPlatform } from '../support/platform.ts';

const SECOND = 1000;
const DAY = 24 * 3600 * SECOND;

let platform: Platform;
let own: OwnAccount;
let other: OwnAccount;
/** What was published for the account, oldest first. */
const published: Published[] = [];

interface Published {
  readonly name: string;
  readonly type: string;
  readonly object: string;
  readonly at: number;
}

const SNAPSHOT_TYPES = ['customer.created', 'customer.updated', 'customer.subscription.created', 'invoice.paid'];
const DAYS = 5;
const SNAPSHOT_A_DAY = 52;
const THIN_A_DAY = 52;

beforeAll(async () => {
  platform = await startPlatform();
  own = await createAccount(platform);
  other = await createAccount(platform);
  await spread(own, new Date(now() + 6 * DAY).toISOString().slice(0, 10), 3);
  for (let day = 0; day < DAYS; day += 1) {
    await publish(
      own,
      Array.from({ length: SNAPSHOT_A_DAY }, (_, index) => snapshot(day, index)),
    );
    // Two instants a day, so that a time between them parts the day's events.
    await platform.cloud.clock.advance(10 * SECOND);
    await publish(
      own,
      Array.from({ length: THIN_A_DAY }, (_, index) => thin(day, index)),
    );
    await publish(other, [{ ...snapshot(day, 0), name: `other_${day}` }]);
    await platform.cloud.clock.advance(10 * SECOND);
    // Two days without an event, so that lists have empty days to cross.
    await platform.skip(3 * DAY);
  }
}, 120_000);
afterAll(() => platform?.close());

const now = () => platform.cloud.clock.now();
const snapshot = (day: number, index: number): Published => ({
  name: `snapshot_${day}_${index}`,
  type: SNAPSHOT_TYPES[index % SNAPSHOT_TYPES.length] ?? '',
  object: `cus_${index % 13}`,
  at: now(),
});
const thin = (day: number, index: number): Published => ({
  name: `thin_${day}_${index}`,
  type: index % 4 === 0 ? 'v1.invoice.paid' : 'v1.customer.created',
  object: `cus_${index % 13}`,
  at: now(),
});

/** As an operator does for a busy account: from a day on its events are spread over more partitions. */
async function spread({ account }: OwnAccount, from: string, shards: number): Promise<void> {
  const entry = (day: string, count: number) => ({ M: { from: { S: day }, shards: { N: String(count) } } });
  await new DynamoDBClient(ownAccess()).send(
    new UpdateItemCommand({
      TableName: platform.cloud.outputs['event-destinations-dev-registry']?.RegistryTable,
      Key: { pk: { S: `${account}#test` }, sk: { S: 'account' } },
      UpdateExpression: 'SET event_shards = :history',
      ExpressionAttributeValues: { ':history': { L: [entry('1970-01-01', 1), entry(from, shards)] } },
    }),
  );
}

/** The service's own AWS account. */
const ownAccess = () => ({
  region: 'us-east-1',
  endpoint: platform.cloud.awsUrl,
  credentials: { accessKeyId: '000000000000', secretAccessKey: 'local' },
});

/** By the queue door, which takes ten at once. */
async function publish({ account }: OwnAccount, events: readonly Published[]): Promise<void> {
  const sqs = new SQSClient({ ...ownAccess(), useQueueUrlAsEndpoint: false });
  const QueueUrl = platform.cloud.outputs['event-destinations-dev-ingest']?.EventsQueueUrl;
  const entries = events.map((event, index) => ({
    Id: String(index),
    MessageBody: messageOf(account, event),
    MessageGroupId: account,
  }));
  for (let at = 0; at < entries.length; at += 10)
    await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: entries.slice(at, at + 10) }));
  if (account === own.account) published.push(...events);
}

function messageOf(account: string, { name, type, object, at }: Published): string {
  const content = type.startsWith('v1.')
    ? { related_object: { id: object, type: 'customer', url: `/v1/customers/${object}` }, data: { name } }
    : { data: { object: { id: object, name } } };
  const detail = { account, livemode: false, ...content };
  return JSON.stringify({ id: name, time: new Date(at).toISOString(), 'detail-type': type, detail });
}

const sorted = (names: readonly unknown[]) => names.map(String).sort();
const namesOf = (events: readonly Published[]) => sorted(events.map(({ name }) => name));
const snapshotNames = (where: (event: Published) => boolean = () => true) =>
  namesOf(published.filter((event) => event.name.startsWith('snapshot') && where(event)));
const thinNames = (where: (event: Published) => boolean = () => true) =>
  namesOf(published.filter((event) => event.name.startsWith('thin') && where(event)));

// biome-ignore lint/suspicious/noExplicitAny: events of every type, looked into as they were published
const nameIn = (event: any): string => event.data.object?.name ?? event.data.name;

async function all<T>(list: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of list) found.push(one);
  return found;
}

const stripe = () => platform.stripe(own.key);
const v1 = (params: Stripe.EventListParams = {}) => all(stripe().events.list({ limit: 100, ...params }));
const v2 = (params: Stripe.V2.Core.EventListParams = {}) =>
  all(stripe().v2.core.events.list({ limit: 100, ...params }));
/** The SDK's type says number; it sends a text as it is, and a Date as seconds. */
const instant = (time: string | Date) => time as unknown as number;
const get = (path: string, key = own.key) => platform.request('GET', path, { key });

const isNewestFirst = (ids: readonly string[]) => ids.every((id, index) => index === 0 || id < String(ids[index - 1]));

describe('GET /v1/events', () => {
  it('comes to the end of 260 snapshot events by auto-pagination, newest first, and has no thin one', async () => {
    const events = await all(stripe().events.list());
    expect(events.length).toBe(DAYS * SNAPSHOT_A_DAY);
    expect(sorted(events.map(nameIn))).toEqual(snapshotNames());
    expect(isNewestFirst(events.map(({ id }) => id))).toBe(true);
  });

  it('answers with ten events in a list of API v1', async () => {
    const { body } = await get('/v1/events');
    expect(body).toEqual({ object: 'list', url: '/v1/events', has_more: true, data: expect.any(Array) });
    expect(body.data).toHaveLength(10);
    expect(body.data[0]).toMatchObject({ object: 'event', pending_webhooks: 0 });
  });

  it('goes back to what is newer with ending_before, nearest page first', async () => {
    const events = await v1();
    const at = events[100]?.id;
    const page = await stripe().events.list({ ending_before: at, limit: 7 });
    expect(page.data.map(({ id }) => id)).toEqual(events.slice(93, 100).map(({ id }) => id));
    expect(page.has_more).toBe(true);
    const first = await stripe().events.list({ ending_before: events[3]?.id });
    expect(first.data.map(({ id }) => id)).toEqual(events.slice(0, 3).map(({ id }) => id));
    expect(first.has_more).toBe(false);
    expect(sorted((await v1({ ending_before: at })).map(nameIn))).toEqual(sorted(events.slice(0, 100).map(nameIn)));
  });

  it('says that there is no more exactly when the last event is shown', async () => {
    const events = await v1();
    const page = (starting_after: string | undefined) => stripe().events.list({ starting_after, limit: 10 });
    expect((await page(events.at(-11)?.id)).has_more).toBe(false);
    expect((await page(events.at(-12)?.id)).has_more).toBe(true);
    expect((await page(events.at(-1)?.id)).data).toEqual([]);
  });

  it('filters by type, by a group of types, and by up to twenty types', async () => {
    expect(sorted((await v1({ type: 'invoice.paid' })).map(nameIn))).toEqual(
      snapshotNames(({ type }) => type === 'invoice.paid'),
    );
    expect(sorted((await v1({ type: 'customer.*' })).map(nameIn))).toEqual(
      snapshotNames(({ type }) => type.startsWith('customer.')),
    );
    expect(sorted((await v1({ types: ['invoice.paid', 'customer.updated'] })).map(nameIn))).toEqual(
      snapshotNames(({ type }) => type === 'invoice.paid' || type === 'customer.updated'),
    );
  });

  it('filters by the second of creation: one, or a range', async () => {
    const at = Math.floor((published[2 * (SNAPSHOT_A_DAY + THIN_A_DAY)]?.at ?? 0) / SECOND);
    const within = (from: number, until: number) =>
      snapshotNames(({ at: created }) => created >= from * SECOND && created < until * SECOND);
    expect(within(at, at + 1)).toHaveLength(SNAPSHOT_A_DAY);
    expect(sorted((await v1({ created: at })).map(nameIn))).toEqual(within(at, at + 1));
    expect(sorted((await v1({ created: { gt: at } })).map(nameIn))).toEqual(within(at + 1, Infinity));
    expect(sorted((await v1({ created: { gte: at } })).map(nameIn))).toEqual(within(at, Infinity));
    expect(sorted((await v1({ created: { lt: at } })).map(nameIn))).toEqual(within(0, at));
    expect(sorted((await v1({ created: { gte: at - 5, lte: at } })).map(nameIn))).toEqual(within(at, at + 1));
    expect(await v1({ created: { gt: at, lt: at } })).toEqual([]);
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['created=yesterday', 'created'],
    ['created[gte]=2026-11-21T00:00:00Z', 'created[gte]'],
    ['type=customer', 'type'],
    ['type=v1.customer.created', 'type'],
    ['type=customer.created&types=customer.updated', 'types'],
    [Array.from({ length: 21 }, (_, index) => `types=a.b${index}`).join('&'), 'types'],
    ['delivery_success=maybe', 'delivery_success'],
    ['starting_after=evt_nobody', 'starting_after'],
    [`starting_after=evt_test_${'0'.repeat(26)}&ending_before=evt_test_${'0'.repeat(26)}`, 'ending_before'],
    ['color=blue', 'color'],
  ])('refuses %s in the envelope of API v1', async (query, param) => {
    const { status, body } = await get(`/v1/events?${query}`);
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ type: 'invalid_request_error', param, message: expect.any(String) });
  });
});

describe('GET /v2/core/events', () => {
  it('comes to the end of 260 thin events by auto-pagination, newest first, and has no snapshot one', async () => {
    const events = await all(stripe().v2.core.events.list({}));
    expect(events.length).toBe(DAYS * THIN_A_DAY);
    expect(sorted(events.map(nameIn))).toEqual(thinNames());
    expect(isNewestFirst(events.map(({ id }) => id))).toBe(true);
    expect(events[0]).toMatchObject({ object: 'v2.core.event', context: null, reason: null, changes: null });
  });

  it('has page URLs that begin with one slash, with the filters baked in, to the end and back', async () => {
    const query = 'types[0]=v1.invoice.paid&types[1]=v1.unknown.type&limit=20';
    let { body } = await get(`/v2/core/events?${query}`);
    expect(Object.keys(body).sort()).toEqual(['data', 'next_page_url', 'previous_page_url']);
    expect(body.previous_page_url).toBeNull();
    const pages = [body];
    while (body.next_page_url) {
      expect(body.next_page_url).toMatch(/^\/v2\/core\/events\?/);
      ({ body } = await get(body.next_page_url));
      pages.push(body);
    }
    expect(sorted(pages.flatMap(({ data }) => data.map(nameIn)))).toEqual(
      thinNames(({ type }) => type === 'v1.invoice.paid'),
    );
    for (const page of pages.slice(0, -1).reverse()) {
      ({ body } = await get(body.previous_page_url));
      expect(body.data).toEqual(page.data);
    }
    expect(body.previous_page_url).toBeNull();
    expect((await get(body.next_page_url)).body.data).toEqual(pages[1].data);
  });

  it('filters by the time of creation, as RFC 3339 and as the seconds of a Date', async () => {
    const at = published.find(({ name }) => name === 'thin_2_0')?.at ?? 0;
    const after = thinNames((event) => event.at > at);
    const from = thinNames((event) => event.at >= at);
    const iso = new Date(at).toISOString();
    expect(from.length - after.length).toBe(THIN_A_DAY);
    expect(sorted((await v2({ created: { gt: instant(iso) } })).map(nameIn))).toEqual(after);
    expect(sorted((await v2({ created: { gte: instant(iso) } })).map(nameIn))).toEqual(from);
    expect(sorted((await v2({ created: { gte: instant(new Date(at)) } })).map(nameIn))).toEqual(from);
    expect(sorted((await v2({ created: { gte: instant(iso), lte: instant(iso) } })).map(nameIn))).toEqual(
      thinNames((event) => event.at === at),
    );
    expect(sorted((await v2({ created: { lt: instant(iso) } })).map(nameIn))).toEqual(
      thinNames((event) => event.at < at),
    );
  });

  it('finds the events of an object, also by type and time', async () => {
    expect(sorted((await v2({ object_id: 'cus_4' })).map(nameIn))).toEqual(
      thinNames(({ object }) => object === 'cus_4'),
    );
    expect(sorted((await v2({ object_id: 'cus_4', types: ['v1.invoice.paid'], limit: 1 })).map(nameIn))).toEqual(
      thinNames(({ object, type }) => object === 'cus_4' && type === 'v1.invoice.paid'),
    );
    const { at } = published.find(({ name }) => name === 'thin_3_0') ?? { at: 0 };
    const created = { gte: instant(new Date(at).toISOString()) };
    expect(sorted((await v2({ object_id: 'cus_4', created })).map(nameIn))).toEqual(
      thinNames((event) => event.object === 'cus_4' && event.at >= at),
    );
    expect(await v2({ object_id: 'cus_nobody' })).toEqual([]);
    const { body } = await get('/v1/events?object_id=cus_4&limit=100');
    expect(sorted(body.data.map(nameIn))).toEqual(snapshotNames(({ object }) => object === 'cus_4'));
  });

  it('refuses a token that was changed, that is another list’s, or whose filters are changed', async () => {
    const { body } = await get('/v2/core/events?limit=2&types=v1.invoice.paid');
    const url = new URL(body.next_page_url, 'http://localhost');
    const page = url.searchParams.get('page') ?? '';
    const changed = `${page.slice(0, 10)}${page[10] === 'A' ? 'B' : 'A'}${page.slice(11)}`;
    const refused = async (path: string, key?: string) => {
      const { status, body } = await get(path, key);
      expect([status, body.error?.code]).toEqual([400, 'invalid_fields']);
      return body.error.message;
    };
    expect(await refused(`/v2/core/events?page=${changed}`)).toContain('unchanged');
    expect(await refused('/v2/core/events?page=x')).toContain('unchanged');
    expect(await refused(`/v2/core/events?page=${page}`, other.key)).toContain('unchanged');
    expect(await refused(`/v2/core/events?page=${page}&types=v1.customer.created`)).toContain(
      "can't change list filters",
    );
    // The same filters again are no change, and a page may have another size.
    const again = await get(`/v2/core/events?page=${page}&types=v1.invoice.paid&limit=3`);
    expect(again.body.data).toHaveLength(3);
  });

  it.each([
    'limit=0',
    'created[gte]=yesterday',
    'types=customer.created',
    'object_id=',
    'color=blue',
    'starting_after=evt_1',
    Array.from({ length: 21 }, (_, index) => `types[${index}]=v1.a.b${index}`).join('&'),
  ])('refuses %s', async (query) => {
    const { status, body } = await get(`/v2/core/events?${query}`);
    expect([status, body.error.code]).toEqual([400, 'invalid_fields']);
  });
});

describe('a list', () => {
  it('shows the events of no other account', async () => {
    const { body } = await get('/v1/events?limit=100', other.key);
    expect(body.data.map(nameIn)).toEqual(['other_4', 'other_3', 'other_2', 'other_1', 'other_0']);
    expect((await get('/v2/core/events', other.key)).body.data).toEqual([]);
    const named = await platform.request('GET', '/v1/events', {
      key: other.key,
      headers: { 'stripe-account': own.account },
    });
    expect(named.status).toBe(403);
  });

  it('refuses a search that reads its budget without finding anything, in words that say to narrow it', async () => {
    const busy = await createAccount(platform);
    // Items count once for each 4 KB, and these 60 KB do not compress.
    const name = () => randomBytes(60_000).toString('base64');
    const many = Array.from({ length: 150 }, (_, index) => ({ ...snapshot(9, index), type: 'ping.sent' }));
    await publish(
      busy,
      many.map((event) => ({ ...event, object: `${event.name} ${name()}` })),
    );
    await platform.cloud.clock.advance(30 * SECOND);
    const { status, body } = await get('/v1/events?type=pong.*', busy.key);
    expect([status, body.error.param]).toEqual([400, 'created']);
    expect(body.error.message).toContain('Narrow `created`');
    expect((await get('/v2/core/events', busy.key)).status).toBe(400);
    // A page that Lambda could not answer with is cut, and the list goes on.
    const page = await platform.stripe(busy.key).events.list({ type: 'ping.*', limit: 100 });
    expect(page.has_more).toBe(true);
    expect(page.data.length).toBeLessThan(50);
    expect(await all(platform.stripe(busy.key).events.list({ type: 'ping.*', limit: 100 }))).toHaveLength(150);
  });

  it('ends thirty days back', async () => {
    await platform.skip(30 * DAY - (now() - (published.at(-1)?.at ?? 0)) - 1000);
    expect((await v2()).length).toBe(THIN_A_DAY);
    expect(await v1()).toEqual([]);
    await platform.skip(2000);
    expect(await v2()).toEqual([]);
  });
});
