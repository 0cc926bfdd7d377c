import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  associate,
  createDestination,
  type EventDestination,
  type ShownDelivery,
  sourceOf,
} from '../support/main-job.ts';
import { metricValues } from '../support/metrics.ts';
import { type Collector, type Platform, startPlatform } from '../support/platform.ts';
import { failEntries, publishMany } from '../support/retries.ts';

vi.setConfig({ testTimeout: 180_000 });

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let platform: Platform;
const TYPES = ['shards.held', 'shards.failing', 'shards.deleted'] as const;
const destinations = new Map<string, EventDestination>();
/** From before anything was spread. */
const BEFORE = 5;

beforeAll(async () => {
  platform = await startPlatform({ log: () => undefined });
  const { account } = platform.seed;
  for (const type of TYPES) destinations.set(type, await createDestination(platform, { enabled_events: [type] }));
  await platform.admin('accounts', 'spread', account, '--shards', '3');
  for (const { id } of destinations.values())
    await platform.admin('deliveries', 'spread', '--destination', id, '--account', account, '--shards', '4');
  await publishMany(platform, { count: BEFORE, type: 'shards.held', livemode: false });
  await platform.skip(DAY);
});
afterAll(() => platform?.close());

const clock = () => platform.cloud.clock;
const destinationOf = (type: (typeof TYPES)[number]) =>
  destinations.get(type) ?? expect.fail(`there is none of ${type}`);

type Listed = ShownDelivery & { readonly event: string };
/** All deliveries of a destination, page by page. */
async function listed({ id }: EventDestination, status?: string): Promise<Listed[]> {
  const found: Listed[] = [];
  const filter = status ? `&status=${status}` : '';
  let path: string | null = `/v2/core/event_destinations/${id}/deliveries?limit=7${filter}`;
  while (path) {
    const { body }: { body: { data: Listed[]; next_page_url: string | null } } = await platform.request('GET', path);
    found.push(...body.data);
    path = body.next_page_url;
  }
  return found;
}
const idsOf = (deliveries: readonly Listed[]) => deliveries.map(({ event }) => event);
const received = async (collector: Collector) => (await collector.received()).map(({ detail }) => detail.id);
const statusesOf = async (destination: EventDestination) => [
  ...new Set((await listed(destination)).map(({ status, held_by, reason }) => `${status} ${held_by ?? reason ?? ''}`)),
];

describe('what is spread over several partitions a day', () => {
  it('is held, listed in order, released, returned at a fallback and released again', async () => {
    const destination = destinationOf('shards.held');
    await publishMany(platform, { count: 40, type: 'shards.held', livemode: false });
    await clock().advance(5 * SECOND);
    const held = await listed(destination, 'pending');
    expect(held.length).toBe(BEFORE + 40);
    expect(idsOf(held)).toEqual(idsOf(held).toSorted().reverse());
    let collector = await associate(platform, destination);
    await clock().advance(4 * MINUTE);
    expect((await received(collector)).sort()).toEqual(idsOf(held).sort());
    expect(await statusesOf(destination)).toEqual(['delivered ']);

    await platform.customer().deleteBus(sourceOf(destination));
    await publishMany(platform, { count: 30, type: 'shards.held', livemode: false });
    await clock().advance(8 * MINUTE);
    const returned = await listed(destination, 'pending');
    expect(returned.length).toBeGreaterThanOrEqual(30);
    collector = await associate(platform, destination);
    await clock().advance(4 * MINUTE);
    expect((await received(collector)).sort()).toEqual(idsOf(returned).sort());
    expect(await statusesOf(destination)).toEqual(['delivered ']);
  });

  it('fails, is probed, reconciled and brought back by a bulk resend', async () => {
    const destination = destinationOf('shards.failing');
    const collector = await associate(platform, destination);
    await clock().advance(2 * MINUTE);
    const heal = failEntries(platform, destination);
    await publishMany(platform, { count: 40, type: 'shards.failing', livemode: false });
    const before = metricValues(platform, 'reconciliation_findings').length;
    await platform.skip(2 * DAY, { reconciling: true });
    expect((await listed(destination, 'failed')).length).toBe(40);
    const findings = metricValues(platform, 'reconciliation_findings').slice(before);
    expect(findings.reduce((sum, value) => sum + value, 0)).toBe(0);
    heal();
    const gte = new Date(clock().now() - 3 * DAY).toISOString();
    const { status } = await platform.request('POST', '/v2/core/event_resends', {
      body: { event_destination: destination.id, event_created: { gte } },
    });
    expect(status).toBe(200);
    await platform.skip(HOUR);
    await clock().advance(5 * MINUTE);
    expect(await statusesOf(destination)).toEqual(['delivered ']);
    expect(new Set(await received(collector)).size).toBe(40);
  });

  it('is canceled when its destination is deleted, and stays readable', async () => {
    const destination = destinationOf('shards.deleted');
    await publishMany(platform, { count: 25, type: 'shards.deleted', livemode: false });
    await clock().advance(5 * SECOND);
    await platform.stripe().v2.core.eventDestinations.del(destination.id);
    await clock().advance(4 * MINUTE);
    expect(await statusesOf(destination)).toEqual(['canceled destination_deleted']);
    expect((await listed(destination)).length).toBe(25);
  });

  it('is so from the next day on, as long as nothing of that can have been written', async () => {
    const { account } = platform.seed;
    const historyAt = async (time: string) => {
      const now = clock().now();
      const next = Date.parse(`${new Date(now).toISOString().slice(0, 10)}T${time}Z`);
      await platform.skip(next > now ? next - now : next + DAY - now);
      const { shards } = (await platform.admin('accounts', 'spread', account, '--mode', 'live', '--shards', '2')) as {
        shards: { from: string; shards: number }[];
      };
      const today = Date.parse(new Date(clock().now()).toISOString().slice(0, 10));
      return shards.map(({ from, shards }) => [Math.max(-1, (Date.parse(from) - today) / DAY), shards]);
    };
    expect(await historyAt('22:30:00')).toEqual([
      [-1, 1],
      [1, 2],
    ]);
    expect(await historyAt('22:45:00')).toEqual([
      [-1, 1],
      [1, 2],
    ]);
    expect(await historyAt('23:30:00')).toEqual([
      [-1, 1],
      [1, 2],
      [2, 2],
    ]);
  });
});
