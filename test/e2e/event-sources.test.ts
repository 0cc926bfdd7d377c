import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AwsError } from '../../local/aws-error.ts';
import { createAccount, type OwnAccount } from '../support/accounts.ts';
import {
  associate,
  createActiveDestination,
  createDestination,
  deliveriesOf,
  type EventDestination,
  publish,
  sourceOf,
} from '../support/main-job.ts';
import { type Collector, type Platform, startPlatform } from '../support/platform.ts';
import { eventSourceOf, eventsAbout, failCallsIn, historyOf } from '../support/sources.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;
const SERVICE = '000000000000';

let platform: Platform;
const clock = () => platform.cloud.clock;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.close());
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
    await deleteAtAws(destination);
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

/** As if the partner, or AWS, had deleted it. */
const deleteAtAws = (destination: EventDestination, region = 'us-east-1') =>
  platform.cloud.eventbridge.handle(
    'DeletePartnerEventSource',
    { Name: sourceOf(destination), Account: platform.seed.customer_account_id },
    { account: SERVICE, region },
  );

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
    await deleteAtAws(destination);
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

describe('a refusal of AWS', () => {
  const create = (region = 'sa-east-1', key = platform.seed.test_key) =>
    platform.request('POST', '/v2/core/event_destinations', {
      key,
      body: {
        name: 'Refused',
        type: 'amazon_eventbridge',
        event_payload: 'snapshot',
        enabled_events: ['refused.event'],
        amazon_eventbridge: { aws_account_id: platform.seed.customer_account_id, aws_region: region },
      },
    });
  const sourcesIn = async (region: string) => (await platform.customer(region).listSources()).EventSources ?? [];

  it.each([
    [
      'LimitExceededException',
      400,
      'aws_limit_exceeded',
      /no more partner event sources.*sa-east-1.*another Region/,
      'false',
    ],
    ['OperationDisabledException', 400, 'invalid_fields', /aws_region.*does not take.*sa-east-1.*another Region/, null],
    ['ValidationException', 400, 'invalid_fields', /aws_account_id.*does not accept/, null],
    ['AccessDeniedException', 500, 'partner_not_authorized', /not authorized.*operator has been told/, 'false'],
    [
      'ConcurrentModificationException',
      503,
      'aws_concurrent_modification',
      /another change.*Try again in a minute/,
      'true',
    ],
    ['ThrottlingException', 503, 'aws_throttled', /no more requests.*Try again in a minute/, 'true'],
    ['InternalException', 503, 'aws_unavailable', /just now.*Try again/, 'true'],
  ])('to create a source, %s, says what to do', async (code, status, answered, words, retry) => {
    const heal = failCallsIn(platform, 'sa-east-1', 'CreatePartnerEventSource', new AwsError(code, 'x', 400));
    const answer = await create();
    heal();
    expect([answer.status, answer.body.error.code]).toEqual([status, answered]);
    expect(answer.body.error.message).toMatch(words);
    expect(answer.headers.get('stripe-should-retry')).toBe(retry);
    expect(await sourcesIn('sa-east-1')).toEqual([]);
    const { data } = await platform.stripe().v2.core.eventDestinations.list({ limit: 100 });
    expect(data.filter(({ name }) => name === 'Refused')).toEqual([]);
  });

  it('that is over in a moment is not even seen', async () => {
    platform.cloud.eventbridge.faults.injectFault({
      operation: 'CreatePartnerEventSource',
      region: 'sa-east-1',
      times: 2,
      error: new AwsError('ConcurrentModificationException', 'x'),
    });
    const { status, body } = await create();
    expect(status).toBe(200);
    await platform.stripe().v2.core.eventDestinations.del(body.id);
  });

  it('because the name is taken is none if the source is our own, and names a way out if it is not', async () => {
    const exists = () =>
      failCallsIn(
        platform,
        'sa-east-1',
        'CreatePartnerEventSource',
        new AwsError('ResourceAlreadyExistsException', 'Event source exists'),
      );
    const heal = exists();
    const foreign = await create();
    heal();
    expect([foreign.status, foreign.body.error.code]).toEqual([500, 'aws_event_source_name_taken']);
    expect(foreign.body.error.message).toMatch(/another Idempotency-Key/);
    // Ours: AWS created it, and the answer was lost.
    const lost = loseAnswersOf('CreatePartnerEventSource');
    const own = await create();
    lost();
    expect(own.status).toBe(200);
    expect(own.body.amazon_eventbridge.aws_event_source_status).toBe('pending');
    expect((await sourcesIn('sa-east-1')).map(({ Arn }) => Arn)).toEqual([
      own.body.amazon_eventbridge.aws_event_source_arn,
    ]);
    await platform.stripe().v2.core.eventDestinations.del(own.body.id);
  });

  /** The first call takes effect and answers an error; so the SDK's own second try finds the name taken. */
  function loseAnswersOf(operation: string): () => void {
    const { eventbridge } = platform.cloud;
    const handle = eventbridge.handle.bind(eventbridge);
    let lost = false;
    eventbridge.handle = async (called, input, caller) => {
      const answer = await handle(called, input, caller);
      if (called !== operation || lost) return answer;
      lost = true;
      throw new AwsError('InternalException', 'The answer was lost', 500);
    };
    return () => {
      eventbridge.handle = handle;
    };
  }

  it.each([
    ['ThrottlingException', 503, 'aws_deletion_pending', /goes on by itself/],
    ['AccessDeniedException', 500, 'partner_not_authorized', /operator has been told/],
  ])(
    'to delete a source, %s, keeps the destination deleted, and is gone on with',
    async (code, status, answered, words) => {
      const { body } = await create('ca-central-1');
      const heal = failCallsIn(platform, 'ca-central-1', 'DeletePartnerEventSource', new AwsError(code, 'x'));
      const answer = await platform.request('DELETE', `/v2/core/event_destinations/${body.id}`);
      expect([answer.status, answer.body.error.code]).toEqual([status, answered]);
      expect(answer.body.error.message).toMatch(words);
      expect((await platform.request('GET', `/v2/core/event_destinations/${body.id}`)).status).toBe(404);
      await clock().advance(3 * MINUTE);
      expect(await sourcesIn('ca-central-1')).toHaveLength(1);
      heal();
      await clock().advance(3 * MINUTE);
      expect(await sourcesIn('ca-central-1')).toEqual([]);
    },
  );
});
