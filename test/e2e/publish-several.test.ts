import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refuseEntries } from '../support/hold.ts';
import { createActiveDestination } from '../support/main-job.ts';
import { type Collector, type Platform, startPlatform } from '../support/platform.ts';

type Json = Record<string, unknown>;

let platform: Platform;
let collector: Collector;
let thinCollector: Collector;
beforeAll(async () => {
  platform = await startPlatform();
  ({ collector } = await createActiveDestination(platform, { enabled_events: ['*'] }));
  ({ collector: thinCollector } = await createActiveDestination(platform, {
    event_payload: 'thin',
    enabled_events: ['*'],
  }));
});
afterAll(() => platform?.close());

const snapshot = (id: string, type = 'customer.created') => ({ type, data: { object: { id } } });
const thin = (id: string) => ({
  type: 'v1.customer.created',
  related_object: { id, type: 'customer', url: `/v1/customers/${id}` },
});
const post = (body: unknown, headers: Record<string, string> = {}, path = '/v1/events') =>
  platform.request('POST', path, { key: platform.seed.publish_key, body, headers });
const names = (prefix: string, count = 10) => Array.from({ length: count }, (_, index) => `${prefix}_${index}`);

async function objectsReceived(from = collector): Promise<string[]> {
  await platform.cloud.clock.advance(5_000);
  return (await from.received()).map(({ detail }) => detail.data?.object.id ?? detail.related_object.id).sort();
}

describe('several events in one request', () => {
  it('of API v1 are answered with a list of them as they can be retrieved, and all are delivered', async () => {
    const objects = names('cus_list');
    const { status, body } = await post({ events: objects.map((id) => snapshot(id)) });

    expect(status).toBe(200);
    expect(body).toEqual({ object: 'list', url: '/v1/events', has_more: false, data: expect.any(Array) });
    expect(body.data.map((event: Json & { data: { object: Json } }) => event.data.object.id)).toEqual(objects);
    expect(await objectsReceived()).toEqual(objects);
    for (const event of [body.data[0], body.data[9]])
      expect((await platform.request('GET', `/v1/events/${event.id}`)).body).toEqual(event);
  });

  it('of API v2 are answered with a page of them, and all are delivered', async () => {
    const objects = names('cus_page', 2);
    const { status, body } = await post({ events: objects.map(thin) }, {}, '/v2/core/events');

    expect(status).toBe(200);
    expect(body).toEqual({ data: expect.any(Array), next_page_url: null, previous_page_url: null });
    expect(body.data).toMatchObject(objects.map((id) => ({ object: 'v2.core.event', related_object: { id } })));
    expect(await objectsReceived(thinCollector)).toEqual(objects);
  });

  it('keep their order in lists', async () => {
    const { body } = await post({ events: names('cus_order').map((id) => snapshot(id, 'order.kept')) });
    await platform.cloud.clock.settled();
    const ids = body.data.map(({ id }: { id: string }) => id);
    const list = await platform.request('GET', '/v1/events?type=order.kept');
    expect(list.body.data.map(({ id }: { id: string }) => id)).toEqual(ids.toReversed());
    await objectsReceived();
  });

  it('cost SQS one request', async () => {
    const requests = () =>
      ['SendMessage', 'SendMessageBatch'].map((operation) => platform.cloud.sqs.counts.get(operation) ?? 0);
    const before = requests();
    const events = names('cus_cost').map((id) => snapshot(id));
    // In live mode there is no destination, so that nothing else is sent.
    await platform.request('POST', '/v1/events', { key: platform.seed.publish_live_key, body: { events } });
    await platform.cloud.clock.settled();
    expect(requests().map((count, index) => count - (before[index] ?? 0))).toEqual([0, 1]);
  });

  it('are all the same events in a repeat with the same Idempotency-Key, and delivered once', async () => {
    const objects = names('cus_once');
    const body = { events: objects.map((id) => snapshot(id)) };
    const first = await post(body, { 'idempotency-key': 'several' });
    const again = await post(body, { 'idempotency-key': 'several' });

    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(await objectsReceived()).toEqual(objects);
  });

  it('are refused as a whole when the key was used for others', async () => {
    const headers = { 'idempotency-key': 'others' };
    await post({ events: [snapshot('cus_a'), snapshot('cus_b')] }, headers);
    const answer = await post({ events: [snapshot('cus_a'), snapshot('cus_c')] }, headers);
    expect(answer).toMatchObject({ status: 400, body: { error: { type: 'idempotency_error' } } });
    expect(await objectsReceived()).toEqual(['cus_a', 'cus_b']);
  });
});

describe('of several events none is taken when one is wrong:', () => {
  const good = snapshot('cus_good');
  const message = (text: string) => `Some fields in the request were invalid: ${text}`;
  const required = 'This field is required.';

  it.each<[what: string, body: unknown, field: string, text: string]>([
    ['a field of one', { events: [good, { ...good, colour: 1 }] }, 'events[1].colour', 'Unknown field.'],
    ['the type of one', { events: [good, good, good, { data: good.data }] }, 'events[3].type', required],
    ['no event', { events: [] }, 'events', 'Must be at least 1 item long.'],
    ['eleven events', { events: Array(11).fill(good) }, 'events', 'Must be at most 10 items long.'],
    ['what is no list', { events: good }, 'events', 'Expected an array, but got an object.'],
    ['what is no event', { events: [null] }, 'events[0]', 'Expected an object, but got null.'],
    ['an event beside the list', { ...good, events: [good] }, 'type', 'Unknown field.'],
  ])('%s', async (_what, body, field, text) => {
    const answer = await post(body);
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid_fields', param: field } } });
    expect(answer.body.error.message).toContain(message(`'${field}: ${text}'`));
  });

  it('all that is wrong is said at once', async () => {
    const { body } = await post({ events: [good, { ...good, type: 'A B' }, { ...good, type: 'v1.a.b' }] });
    expect(body.error.message).toMatch(/'events\[1\]\.type: Must be .+', 'events\[2\]\.type: .+ thin event's type/);
    const pings = { type: 'v2.core.event_destination.ping' };
    const ping = await post({ events: [thin('cus_1'), pings] }, {}, '/v2/core/events');
    expect(ping.body.error.message).toContain("'events[1].type: Events about event destinations are the service's own");
  });

  it('and what nests too deeply is not walked through', async () => {
    const deep = (levels: number) => {
      const object = `${'['.repeat(levels)}${']'.repeat(levels)}`;
      return `{"events":[{"type":"a.b","data":{"object":{"id":"cus_deep","a":${object}}}}]}`;
    };
    expect((await post(deep(98))).status).toBe(200);
    expect((await post(deep(99))).status).toBe(400);
    expect((await post(deep(3000))).body.error.message).toContain(
      "'events: Must not be nested deeper than 100 levels.'",
    );
    expect(await objectsReceived()).toEqual(['cus_deep']);
  });

  it('one that is too large to be delivered, with 413 and its place; the key can be used again', async () => {
    const headers = { 'idempotency-key': 'smaller' };
    const large = { type: 'customer.created', data: { object: { padding: 'x'.repeat(256 * 1024) } } };
    const answer = await post({ events: [good, large] }, headers);
    expect(answer).toMatchObject({ status: 413, body: { error: { code: 'event_too_large', param: 'events[1]' } } });
    expect(answer.body.error.message).toMatch(/^events\[1\]: The event takes \d+ bytes/);
    expect((await post({ events: [snapshot('cus_smaller')] }, headers)).status).toBe(200);
    expect(await objectsReceived()).toEqual(['cus_smaller']);
  });

  it('more than one request to SQS can take, with 413, whether the body says so or only what is made of it', async () => {
    const events = (object: string) => `{"events":[${Array(5).fill(`{"type":"a.b","data":{"object":${object}}}`)}]}`;
    const large = await post(events(`{"a":"${'x'.repeat(201_000)}"}`));
    expect(large).toMatchObject({ status: 413, body: { error: { code: 'request_too_large' } } });
    // 1e20 takes 21 digits in the message.
    const growing = await post(events(`{"a":[${Array(9500).fill('1e20')}]}`));
    expect(growing).toMatchObject({ status: 413, body: { error: { code: 'request_too_large' } } });
    expect(growing.body.error.message).toMatch(/Send fewer of them at once/);
  });

  it('and nothing of it is delivered', async () => {
    expect(await objectsReceived()).toEqual([]);
  });
});

describe('when SQS takes only a part', () => {
  it('the answer is 503 and worth a retry, which publishes each event once', async () => {
    const objects = names('cus_part');
    const body = { events: objects.map((id) => snapshot(id)) };
    const headers = { 'idempotency-key': 'part' };
    const heal = refuseEntries(platform.cloud.sqs, (entry) => entry.includes('"cus_part_7"'));
    const failed = await post(body, headers);
    heal();
    expect(failed).toMatchObject({ status: 503, body: { error: { type: 'api_error', code: 'api_error' } } });
    expect(failed.body.error.message).toContain('9 of the 10 events');
    expect(failed.headers.get('stripe-should-retry')).toBe('true');
    expect(await objectsReceived()).toEqual(objects.filter((id) => id !== 'cus_part_7'));

    const again = await post(body, headers);
    expect(again.status).toBe(200);
    expect(await objectsReceived()).toEqual(['cus_part_7']);
  });

  it('for a moment, the request takes no notice', async () => {
    let times = 1;
    const heal = refuseEntries(platform.cloud.sqs, (entry) => entry.includes('"cus_moment_3"') && times-- > 0);
    const answer = await post({ events: names('cus_moment').map((id) => snapshot(id)) });
    heal();
    expect(answer.status).toBe(200);
    expect(await objectsReceived()).toEqual(names('cus_moment'));
  });
});
