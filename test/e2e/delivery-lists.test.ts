import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AwsError } from '../../local/aws-error.ts';
import { createAccount } from '../support/accounts.ts';
import {
  createActiveDestination,
  createDestination,
  type EventDestination,
  publish,
  type ShownDelivery,
} from '../support/main-job.ts';
import { type Platform, startPlatform } from '../support/platform.ts';

const SECOND = 1000;
const DAY = 24 * 3600 * SECOND;

let platform: Platform;
let destination: EventDestination;
/** Event ids in the order of publication, by what became of them. */
const delivered: string[] = [];
let failed: string[];
let pending: string[];
let secondDay: number;

beforeAll(async () => {
  platform = await startPlatform({ log: () => undefined });
  ({ destination } = await createActiveDestination(platform, { enabled_events: ['order.paid'] }));
  platform.cloud.eventbridge.faults.injectEntryFault({
    match: ({ Detail }) => String(Detail).includes('or_bad'),
    code: 'InvalidArgument',
    message: 'This entry is to blame',
    times: 1000,
  });
  delivered.push(...(await publishEach(12, 'or_good')));
  failed = await publishEach(3, 'or_bad');
  await platform.skip(2 * DAY);
  secondDay = platform.cloud.clock.now();
  delivered.push(...(await publishEach(6, 'or_good')));
  pending = await publishEach(2, 'or_bad');
}, 120_000);
afterAll(() => platform?.close());

async function publishEach(count: number, object: string): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) ids.push(await publish(platform, 'order.paid', { id: object }));
  await platform.cloud.clock.advance(2 * SECOND);
  return ids;
}

type Listed = ShownDelivery & { readonly event: string };
interface Page {
  readonly data: readonly Listed[];
  readonly next_page_url: string | null;
  readonly previous_page_url: string | null;
}

async function get(path: string): Promise<Page> {
  const { status, body } = await platform.request('GET', path);
  expect(status).toBe(200);
  return body;
}
const deliveriesPath = (query = '') => `/v2/core/event_destinations/${destination.id}/deliveries?${query}`;

async function allPages(first: string): Promise<Listed[]> {
  const found: Listed[] = [];
  for (let url: string | null = first; url; ) {
    const page: Page = await get(url);
    found.push(...page.data);
    url = page.next_page_url;
  }
  return found;
}
const eventsOf = (deliveries: readonly Listed[]) => deliveries.map(({ event }) => event);
const newestFirst = (ids: readonly string[]) => ids.toSorted().reverse();

describe('the deliveries of a destination', () => {
  it('are listed newest event first, page by page, to the end and back', async () => {
    const all = newestFirst([...delivered, ...failed, ...pending]);
    expect(eventsOf(await allPages(deliveriesPath('limit=4')))).toEqual(all);
    const second = await get((await get(deliveriesPath('limit=4'))).next_page_url ?? '');
    const back = await get(second.previous_page_url ?? '');
    expect(eventsOf(back.data)).toEqual(all.slice(0, 4));
    expect(back.previous_page_url).toBeNull();
  });

  it('are filtered by status, each with its attempts', async () => {
    const byStatus = (status: string) => allPages(deliveriesPath(`limit=2&status=${status}`));
    expect(eventsOf(await byStatus('delivered'))).toEqual(newestFirst(delivered));
    expect(eventsOf(await byStatus('failed'))).toEqual(newestFirst(failed));
    expect(eventsOf(await byStatus('pending'))).toEqual(newestFirst(pending));
    expect(await byStatus('canceled')).toEqual([]);
    const [one] = await byStatus('failed');
    expect(one).toMatchObject({
      object: 'v2.core.event_delivery',
      event_destination: destination.id,
      event_type: 'order.paid',
      status: 'failed',
      reason: 'retries_exhausted',
    });
    expect(one?.attempts.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
  });

  it('are filtered by the time of their events', async () => {
    const since = new Date(secondDay).toISOString();
    const later = await allPages(deliveriesPath(`created[gte]=${since}`));
    expect(eventsOf(later)).toEqual(newestFirst([...delivered.slice(12), ...pending]));
    const earlier = await allPages(deliveriesPath(`created[lt]=${since}&status=delivered`));
    expect(eventsOf(earlier)).toEqual(newestFirst(delivered.slice(0, 12)));
  });

  it('are no business of another account', async () => {
    const { key } = await createAccount(platform);
    const { status, body } = await platform.request('GET', deliveriesPath(), { key });
    expect([status, body.error.code]).toEqual([404, 'not_found']);
  });

  it('refuse a status that there is not', async () => {
    const { status, body } = await platform.request('GET', deliveriesPath('status=lost'));
    expect([status, body.error.code]).toEqual([400, 'invalid_fields']);
  });

  it('stay readable when the destination is deleted', async () => {
    const gone = await createDestination(platform, { enabled_events: ['order.gone'] });
    const event = await publish(platform, 'order.gone');
    await platform.cloud.clock.advance(2 * SECOND);
    await platform.stripe().v2.core.eventDestinations.del(gone.id);
    await platform.cloud.clock.advance(120 * SECOND);
    const { data } = await get(`/v2/core/event_destinations/${gone.id}/deliveries?status=canceled`);
    expect(data).toMatchObject([{ event, status: 'canceled', reason: 'destination_deleted' }]);
  });
});

describe('delivery_success', () => {
  const ids = async (delivery_success: boolean) => {
    const found: string[] = [];
    for await (const { id } of platform.stripe().events.list({ type: 'order.paid', delivery_success, limit: 5 }))
      found.push(id);
    return found;
  };

  it('tells events that every destination has from those that are pending or failed', async () => {
    expect(await ids(true)).toEqual(newestFirst(delivered));
    expect(await ids(false)).toEqual(newestFirst([...failed, ...pending]));
  });

  it('counts an event whose first attempt is still to come as not delivered', async () => {
    platform.cloud.lambda.beforeInvoke = (name) => {
      if (name.includes('DeliverEventBridge')) throw new AwsError('TooManyRequestsException', 'No concurrency', 429);
    };
    const [waiting] = await publishEach(1, 'or_good');
    expect((await ids(false))[0]).toBe(waiting);
    platform.cloud.lambda.beforeInvoke = undefined;
    await platform.cloud.clock.advance(240 * SECOND);
    expect((await ids(true))[0]).toBe(waiting);
  });

  it('is true for an event that no destination wanted', async () => {
    const unwanted = await publish(platform, 'order.unwanted');
    await platform.cloud.clock.advance(2 * SECOND);
    const { data } = await platform.stripe().events.list({ type: 'order.unwanted', delivery_success: true });
    expect(data.map(({ id }) => id)).toEqual([unwanted]);
  });
});
