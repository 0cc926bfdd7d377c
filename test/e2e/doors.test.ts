import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DOORS, Doors, type Json, messageOf, type Publication, snapshot, thin } from '../support/doors.ts';
import { type Inboxes, openInboxes, retrieveEvent } from '../support/inbox.ts';
import { type Platform, startPlatform } from '../support/platform.ts';

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

describe.each(DOORS)('by %s', (door) => {
  const publish = (publication: Publication) => doors.publish(door, publication);
  const name = (object: string) => `${object}_${DOORS.indexOf(door)}`;

  it('a snapshot event comes whole to the destinations of its account, and can be retrieved', async () => {
    const id = name('cus_own');
    const at = Date.now();
    await publish(snapshot(seed.account, id));

    const [envelope, ...others] = await inboxes.self.about(id);

    expect(others).toEqual([]);
    const { data, api_version, request } = snapshot(seed.account, id).content;
    expect(envelope?.['detail-type']).toBe('customer.updated');
    expect(envelope?.detail).toEqual({
      id: expect.stringMatching(/^evt_test_[0-9A-Z]{26}$/),
      object: 'event',
      api_version,
      created: Math.floor(at / 1000),
      data,
      livemode: false,
      pending_webhooks: 0,
      request,
      type: 'customer.updated',
    });
    expect((await retrieve('/v1/events', envelope?.detail.id)).body).toEqual(envelope?.detail);
    expect(await inboxes.accounts.about(id)).toEqual([]);
  });

  it('a thin event comes without what is to be fetched, and is retrieved with it', async () => {
    const id = name('cus_thin');
    await publish(thin(seed.account, id));

    const [envelope, ...others] = await inboxes.thin.about(id);

    expect(others).toEqual([]);
    const { related_object, reason, data, changes } = thin(seed.account, id).content;
    const { id: event, created, ...pushed } = envelope?.detail ?? {};
    expect(pushed).toEqual({
      object: 'v2.core.event',
      type: 'v1.customer.updated',
      livemode: false,
      related_object,
      reason,
    });
    expect((await retrieve('/v2/core/events', event)).body).toEqual({
      id: event,
      created,
      ...pushed,
      context: null,
      data,
      changes,
      snapshot_event: null,
    });
  });

  it('an event of a connected account comes to the platform, and names the account', async () => {
    const account = seed.connected_account;
    const id = name('cus_connected');
    await publish(snapshot(account, id));
    await publish(thin(account, id));

    const [envelope] = await inboxes.accounts.about(id);
    const [thinEnvelope] = await inboxes.thin.about(id);

    expect(envelope?.detail).toMatchObject({ object: 'event', account, context: account });
    expect(thinEnvelope?.detail).toMatchObject({ object: 'v2.core.event', context: account });
    expect(await inboxes.self.about(id)).toEqual([]);
    const event = envelope?.detail.id;
    expect((await retrieve('/v1/events', event)).status).toBe(404);
    const inContext = await retrieve('/v1/events', event, { headers: { 'stripe-context': account } });
    expect(inContext.body.data.object.id).toBe(id);
  });
});

describe('the events queue', () => {
  const message = (id: string, changes: Json = {}) => ({ ...messageOf(snapshot(seed.account, id)), ...changes });
  const isoAgo = (ms: number) => new Date(Date.now() - ms).toISOString();

  it('takes two messages with the same id and time for one event', async () => {
    const twice = message('cus_same', { id: 'producer-1', time: isoAgo(0) });
    await doors.sendMessages(twice, twice);
    const envelopes = await inboxes.self.about('cus_same');
    expect(envelopes).toHaveLength(1);
  });

  it('delivers an event that is sent again, with the same id and time, no second time', async () => {
    const twice = message('cus_again', { id: 'producer-2', time: isoAgo(0) });
    await doors.sendMessages(twice);
    expect(await inboxes.self.about('cus_again')).toHaveLength(1);
    await doors.sendMessages(twice);
    expect(await inboxes.self.about('cus_again')).toHaveLength(1);
  });

  it('takes two messages with different ids, or times, for two events', async () => {
    await doors.sendMessages(
      message('cus_different', { id: 'producer-3', time: isoAgo(0) }),
      message('cus_different', { id: 'producer-3', time: isoAgo(1) }),
      message('cus_different', { id: 'producer-4', time: isoAgo(0) }),
    );
    expect(await inboxes.self.about('cus_different')).toHaveLength(3);
  });

  it('takes the time of a message for that of the event', async () => {
    const time = isoAgo(-1000);
    await doors.sendMessages(message('cus_dated', { id: 'producer-5', time }));
    const [envelope] = await inboxes.self.about('cus_dated');
    expect(envelope?.detail.created).toBe(Math.floor(Date.parse(time) / 1000));
  });

  it('takes what is good of a batch in which something is bad', async () => {
    await doors.sendMessages('bad', message('cus_beside_bad'), message('cus_beside_bad', { colour: 'red' }));
    expect(await inboxes.self.about('cus_beside_bad')).toHaveLength(1);
  });
});
