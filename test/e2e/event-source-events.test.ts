import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAccount, type OwnAccount } from '../support/accounts.ts';
import {
  associate,
  createActiveDestination,
  createDestination,
  deliveriesOf,
  type EventDestination,
  sourceOf,
} from '../support/main-job.ts';
import { type Collector, type Platform, startPlatform } from '../support/platform.ts';
import { deleteAtAws, eventSourceOf, eventsAbout } from '../support/sources.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

let platform: Platform;
const clock = () => platform.cloud.clock;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform?.close());

describe('the account of a destination is told', () => {
  let own: OwnAccount;
  let watcher: EventDestination;
  let told: Collector;
  beforeAll(async () => {
    own = await createAccount(platform);
    const changes = { event_payload: 'thin', enabled_events: ['*'] } as const;
    const active = await createActiveDestination(platform, { ...changes, enabled_events: ['*'] }, 'us-east-1', own.key);
    watcher = active.destination;
    told = active.collector;
    await clock().advance(MINUTE);
    await told.received();
  });

  const typesTold = async () => (await told.received()).map((envelope) => envelope['detail-type']);

  it('when it becomes active and when it falls back, with the reason and the times', async () => {
    const destination = await createDestination(platform, { enabled_events: ['told.a'] }, 'us-west-2', own.key);
    await associate(platform, destination, 'us-west-2');
    await clock().advance(65 * SECOND);
    const arn = destination.amazon_eventbridge?.aws_event_source_arn;
    const [pushed] = await told.received();
    expect(pushed?.detail).toMatchObject({
      object: 'v2.core.event',
      type: 'v2.core.event_destination.activated',
      related_object: {
        id: destination.id,
        type: 'v2.core.event_destination',
        url: `/v2/core/event_destinations/${destination.id}`,
      },
    });
    const [activated] = await eventsAbout(platform, destination.id, own.key);
    expect(activated).toMatchObject({
      id: pushed?.detail.id,
      data: {
        aws_event_source_arn: arn,
        aws_event_source_status: 'active',
        previous_aws_event_source_status: 'pending',
        changed: activated?.created,
      },
    });
    await platform.customer('us-west-2').deleteBus(sourceOf(destination));
    await clock().advance(6 * MINUTE);
    expect(await typesTold()).toEqual(['v2.core.event_destination.fell_back']);
    const [, fell] = await eventsAbout(platform, destination.id, own.key);
    const source = await eventSourceOf(platform, destination.id, own.key);
    expect(fell?.data).toMatchObject({
      aws_event_source_status: 'pending',
      expires: source.expires_at,
      returned: { from: source.last_confirmed_active, until: fell?.created },
    });
  });

  it('when it is disabled, by the end of its source or by a user, and when it is enabled', async () => {
    const { destination } = await createActiveDestination(
      platform,
      { enabled_events: ['told.b'] },
      'us-east-1',
      own.key,
    );
    const { eventDestinations } = platform.stripe(own.key).v2.core;
    await eventDestinations.disable(destination.id);
    await clock().advance(2 * SECOND);
    await eventDestinations.enable(destination.id);
    await clock().advance(10 * MINUTE);
    await deleteAtAws(platform, destination);
    await clock().advance(8 * MINUTE);
    expect(await typesTold()).toEqual([
      'v2.core.event_destination.activated',
      'v2.core.event_destination.disabled',
      'v2.core.event_destination.enabled',
      'v2.core.event_destination.disabled',
    ]);
    const events = await eventsAbout(platform, destination.id, own.key);
    expect(events.map(({ data }) => data.reason ?? null)).toEqual([null, 'user', null, 'no_aws_event_source_exists']);
    expect(events.at(-1)?.data).toMatchObject({ cause: 'deleted', aws_event_source_status: 'deleted' });
  });

  it('by its other destinations: never by the one that it is about', async () => {
    const { eventDestinations } = platform.stripe(own.key).v2.core;
    await eventDestinations.disable(watcher.id);
    await clock().advance(SECOND);
    await eventDestinations.enable(watcher.id);
    await clock().advance(5 * SECOND);
    const events = await eventsAbout(platform, watcher.id, own.key);
    expect(events.map(({ type }) => type)).toEqual([
      'v2.core.event_destination.activated',
      'v2.core.event_destination.disabled',
      'v2.core.event_destination.enabled',
    ]);
    for (const { id } of events) expect(await deliveriesOf(platform, id, own.key)).toEqual([]);
    expect(await typesTold()).toEqual([]);
  });

  it('also when its state changes while it is deleted, and when it has no event source', async () => {
    const { eventDestinations } = platform.stripe(own.key).v2.core;
    const { id } = await eventDestinations.create({
      name: 'A webhook',
      type: 'webhook_endpoint',
      event_payload: 'thin',
      enabled_events: ['v2.nothing.of_this'],
      webhook_endpoint: { url: 'https://example.com/hook' },
    });
    await eventDestinations.disable(id);
    await eventDestinations.del(id);
    await clock().advance(5 * SECOND);
    expect(await typesTold()).toEqual(['v2.core.event_destination.disabled']);
  });

  it('by nobody else: the API publishes no events about event destinations', async () => {
    const { status, body } = await platform.request('POST', '/v2/core/events', {
      key: platform.seed.publish_key,
      body: { type: 'v2.core.event_destination.disabled' },
    });
    expect([status, body.error.code]).toEqual([400, 'invalid_fields']);
  });
});
