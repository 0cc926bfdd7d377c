import type Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createAccount } from '../support/accounts.ts';
import { armCrash, type Crashing, killAtEveryCall as killAtEvery } from '../support/crash.ts';
import {
  associate,
  createActiveDestination,
  createDestination,
  deliveriesOf,
  publish,
  sourceOf,
} from '../support/main-job.ts';
import { type Platform, startPlatform } from '../support/platform.ts';
import { eventsAbout } from '../support/sources.ts';

// Each test plays its scenario some twenty times.
vi.setConfig({ testTimeout: 900_000 });

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

let platform: Platform;
beforeAll(async () => {
  // Every crash is an error in the embedded cloud, too: not worth a word here.
  platform = await startPlatform({ log: () => undefined });
});
afterAll(() => platform.close());

const killAtEveryCall = (functionName: string, scenario: (crashing: Crashing) => Promise<void>) =>
  killAtEvery(platform.cloud, functionName, scenario);

/** Until everything that the event has set off has run; time moves by no more than a batching window. */
async function publishAndSettle(type: string): Promise<string> {
  const event = await publish(platform, type);
  await platform.cloud.clock.advance(2 * SECOND);
  return event;
}

const idsOf = (envelopes: readonly { detail: { id: string } }[]) => new Set(envelopes.map(({ detail }) => detail.id));

describe('a crash at any AWS call', () => {
  it('of dispatch loses no event, nor its thin twin', async () => {
    const { collector } = await createActiveDestination(platform, { enabled_events: ['crash.dispatch'] });
    const thin = await createActiveDestination(platform, {
      event_payload: 'thin',
      enabled_events: ['v1.crash.dispatch'],
    });
    const body = { type: 'crash.dispatch', data: { object: { id: 'cus_1' } }, thin_event: true };
    const crashes = await killAtEveryCall('Dispatch', async (crashing) => {
      const event = await crashing(async () => {
        const answer = await platform.request('POST', '/v1/events', { key: platform.seed.publish_key, body });
        await platform.cloud.clock.advance(2 * SECOND);
        return answer.body.id;
      });
      await platform.skip(10 * MINUTE);
      expect(idsOf(await collector.received())).toEqual(new Set([event]));
      const twins = await thin.collector.received();
      expect(new Set(twins.map(({ detail }) => detail.snapshot_event))).toEqual(new Set([event]));
      const [twin = '', ...others] = idsOf(twins);
      expect(others).toEqual([]);
      for (const id of [event, twin]) expect(await deliveriesOf(platform, id)).toMatchObject([{ status: 'delivered' }]);
    });
    // The event, the twin, the deliveries that each was first meant for, and their messages.
    expect(crashes).toBeGreaterThanOrEqual(8);
  });

  it('of deliver loses no event, and the ledger says delivered', async () => {
    const { collector } = await createActiveDestination(platform, { enabled_events: ['crash.deliver'] });
    const crashes = await killAtEveryCall('DeliverEventBridge', async (crashing) => {
      const event = await crashing(() => publishAndSettle('crash.deliver'));
      await platform.skip(10 * MINUTE);
      expect(idsOf(await collector.received())).toEqual(new Set([event]));
      expect(await deliveriesOf(platform, event)).toMatchObject([{ status: 'delivered' }]);
    });
    expect(crashes).toBeGreaterThanOrEqual(6);
  });

  it('of deliver after a failed attempt still brings the next attempt', async () => {
    const { collector } = await createActiveDestination(platform, { enabled_events: ['crash.retry'] });
    const crashes = await killAtEveryCall('DeliverEventBridge', async (crashing) => {
      platform.cloud.eventbridge.faults.clear();
      platform.cloud.eventbridge.faults.injectEntryFault({
        match: () => true,
        code: 'InvalidArgument',
        message: 'No',
        times: 1,
      });
      const event = await crashing(() => publishAndSettle('crash.retry'));
      await platform.skip(HOUR);
      expect(idsOf(await collector.received())).toEqual(new Set([event]));
      expect(await deliveriesOf(platform, event)).toMatchObject([{ status: 'delivered' }]);
    });
    expect(crashes).toBeGreaterThanOrEqual(8);
  });

  it('of deliver in a manual attempt delivers the event, and says so', async () => {
    const { destination, collector } = await createActiveDestination(platform, { enabled_events: ['crash.manual'] });
    const crashes = await killAtEveryCall('DeliverEventBridge', async (crashing) => {
      platform.cloud.eventbridge.faults.clear();
      platform.cloud.eventbridge.faults.injectEntryFault({
        match: () => true,
        code: 'InvalidArgument',
        message: 'No',
        times: 4,
      });
      const event = await publish(platform, 'crash.manual');
      await platform.skip(6 * HOUR);
      expect(await deliveriesOf(platform, event)).toMatchObject([{ status: 'failed' }]);
      await crashing(async () => {
        await platform.stripe().rawRequest('POST', `/v1/events/${event}/retry`, { webhook_endpoint: destination.id });
        await platform.cloud.clock.advance(2 * SECOND);
      });
      await platform.skip(10 * MINUTE);
      expect(idsOf(await collector.received())).toEqual(new Set([event]));
      const [delivery] = await deliveriesOf(platform, event);
      expect(delivery?.status).toBe('delivered');
      expect(delivery?.attempts.at(-1)).toMatchObject({ number: 1, manual: true, outcome: 'succeeded' });
    });
    expect(crashes).toBeGreaterThanOrEqual(8);
  });

  it('of deliver while it holds leaves nothing behind when the source becomes active', async () => {
    const crashes = await killAtEveryCall('DeliverEventBridge', async (crashing) => {
      const destination = await createDestination(platform, { enabled_events: ['crash.hold'] });
      const event = await crashing(() => publishAndSettle('crash.hold'));
      const collector = await associate(platform, destination);
      await platform.cloud.clock.advance(2 * MINUTE);
      await platform.skip(10 * MINUTE);
      expect(idsOf(await collector.received())).toEqual(new Set([event]));
      await platform.customer().deleteBus(sourceOf(destination));
      await platform.stripe().v2.core.eventDestinations.del(destination.id);
    });
    expect(crashes).toBeGreaterThanOrEqual(8);
  });

  it.each(['TrackSources', 'Release'])(
    'of %s at the activation leaves nothing held or untold',
    async (functionName) => {
      const crashes = await killAtEveryCall(functionName, async (crashing) => {
        const destination = await createDestination(platform, { enabled_events: ['crash.release'] });
        const event = await publishAndSettle('crash.release');
        const collector = await associate(platform, destination);
        await crashing(() => platform.cloud.clock.advance(2 * MINUTE));
        await platform.cloud.clock.advance(2 * MINUTE);
        // The releases queue hides a message for six times the release function's eleven minutes.
        await platform.skip(2 * HOUR);
        await platform.cloud.clock.advance(2 * MINUTE);
        expect(idsOf(await collector.received())).toEqual(new Set([event]));
        expect(await deliveriesOf(platform, event)).toMatchObject([{ status: 'delivered' }]);
        const told = await eventsAbout(platform, destination.id);
        expect(told.map(({ type }) => type)).toEqual(['v2.core.event_destination.activated']);
        await platform.customer().deleteBus(sourceOf(destination));
        await platform.stripe().v2.core.eventDestinations.del(destination.id);
      });
      expect(crashes).toBeGreaterThanOrEqual(4);
    },
  );
});

// Each of them plays its scenario some twenty times.
describe('a crash of the API at any AWS call', { timeout: 300_000 }, () => {
  /** The sources of the customer and the destinations of the account name each other, one to one. */
  const expectNoOrphans = async () => {
    const { EventSources = [] } = await platform.customer('eu-north-1').listSources();
    const { data } = await platform.stripe().v2.core.eventDestinations.list({ limit: 100 });
    const here = data.filter((destination) =>
      destination.amazon_eventbridge?.aws_event_source_arn?.includes(':eu-north-1:'),
    );
    expect(EventSources.map(({ Name }) => Name).sort()).toEqual(here.map(sourceOf).sort());
  };
  /** What a dead function has made nobody else deletes, and an account has sixteen places. */
  const deleteAllIn = async (region: string) => {
    const { eventDestinations } = platform.stripe().v2.core;
    const { data } = await eventDestinations.list({ limit: 100 });
    for (const { id, amazon_eventbridge } of data)
      if (amazon_eventbridge?.aws_event_source_arn?.includes(`:${region}:`)) await eventDestinations.del(id);
  };
  const create = (idempotencyKey: string) =>
    platform.stripe().v2.core.eventDestinations.create(
      {
        name: 'Crashing',
        type: 'amazon_eventbridge',
        event_payload: 'snapshot',
        enabled_events: ['crash.create'],
        amazon_eventbridge: { aws_account_id: platform.seed.customer_account_id, aws_region: 'eu-north-1' },
      },
      { idempotencyKey },
    );

  it('during a creation is repaired by a repeat, which makes the same destination', async () => {
    let keys = 0;
    const crashes = await killAtEveryCall('Api', async (crashing) => {
      const key = `create-and-repeat-${++keys}`;
      const first = await crashing(() => create(key)).catch(() => undefined);
      await platform.cloud.clock.advance(30 * SECOND);
      const destination = await create(key);
      if (first) expect(destination.id).toBe(first.id);
      expect(destination.amazon_eventbridge?.aws_event_source_status).toBe('pending');
      await expectNoOrphans();
      await platform.stripe().v2.core.eventDestinations.del(destination.id);
    });
    expect(crashes).toBeGreaterThanOrEqual(10);
  });

  it('during a creation is repaired by the tracker when nobody repeats it', async () => {
    let keys = 0;
    await killAtEveryCall('Api', async (crashing) => {
      await crashing(() => create(`create-and-leave-${++keys}`)).catch(() => undefined);
      await platform.cloud.clock.advance(4 * MINUTE);
      await expectNoOrphans();
      await deleteAllIn('eu-north-1');
    });
  });

  it('during a deletion leaves no source behind, repeated or not', async () => {
    let keys = 0;
    const { eventDestinations } = platform.stripe().v2.core;
    const crashes = await killAtEveryCall('Api', async (crashing) => {
      const { id } = await createDestination(platform, { enabled_events: ['crash.delete'] }, 'eu-north-1');
      const remove = (idempotencyKey: string) => eventDestinations.del(id, {}, { idempotencyKey });
      const key = `delete-${++keys}`;
      const removed = await crashing(() => remove(key)).catch(() => undefined);
      await platform.cloud.clock.advance(30 * SECOND);
      // Half of the customers repeat the request; without it, the tracker ends what was begun.
      if (keys % 2) expect((await remove(key)).id).toBe(id);
      await platform.cloud.clock.advance(4 * MINUTE);
      await expectNoOrphans();
      const left = await eventDestinations.retrieve(id).catch(() => undefined);
      expect(left === undefined || (removed === undefined && keys % 2 === 0)).toBe(true);
      if (left) await eventDestinations.del(id);
    });
    expect(crashes).toBeGreaterThanOrEqual(8);
  });

  const webhook: Stripe.V2.Core.EventDestinationCreateParams = {
    name: 'Crashing',
    type: 'webhook_endpoint',
    event_payload: 'snapshot',
    enabled_events: ['crash.webhook'],
    webhook_endpoint: { url: 'https://example.com/hook' },
  };

  it('during the creation or deletion of a destination without a source is repaired by the tracker', async () => {
    const { key } = await createAccount(platform);
    const { eventDestinations } = platform.stripe(key).v2.core;
    const crashes = await killAtEveryCall('Api', async (crashing) => {
      await crashing(async () => {
        const { id } = await eventDestinations.create(webhook);
        await eventDestinations.del(id);
      }).catch(() => undefined);
      await platform.cloud.clock.advance(2 * MINUTE);
      const { data } = await eventDestinations.list({ limit: 100 });
      for (const { id } of data) await eventDestinations.del(id);
    });
    expect(crashes).toBeGreaterThanOrEqual(12);
    // Whatever was left half-way, every place can be had.
    await platform.cloud.clock.advance(2 * MINUTE);
    for (let n = 0; n < 16; n += 1) await eventDestinations.create(webhook);
    await expect(eventDestinations.create(webhook)).rejects.toThrow('has 16 event destinations');
  });

  it('while it disables a destination leaves neither the change untold nor tells of one that was not made', async () => {
    const { key } = await createAccount(platform);
    const { eventDestinations } = platform.stripe(key).v2.core;
    const { id } = await eventDestinations.create(webhook);
    let disabled = 0;
    const crashes = await killAtEveryCall('Api', async (crashing) => {
      await crashing(() => eventDestinations.disable(id)).catch(() => undefined);
      await platform.cloud.clock.advance(61 * SECOND);
      const { status } = await eventDestinations.retrieve(id);
      if (status === 'disabled') disabled += 1;
      const told = await eventsAbout(platform, id, key);
      expect(told.filter(({ type }) => type.endsWith('.disabled'))).toHaveLength(disabled);
      await eventDestinations.enable(id);
      await platform.cloud.clock.advance(SECOND);
    });
    expect(crashes).toBeGreaterThanOrEqual(8);
  });

  it('that leaves places behind without destinations costs the account none of them for long', async () => {
    const { key } = await createAccount(platform);
    const create = () => platform.stripe(key).v2.core.eventDestinations.create(webhook);
    for (let n = 0; n < 16; n += 1) {
      const takesPlace = (operation: string, input: unknown) =>
        operation === 'PutItem' && JSON.stringify(input).includes('place#');
      const plan = { functionName: 'Api', nth: 1, when: 'after', of: takesPlace } as const;
      const crash = armCrash(platform.cloud, plan);
      await expect(create()).rejects.toThrow();
      crash.disarm();
    }
    // The creations could still be under way.
    await expect(create()).rejects.toThrow('has 16 event destinations');
    await platform.skip(2 * MINUTE);
    const answers = await Promise.allSettled(Array.from({ length: 17 }, create));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(16);
  });
});
