import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AwsError } from '../../local/aws-error.ts';
import { createAccount } from '../support/accounts.ts';
import { createActiveDestination, createDestination, deliveriesOf, publish, sourceOf } from '../support/main-job.ts';
import { type Platform, startPlatform } from '../support/platform.ts';
import { deleteAtAws, eventSourceOf, eventsAbout, failCallsIn, historyOf } from '../support/sources.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

let platform: Platform;
const clock = () => platform.cloud.clock;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform?.close());
afterEach(() => platform.cloud.eventbridge.faults.clear());

const retrieve = (id: string, key?: string) => platform.stripe(key).v2.core.eventDestinations.retrieve(id);

describe('an event source', () => {
  it('is pending once created, active once associated, pending again without its bus, and shows when and why', async () => {
    const created = clock().now();
    const destination = await createDestination(platform, { enabled_events: ['life.whole'] }, 'eu-west-1');
    expect(await eventSourceOf(platform, destination.id)).toMatchObject({
      object: 'v2.core.event_destination.event_source',
      event_destination: destination.id,
      name: sourceOf(destination),
      arn: destination.amazon_eventbridge?.aws_event_source_arn,
      aws_account_id: platform.seed.customer_account_id,
      aws_region: 'eu-west-1',
      status: 'pending',
      since: new Date(created).toISOString(),
      expires_at: new Date(created + 7 * DAY).toISOString(),
      last_confirmed_active: null,
      returning: null,
    });
    await clock().advance(10 * MINUTE);
    const customer = platform.customer('eu-west-1');
    await customer.associate(sourceOf(destination));
    await clock().advance(MINUTE);
    const active = await eventSourceOf(platform, destination.id);
    expect(active).toMatchObject({ status: 'active', expires_at: null, since: active.last_confirmed_active });
    await customer.deleteBus(sourceOf(destination));
    await clock().advance(MINUTE);
    const fallen = await eventSourceOf(platform, destination.id);
    expect(fallen).toMatchObject({ status: 'pending', returning: { from: active.last_confirmed_active } });
    expect(Date.parse(fallen.expires_at ?? '') - clock().now()).toBeGreaterThan(6 * DAY);
    expect(historyOf(fallen)).toEqual([
      ['creating', 'requested'],
      ['pending', 'created'],
      ['active', 'associated'],
      ['pending', 'event_bus_lost'],
    ]);
    expect(fallen.history.map(({ at }) => Date.parse(at))).toEqual(
      fallen.history.map(({ at }) => Date.parse(at)).toSorted((a, b) => b - a),
    );
    await customer.associate(sourceOf(destination));
    await clock().advance(5 * MINUTE);
    expect(await eventSourceOf(platform, destination.id)).toMatchObject({ status: 'active', returning: null });
  });

  it('that is not associated for seven days is gone: its destination is disabled, and cannot be enabled again', async () => {
    const destination = await createDestination(platform, { enabled_events: ['life.expired'] });
    const event = await publish(platform, 'life.expired');
    await platform.skip(7 * DAY - 10 * MINUTE);
    await clock().advance(5 * MINUTE);
    expect(await eventSourceOf(platform, destination.id)).toMatchObject({ status: 'pending' });
    await clock().advance(10 * MINUTE);
    expect(await eventSourceOf(platform, destination.id)).toMatchObject({
      status: 'deleted',
      expires_at: null,
      history: [{ status: 'deleted', cause: 'expired' }, { status: 'pending' }, { status: 'creating' }],
    });
    expect(await retrieve(destination.id)).toMatchObject({
      status: 'disabled',
      status_details: { disabled: { reason: 'no_aws_event_source_exists' } },
    });
    expect(await deliveriesOf(platform, event)).toMatchObject([
      { status: 'canceled', reason: 'no_aws_event_source_exists' },
    ]);
    await expect(platform.stripe().v2.core.eventDestinations.enable(destination.id)).rejects.toThrow(
      /cannot be enabled.*does not exist any more.*Create a new event destination/s,
    );
    await platform.stripe().v2.core.eventDestinations.del(destination.id);
  });

  it('that AWS has no more is gone once it was missed twice, a minute apart', async () => {
    const { destination } = await createActiveDestination(platform, { enabled_events: ['life.gone'] });
    await clock().advance(5 * MINUTE);
    await deleteAtAws(platform, destination);
    await clock().advance(30 * SECOND);
    const checks = async () => (await eventSourceOf(platform, destination.id)).status;
    expect(await checks()).toBe('active');
    await clock().advance(7 * MINUTE);
    const { history } = await eventSourceOf(platform, destination.id);
    expect(history[0]).toMatchObject({ status: 'deleted', cause: 'deleted' });
    await platform.stripe().v2.core.eventDestinations.del(destination.id);
  });

  it('in a Region that answers only errors is unknown and then what it was; nothing else changes', async () => {
    const { key } = await createAccount(platform);
    const changes = { enabled_events: ['life.unknown'], events_from: ['@self'] };
    const { destination } = await createActiveDestination(platform, changes, 'ap-south-1', key);
    const waiting = await createDestination(platform, { enabled_events: ['*'] }, 'ap-south-1', key);
    const heal = failCallsIn(
      platform,
      'ap-south-1',
      'ListPartnerEventSourceAccounts',
      new AwsError('InternalException', 'The Region is in trouble', 500),
    );
    for (let round = 0; round < 4; round += 1) {
      await clock().advance(5 * MINUTE);
      expect(await eventSourceOf(platform, destination.id, key)).toMatchObject({
        status: 'unknown',
        last_known_status: 'active',
      });
      expect(await retrieve(destination.id, key)).toMatchObject({ status: 'enabled', status_details: null });
    }
    heal();
    await clock().advance(2 * MINUTE);
    const after = await eventSourceOf(platform, destination.id, key);
    expect(historyOf(after).slice(2)).toEqual([
      ['active', 'associated'],
      ['unknown', 'unreachable'],
      ['active', 'reachable'],
    ]);
    expect(historyOf(await eventSourceOf(platform, waiting.id, key)).slice(1)).toEqual([
      ['pending', 'created'],
      ['unknown', 'unreachable'],
      ['pending', 'reachable'],
    ]);
    expect((await eventsAbout(platform, destination.id, key)).map(({ type }) => type)).toEqual([
      'v2.core.event_destination.activated',
    ]);
    expect(await eventsAbout(platform, waiting.id, key)).toEqual([]);
  });

  it('is no part of a destination of another type', async () => {
    const { eventDestinations } = platform.stripe().v2.core;
    const { id } = await eventDestinations.create({
      name: 'Without a source',
      type: 'webhook_endpoint',
      event_payload: 'thin',
      enabled_events: ['v2.nothing.of_this'],
      webhook_endpoint: { url: 'https://example.com/hook' },
    });
    const { status, body } = await platform.request('GET', `/v2/core/event_destinations/${id}/event_source`);
    expect([status, body.error.code]).toEqual([404, 'not_found']);
    await eventDestinations.del(id);
  });
});
