import { ulid } from 'ulid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Doors, snapshot, thin } from '../support/doors.ts';
import { type Inboxes, openInboxes, retrieveEvent } from '../support/inbox.ts';
import { type Platform, startPlatform } from '../support/platform.ts';

const MINUTE = 60_000;

let platform: Platform;
let seed: Platform['seed'];
let doors: Doors;
let inboxes: Inboxes;
beforeAll(async () => {
  platform = await startPlatform();
  seed = platform.seed;
  doors = new Doors(platform);
  inboxes = await openInboxes(platform);
});
afterAll(() => platform?.close());

const retrieve = (path: string, id: string, options?: { key?: string; headers?: Record<string, string> }) =>
  retrieveEvent(platform, path, id, options);

describe('an event is retrieved', () => {
  it('on the path of its API only', async () => {
    for (const publication of [snapshot(seed.account, 'cus_path'), thin(seed.account, 'cus_path')])
      await doors.publish('the HTTPS API', publication);
    const [full] = await inboxes.self.about('cus_path');
    const [light] = await inboxes.thin.about('cus_path');
    const statuses = (id: string) =>
      Promise.all(['/v1/events', '/v2/core/events'].map(async (path) => (await retrieve(path, id)).status));
    expect(await statuses(full?.detail.id)).toEqual([200, 404]);
    expect(await statuses(light?.detail.id)).toEqual([404, 200]);
  });

  it('by a publishing key, too', async () => {
    await doors.publish('the HTTPS API', snapshot(seed.account, 'cus_publisher'));
    const [envelope] = await inboxes.self.about('cus_publisher');
    expect((await retrieve('/v1/events', envelope?.detail.id, { key: seed.publish_key })).status).toBe(200);
  });

  it('only once dispatch has recorded it: until then the SDKs are told to try again', async () => {
    const dispatching = Promise.withResolvers<void>();
    platform.cloud.lambda.beforeInvoke = (name) => (name.includes('Dispatch') ? dispatching.promise : undefined);
    const { body } = await platform.request('POST', '/v1/events', {
      key: seed.publish_key,
      body: { type: 'customer.created', data: { object: {} } },
    });
    const early = await retrieve('/v1/events', body.id);
    platform.cloud.lambda.beforeInvoke = undefined;
    dispatching.resolve();
    await platform.cloud.clock.settled();

    expect(early.status).toBe(404);
    expect(early.headers.get('stripe-should-retry')).toBe('true');
    expect((await retrieve('/v1/events', body.id)).status).toBe(200);
  });

  it.each(['/v1/events', '/v2/core/events'])('never by an unknown id on %s, young or old', async (path) => {
    const young = await retrieve(path, `evt_test_${ulid(Date.now() - 4 * MINUTE)}`);
    const old = await retrieve(path, `evt_test_${ulid(Date.now() - 6 * MINUTE)}`);
    const nonsense = await retrieve(path, 'evt_1');
    expect([young.status, old.status, nonsense.status]).toEqual([404, 404, 404]);
    const retry = [young, old, nonsense].map(({ headers }) => headers.get('stripe-should-retry'));
    expect(retry).toEqual(['true', null, null]);
  });
});
