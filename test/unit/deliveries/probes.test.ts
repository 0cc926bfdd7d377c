import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Cloud } from '../../../local/cloud.ts';
import { deliverBatch } from '../../../shared/deliveries/deliver.ts';
import { held } from '../../../shared/deliveries/delivery.ts';
import { hold, listHeld } from '../../../shared/deliveries/held.ts';
import { deliveryKey, findDelivery, recordDelivery } from '../../../shared/deliveries/store.ts';
import { wakeUp } from '../../../shared/deliveries/wake-up.ts';
import type { WebhookDestination } from '../../../shared/destinations/destination.ts';
import { findDestination } from '../../../shared/destinations/store.ts';
import { type Health, observed, WELL } from '../../../shared/health/health.ts';
import { findHealth, recordHealth } from '../../../shared/health/store.ts';
import { ONE_SHARD } from '../../../shared/shards.ts';
import { HOUR, isoTime, MINUTE } from '../../../shared/time.ts';
import { eventAt, messageOf, received, receiverOf, record, storedDestination } from '../../support/deliveries.ts';
import { startEmbeddedAws } from '../../support/embedded-aws.ts';
import { holdNext } from '../../support/hold.ts';

let cloud: Cloud;
let sent: Awaited<ReturnType<typeof startEmbeddedAws>>['sent'];
beforeAll(async () => {
  ({ cloud, sent } = await startEmbeddedAws());
});
afterAll(() => cloud?.close());

/** Of events; nothing is held past its window yet. */
const START = Date.now() - 5 * HOUR;

const slot = Date.now() - MINUTE;

const OPEN: Health = { state: 'open', failures: 3, timeouts: 0, probes: 0, probe_at: slot, revision: 1 };

/** A destination whose breaker is open, and whose next probe is due. */
async function failingDestination(): Promise<WebhookDestination> {
  const destination = await storedDestination();
  await recordHealth(destination, WELL, OPEN);
  return destination;
}

const wake = ({ id: destination, account: owner, type, livemode }: WebhookDestination) =>
  wakeUp({ v: 1, destination, owner, type, livemode, slot, until: isoTime(slot) });

/** What a batch with a slow failure makes of the health while the breaker is open. */
async function findSlow(destination: WebhookDestination): Promise<void> {
  const before = await findHealth(destination);
  const after = observed(destination.id, before, { succeeded: 0, failed: 1, timedOut: 0, slow: 1 }, Date.now());
  expect(after && (await recordHealth(destination, before, after))).toBe(true);
}

describe('the wake-up in whose slot a round of probes is due', () => {
  it('sends probes although there is more past its window than it has time to end, and asks to go on with that', async () => {
    const destination = await failingDestination();
    // Apart, so that none shares an item with another.
    const events = Array.from({ length: 45 }, (_, index) => eventAt(START - 4 * HOUR - index * 11 * MINUTE));
    await hold(
      events.map((event) => messageOf(destination, event, 'a')),
      ONE_SHARD,
    );
    let now = performance.now();
    const slow = vi.spyOn(performance, 'now').mockImplementation(() => {
      now += 10 * MINUTE;
      return now;
    });
    expect(await wake(destination)).toEqual({ more: true });
    const probes = await sent();
    expect(probes.length).toBeGreaterThan(1);
    for (const { event } of probes) expect(events.slice(0, 25)).toContain(event);
    expect((await findHealth(destination)).probe_at).toBeGreaterThan(Date.now());
    expect(await wake(destination)).toEqual({ more: true });
    slow.mockRestore();
    expect(await wake(destination)).toEqual({ more: false });
    expect(await sent()).toEqual([]);
    for await (const { key } of listHeld(destination.id, ONE_SHARD)) expect.fail(`${key.sk} is still held`);
  });

  it.each([
    { what: 'nothing', opened: Date.now() - 10 * MINUTE, status: 'pending' },
    { what: 'all that the breaker has held it', opened: Date.now() - 7 * HOUR, status: 'failed' },
  ])('charges $what to what was paused before, and then waited for the drain', async ({ opened, status }) => {
    const paused = Date.now() - 20 * HOUR;
    const pauses = [{ from: paused, until: paused + HOUR }];
    const destination = await storedDestination({ pauses });
    await recordHealth(destination, WELL, { ...OPEN, opened });
    const events = Array.from({ length: 5 }, (_, index) => eventAt(paused + index));
    const keyOf = (event: string) => deliveryKey(destination.id, event, ONE_SHARD);
    for (const event of events) {
      const head = { event, event_type: 'a', destination: destination.id };
      await recordDelivery(keyOf(event), undefined, held(head, undefined, 'paused', paused));
    }
    await hold(
      events.map((event) => messageOf(destination, event, 'a')),
      ONE_SHARD,
    );
    await wake(destination);
    const found = await Promise.all(events.map((event) => findDelivery(keyOf(event))));
    expect(found.map((delivery) => delivery?.status)).toEqual(events.map(() => status));
    await sent();
  });

  it.each([
    { what: 'that all of it has failed for days', pauses: [], told: true },
    {
      what: 'nothing, of days in which it was paused',
      pauses: [{ from: Date.now() - 70 * HOUR, until: slot }],
      told: false,
    },
  ])('tells the account $what', async ({ pauses, told }) => {
    const destination = await storedDestination({ pauses });
    await recordHealth(destination, WELL, { ...OPEN, failing_since: Date.now() - 73 * HOUR });
    await wake(destination);
    const found = await findDestination(destination);
    expect(found?.told_failing !== undefined).toBe(told);
  });

  it('makes the next no further away when nothing could be probed, because somebody has paused it', async () => {
    const destination = await storedDestination({ paused: true });
    await recordHealth(destination, WELL, { ...OPEN, probes: 1 });
    await hold([messageOf(destination, eventAt(Date.now()), 'a')], ONE_SHARD);
    await wake(destination);
    const { probes, probe_at = 0 } = await findHealth(destination);
    expect(probes).toBe(1);
    expect(probe_at - Date.now()).toBeLessThanOrEqual(45 * MINUTE);
    expect(await sent()).toEqual([]);
  });

  it('says when the next one is although the destination was found slow meanwhile, with one round only', async () => {
    const destination = await failingDestination();
    await hold([messageOf(destination, eventAt(Date.now()), 'a')], ONE_SHARD);
    const sending = holdNext(cloud.sqs, 'SendMessageBatch');
    const waking = wake(destination);
    await sending.reached;
    await findSlow(destination);
    sending.release();
    await waking;
    const health = await findHealth(destination);
    expect(health).toMatchObject({ state: 'open', probes: 1, slow: { quick: 0 } });
    expect(health.probe_at).toBeGreaterThan(Date.now());
    expect(await sent()).toHaveLength(1);
  });

  it('lets attempts through when nothing is held although the destination was found slow meanwhile', async () => {
    const destination = await failingDestination();
    const announcing = holdNext(cloud.sqs, 'SendMessage', destination.id);
    const waking = wake(destination);
    await announcing.reached;
    await findSlow(destination);
    announcing.release();
    await waking;
    expect(await findHealth(destination)).toMatchObject({ state: 'half_open', slow: { quick: 0 } });
  });

  it('sends probes of several types, so that one of which all fail does not keep the breaker open for the others', async () => {
    const destination = await failingDestination();
    const of = (type: string, at: number) => messageOf(destination, eventAt(START + at), type);
    const bad = Array.from({ length: 6 }, (_, index) => of('bad', index * 20 * MINUTE));
    // So close behind another that no instant in between would find it.
    const held = [...bad, of('good', 40 * MINUTE + 1)];
    await Promise.all(held.map(record));
    await hold(held, ONE_SHARD);
    await wake(destination);
    const probes = await sent();
    expect(probes.map(({ event_type, probe }) => [event_type, probe]).sort()).toEqual([
      ['bad', true],
      ['bad', true],
      ['good', true],
    ]);
    expect(await deliverBatch(receiverOf('good'), probes.map(received))).toEqual([]);
    expect(await findHealth(destination)).toMatchObject({ state: 'closed' });
  });

  it('finds what to probe with behind all that is held of a bulk resend', async () => {
    const destination = await failingDestination();
    const copies = Array.from({ length: 25 }, (_, index) => ({
      ...messageOf(destination, eventAt(START + index), 'a'),
      ...{ attempt: 0, manual: `copy_${index}`, bulk: true as const },
    }));
    const automatic = messageOf(destination, eventAt(START + MINUTE), 'a');
    const newer = copies.map((copy) => ({ ...copy, event: eventAt(START + 2 * MINUTE) }));
    await hold([...copies, automatic, ...newer], ONE_SHARD);
    await wake(destination);
    expect((await sent()).map(({ event }) => event)).toEqual([automatic.event]);
    expect(await findHealth(destination)).toMatchObject({ state: 'open', probes: 1 });
  });
});
