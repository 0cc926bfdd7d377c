import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AwsError } from '../../local/aws-error.ts';
import { createAccount } from '../support/accounts.ts';
import { associate, createActiveDestination, createDestination, publish, sourceOf } from '../support/main-job.ts';
import { metricValues } from '../support/metrics.ts';
import { type Platform, startPlatform } from '../support/platform.ts';
import { publishMany } from '../support/retries.ts';
import { eventSourceOf } from '../support/sources.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const SERVICE = '000000000000';

let platform: Platform;
const clock = () => platform.cloud.clock;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.close());
afterEach(() => {
  platform.cloud.eventbridge.faults.clear();
  platform.cloud.lambda.beforeInvoke = undefined;
});

/** How often AWS is asked for the state of sources while the work is done. */
async function countChecks(work: () => Promise<unknown>, region?: string): Promise<number> {
  const { eventbridge } = platform.cloud;
  const handle = eventbridge.handle.bind(eventbridge);
  let checks = 0;
  eventbridge.handle = (operation, input, caller) => {
    if (operation === 'ListPartnerEventSourceAccounts' && (region ?? caller.region) === caller.region) checks += 1;
    return handle(operation, input, caller);
  };
  try {
    await work();
  } finally {
    eventbridge.handle = handle;
  }
  return checks;
}

const invocations = (functionName = 'TrackSources') =>
  [...platform.cloud.lambda.counts].find(([name]) => name.includes(functionName))?.[1].invocations ?? 0;

describe('the tracker', () => {
  it('tells of an activation, and of a webhook’s end, once, and comes for neither again', async () => {
    const { key } = await createAccount(platform);
    const { eventDestinations } = platform.stripe(key).v2.core;
    await createActiveDestination(platform, { enabled_events: ['told.once'] }, 'sa-east-1', key);
    const { id } = await eventDestinations.create({
      name: 'Told once',
      type: 'webhook_endpoint',
      event_payload: 'snapshot',
      enabled_events: ['told.once'],
      webhook_endpoint: { url: 'https://example.com/told' },
    });
    await eventDestinations.disable(id);
    await clock().advance(2 * MINUTE);
    const before = invocations('Dispatch');
    await clock().advance(15 * MINUTE);
    expect(invocations('Dispatch')).toBe(before);
  });

  it('confirms a source that is put to once a minute, and an idle one every five', async () => {
    const region = 'eu-west-1';
    const { destination } = await createActiveDestination(platform, { enabled_events: ['busy.source'] }, region);
    await clock().advance(5 * MINUTE);
    const idle = await countChecks(() => clock().advance(10 * MINUTE), region);
    expect(idle).toBeLessThanOrEqual(3);
    const confirmations: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      for (let n = 0; n < 6; n += 1) {
        await publish(platform, 'busy.source');
        await clock().advance(10 * SECOND);
      }
      const { last_confirmed_active } = await eventSourceOf(platform, destination.id);
      confirmations.push(Date.parse(last_confirmed_active ?? ''));
    }
    // Between the second's puts and the round at the minute there is nothing that could take longer.
    for (const at of confirmations.keys())
      if (at > 0) expect((confirmations[at] ?? 0) - (confirmations[at - 1] ?? 0)).toBeLessThanOrEqual(MINUTE);
    await clock().advance(8 * MINUTE);
    expect(await countChecks(() => clock().advance(10 * MINUTE), region)).toBeLessThanOrEqual(3);
  });

  it('costs a busy source one write a minute, however many events are put to it', async () => {
    await createActiveDestination(platform, { enabled_events: ['busy.writes'] }, 'eu-west-2');
    await publish(platform, 'busy.writes');
    await clock().advance(2 * SECOND);
    const updates = () => platform.cloud.dynamodb.counts.get('UpdateItem') ?? 0;
    const before = updates();
    for (let batch = 0; batch < 5; batch += 1) {
      // By the queue: the API counts the requests of an account by updates of its own.
      await publishMany(platform, { count: 6, type: 'busy.writes', livemode: false });
      await clock().advance(2 * SECOND);
    }
    expect(updates() - before).toBe(0);
  });

  it('does nothing in a minute in which nothing is due', async () => {
    await createActiveDestination(platform, { enabled_events: ['idle.minute'] }, 'eu-west-3');
    await clock().advance(7 * MINUTE);
    const before = invocations();
    const checks = await countChecks(async () => {
      await clock().advance(10 * MINUTE);
    });
    // Ten times the schedule, and a round for each Region whose sources were due once or twice.
    expect(invocations() - before).toBeLessThanOrEqual(10 + checks);
  });

  it('looks at a source at once when puts to it fail', async () => {
    const { destination } = await createActiveDestination(platform, { enabled_events: ['failing.puts'] }, 'ap-east-1');
    await clock().advance(20 * SECOND);
    await platform.cloud.eventbridge.handle(
      'DeletePartnerEventSource',
      { Name: sourceOf(destination), Account: platform.seed.customer_account_id },
      { account: SERVICE, region: 'ap-east-1' },
    );
    await publish(platform, 'failing.puts');
    const asked = await countChecks(() => clock().advance(2 * SECOND), 'ap-east-1');
    expect(asked).toBe(1);
    const { last_checked } = await eventSourceOf(platform, destination.id);
    expect(clock().now() - Date.parse(last_checked)).toBeLessThanOrEqual(2 * SECOND);
  });

  it('is held up in no other Region by one that hangs', async () => {
    const hanging = await createDestination(platform, { enabled_events: ['hang.a'] }, 'me-south-1');
    const other = await createDestination(platform, { enabled_events: ['hang.b'] }, 'me-central-1');
    const { eventbridge } = platform.cloud;
    const handle = eventbridge.handle.bind(eventbridge);
    const released = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const checked = Promise.withResolvers<void>();
    eventbridge.handle = async (operation, input, caller) => {
      if (operation !== 'ListPartnerEventSourceAccounts') return handle(operation, input, caller);
      if (caller.region === 'me-south-1') {
        asked.resolve();
        await released.promise;
      }
      const answer = await handle(operation, input, caller);
      if (caller.region === 'me-central-1') checked.resolve();
      return answer;
    };
    const moving = clock().advance(61 * SECOND);
    await asked.promise;
    await checked.promise;
    eventbridge.handle = handle;
    released.resolve();
    await moving;
    for (const { id } of [hanging, other]) await platform.stripe().v2.core.eventDestinations.del(id);
  });
});

describe('once a day', () => {
  it('a source that belongs to no destination any more is deleted, and one that nobody knows is left alone', async () => {
    const region = 'ca-west-1';
    const customer = platform.customer(region);
    const sources = async () => ((await customer.listSources()).EventSources ?? []).map(({ Name }) => Name);
    const create = (Name: string) =>
      platform.cloud.eventbridge.handle(
        'CreatePartnerEventSource',
        { Name, Account: platform.seed.customer_account_id },
        { account: SERVICE, region },
      );
    const kept = await createDestination(platform, { enabled_events: ['sweep.kept'] }, region);
    const deleted = await createDestination(platform, { enabled_events: ['sweep.deleted'] }, region);
    await platform.stripe().v2.core.eventDestinations.del(deleted.id);
    // AWS did late what it had been asked for, and what we had given up.
    await create(sourceOf(deleted));
    const foreign = `${sourceOf(kept).replace(kept.id, '')}ed_test_01HZX0000000000000000000ZZ`;
    await create(foreign);
    await platform.skip(25 * HOUR);
    await clock().advance(2 * MINUTE);
    expect(await sources()).toEqual([sourceOf(kept), foreign].toSorted());
    expect(metricValues(platform, 'orphaned_sources')).toEqual([1]);
    expect(metricValues(platform, 'unknown_sources').length).toBeGreaterThanOrEqual(1);
  });

  it('the sweep of a Region that cannot be listed is begun anew, and checks go on meanwhile', async () => {
    const region = 'af-south-1';
    const destination = await createDestination(platform, { enabled_events: ['sweep.failing'] }, region);
    platform.cloud.eventbridge.faults.injectFault({
      operation: 'ListPartnerEventSources',
      region,
      error: new AwsError('InternalException', 'x', 500),
    });
    await associate(platform, destination, region);
    await clock().advance(2 * MINUTE);
    expect(await eventSourceOf(platform, destination.id)).toMatchObject({ status: 'active' });
    platform.cloud.eventbridge.faults.clear();
    const before = platform.cloud.eventbridge.counts.get('ListPartnerEventSources') ?? 0;
    await platform.skip(62 * MINUTE);
    await clock().advance(MINUTE);
    expect(platform.cloud.eventbridge.counts.get('ListPartnerEventSources')).toBeGreaterThan(before);
  });
});

// Last, because it leaves many pending sources behind, each of which is checked in every round.
describe('a read', () => {
  it('of a stale state asks AWS itself, within a bounded part of the calls; over it, the tracker’s next round does', async () => {
    const region = 'eu-south-1';
    const keys = [(await createAccount(platform)).key, (await createAccount(platform)).key];
    const each = await Promise.all(
      keys.flatMap((key) =>
        Array.from({ length: 13 }, async () => ({ key, id: (await createDestination(platform, {}, region, key)).id })),
      ),
    );
    platform.cloud.lambda.beforeInvoke = (name) => {
      if (name.includes('Track')) throw new AwsError('TooManyRequestsException', 'The tracker is down', 429);
    };
    await clock().advance(5 * MINUTE);
    const read = () => Promise.all(each.map(({ key, id }) => eventSourceOf(platform, id, key)));
    let sources: Awaited<ReturnType<typeof read>> = [];
    expect(
      await countChecks(async () => {
        sources = await read();
      }),
    ).toBe(20);
    const stale = sources.filter(({ last_checked }) => clock().now() - Date.parse(last_checked) > MINUTE);
    expect(stale).toHaveLength(6);
    platform.cloud.lambda.beforeInvoke = undefined;
    await clock().advance(2 * MINUTE);
    for (const { last_checked } of await read())
      expect(clock().now() - Date.parse(last_checked)).toBeLessThanOrEqual(MINUTE);
  });
});
