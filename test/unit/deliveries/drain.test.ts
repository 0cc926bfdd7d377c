import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import type { Cloud } from '../../../local/cloud.ts';
import { registry } from '../../../shared/aws/table.ts';
import { isDraining } from '../../../shared/deliveries/drain.ts';
import { hold, listHeld } from '../../../shared/deliveries/held.ts';
import type { DeliveryMessage } from '../../../shared/deliveries/message.ts';
import { releaseHeld } from '../../../shared/deliveries/release.ts';
import { destinationKey, type WebhookDestination } from '../../../shared/destinations/destination.ts';
import { forgetHealth } from '../../../shared/health/forget.ts';
import { observed, type Seen } from '../../../shared/health/health.ts';
import { findHealth, recordHealth } from '../../../shared/health/store.ts';
import { newId } from '../../../shared/ids.ts';
import { ONE_SHARD } from '../../../shared/shards.ts';
import { MINUTE, SECOND } from '../../../shared/time.ts';
import { startEmbeddedAws } from '../../support/embedded-aws.ts';
import { holdNext } from '../../support/hold.ts';
import { webhookDestination } from '../../support/webhook-destination.ts';

let cloud: Cloud;
let handled: MockInstance<Cloud['sqs']['handle']>;
beforeAll(async () => {
  ({ cloud } = await startEmbeddedAws());
  handled = vi.spyOn(cloud.sqs, 'handle');
});
afterAll(() => cloud?.close());
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  handled.mockClear();
});
afterEach(() => {
  vi.useRealTimers();
});

const pass = (ms: number) => vi.setSystemTime(Date.now() + ms);

/** A destination that is well, for which so many deliveries are held. */
async function destinationWith(held: number, limits: Pick<WebhookDestination, 'rate_limit'> = {}) {
  const destination = { ...webhookDestination(Date.now()), ...limits };
  await registry().put({ ...destinationKey(destination), ...destination });
  await holdMore(destination, held);
  return destination;
}

const holdMore = ({ id, account }: WebhookDestination, count: number) =>
  hold(
    Array.from(
      { length: count },
      (_, index): DeliveryMessage => ({
        ...{ v: 1, event: newId('evt', false, Date.now() + index), event_type: 'a', account, event_shard: 0 },
        ...{ destination: id, owner: account, livemode: false, attempt: 1 },
      }),
    ),
    ONE_SHARD,
  );

async function countHeld({ id }: WebhookDestination): Promise<number> {
  let count = 0;
  for await (const { messages } of listHeld(id, ONE_SHARD)) count += messages.length;
  return count;
}

/** What was sent to SQS since the last call of this: by how many seconds it was delayed. */
const sentSince = (operation: string): number[] => {
  const inputs = handled.mock.calls.filter(([name]) => name === operation).map(([, input]) => input as SentInput);
  handled.mockClear();
  return inputs.flatMap((input) => (input.Entries ?? [input]).map(({ DelaySeconds = 0 }) => DelaySeconds));
};
const comingAgain = () => sentSince('SendMessage');

interface SentInput {
  readonly DelaySeconds?: number;
  readonly Entries?: readonly { readonly DelaySeconds?: number }[];
}

async function see(destination: WebhookDestination, seen: Partial<Seen>): Promise<void> {
  const before = await findHealth(destination);
  const batch = { succeeded: 0, failed: 0, timedOut: 0, slow: 0, ...seen };
  const after = observed(destination.id, before, batch, Date.now());
  if (after) expect(await recordHealth(destination, before, after)).toBe(true);
}

describe('the drain of a destination', () => {
  it('takes a minute’s worth, spread over the minute, and comes again for the rest', async () => {
    const destination = await destinationWith(1000);
    expect(await releaseHeld(destination)).toBe(600);
    expect(await countHeld(destination)).toBe(400);
    const perSecond = Map.groupBy(sentSince('SendMessageBatch'), (delay) => delay);
    const counts = Array.from({ length: 60 }, (_, second) => perSecond.get(second)?.length);
    expect(counts).toEqual(Array.from({ length: 60 }, () => 10));
    pass(MINUTE);
    expect(await releaseHeld(destination)).toBe(400);
    expect(comingAgain()).toEqual([]);
  });

  it('is one, however many releases are asked for: each of the others comes again when it is its turn', async () => {
    const destination = await destinationWith(1000);
    const held = holdNext(cloud.dynamodb, 'PutItem', `${destination.id}#drain`);
    const slow = releaseHeld(destination);
    await held.reached;
    const faster = [await releaseHeld(destination), await releaseHeld(destination)];
    held.release();
    expect([await slow, ...faster]).toEqual([0, 600, 0]);
    expect(await countHeld(destination)).toBe(400);
    expect(comingAgain().sort()).toEqual([1, 60, 60]);
    pass(MINUTE - 1);
    expect(await releaseHeld(destination)).toBe(0);
    expect(comingAgain()).toEqual([1]);
  });

  it('goes twice as fast after each minute in which nothing failed, up to its limit', async () => {
    const destination = await destinationWith(3000);
    const released: number[] = [];
    for (let step = 0; step < 3; step += 1) {
      released.push(await releaseHeld(destination));
      pass(MINUTE);
    }
    expect(released).toEqual([600, 1200, 1200]);
    const limited = await destinationWith(200, { rate_limit: 1 });
    for (let step = 0; step < 2; step += 1) {
      expect(await releaseHeld(limited)).toBe(60);
      pass(MINUTE);
    }
  });

  it('goes on in a quarter of an hour at the latest when a limit that was far too low is raised', async () => {
    // Ten in a day, by a slip.
    const destination = await destinationWith(700, { rate_limit: 0.0001 });
    expect(await releaseHeld(destination)).toBe(10);
    await registry().put({ ...destinationKey(destination), ...destination, rate_limit: 100 });
    pass(15 * MINUTE);
    expect(await releaseHeld(destination)).toBe(600);
    pass(MINUTE);
    expect(await releaseHeld(destination)).toBe(90);
  });

  it('goes no faster while something fails, however much succeeds in between', async () => {
    const destination = await destinationWith(2100);
    const released: number[] = [];
    for (const failed of [1, 1, 0, 0]) {
      released.push(await releaseHeld(destination));
      pass(20 * SECOND);
      await see(destination, { succeeded: 1, failed });
      pass(20 * SECOND);
      await see(destination, { succeeded: 9 });
      pass(20 * SECOND);
    }
    expect(released).toEqual([600, 600, 600, 300]);
  });

  it.each([
    { what: 'everything was forgotten', meanwhile: (of: WebhookDestination) => forgetHealth(of) },
    {
      what: 'the breaker has opened, and closed',
      meanwhile: async (of: WebhookDestination) => {
        for (let batch = 0; batch < 2; batch += 1) await see(of, { failed: 5, timedOut: 5 });
        expect(await findHealth(of)).toMatchObject({ state: 'open' });
        await see(of, { succeeded: 1 });
      },
    },
    { what: 'nothing came of it for some minutes', meanwhile: async () => pass(3 * MINUTE) },
  ])('begins anew when $what since its last step', async ({ meanwhile }) => {
    const destination = await destinationWith(2500);
    expect(await releaseHeld(destination)).toBe(600);
    pass(MINUTE);
    expect(await releaseHeld(destination)).toBe(1200);
    pass(MINUTE);
    await meanwhile(destination);
    expect(await releaseHeld(destination)).toBe(600);
  });

  it('goes on, for all that others have to know, until nobody has gone on from a step for ten minutes', async () => {
    const destination = await destinationWith(700);
    expect(await isDraining(destination.id, Date.now())).toBe(false);
    await releaseHeld(destination);
    expect(await isDraining(destination.id, Date.now() + 10 * MINUTE)).toBe(true);
    expect(await isDraining(destination.id, Date.now() + 12 * MINUTE)).toBe(false);
    pass(MINUTE);
    await releaseHeld(destination);
    expect(await isDraining(destination.id, Date.now())).toBe(false);
  });

  it('waits no longer than for what went out, and begins anew when it was over', async () => {
    const destination = await destinationWith(1000);
    expect(await releaseHeld(destination)).toBe(600);
    pass(MINUTE);
    expect(await releaseHeld(destination)).toBe(400);
    await holdMore(destination, 1);
    expect(await releaseHeld(destination)).toBe(0);
    expect(comingAgain()).toEqual([60, 20]);
    pass(20 * SECOND);
    expect(await releaseHeld(destination)).toBe(1);
    expect(await countHeld(destination)).toBe(0);
    pass(SECOND);
    await holdMore(destination, 700);
    expect(await releaseHeld(destination)).toBe(600);
  });
});
