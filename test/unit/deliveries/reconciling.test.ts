import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cloud } from '../../../local/cloud.ts';
import { createAccount } from '../../../shared/accounts/account.ts';
import { ledger, registry } from '../../../shared/aws/table.ts';
import { type Delivery, held, reopened } from '../../../shared/deliveries/delivery.ts';
import { takeStep } from '../../../shared/deliveries/drain.ts';
import { hold } from '../../../shared/deliveries/held.ts';
import { type DeliveryMessage, messageOfRecord } from '../../../shared/deliveries/message.ts';
import { deliveryKey, findDelivery, recordDelivery } from '../../../shared/deliveries/store.ts';
import { destinationKey, type WebhookDestination } from '../../../shared/destinations/destination.ts';
import { buryDestination, findTombstone } from '../../../shared/destinations/tombstone.ts';
import { packContent } from '../../../shared/events/codec.ts';
import { insertEvent } from '../../../shared/events/store.ts';
import { newId, timeOf } from '../../../shared/ids.ts';
import { examine } from '../../../shared/reconciliation/examine.ts';
import { ReconciliationMessage } from '../../../shared/reconciliation/message.ts';
import { reconcile } from '../../../shared/reconciliation/reconcile.ts';
import { endExpired, oldestPending } from '../../../shared/reconciliation/retention.ts';
import { ONE_SHARD } from '../../../shared/shards.ts';
import { DAY, HOUR, MINUTE } from '../../../shared/time.ts';
import { startEmbeddedAws } from '../../support/embedded-aws.ts';
import { webhookDestination } from '../../support/webhook-destination.ts';
import { arn } from '../local/boot/assembly.ts';

let cloud: Cloud;
beforeAll(async () => {
  ({ cloud } = await startEmbeddedAws());
  process.env.RECONCILIATIONS_QUEUE_URL = process.env.SLOW_WEBHOOK_QUEUE_URL;
});
afterAll(() => cloud?.close());

const now = Date.now();
const ONE = { delivery_shards: ONE_SHARD };

async function newDestination(): Promise<WebhookDestination> {
  const destination = webhookDestination(now);
  await registry().put({ ...destinationKey(destination), ...destination });
  return destination;
}

const headAt = ({ id }: WebhookDestination, at: number) => ({
  ...{ event: newId('evt', false, at), event_type: 'a', destination: id },
});
const keyOf = ({ destination, event }: Delivery) => deliveryKey(destination, event, ONE_SHARD);

describe('what has waited for as long as its event is kept', () => {
  const waiting = (of: WebhookDestination, days: number) =>
    held(headAt(of, now - days * DAY), undefined, 'paused', now);

  it('ends, and what a bulk resend brought back, or is due, not before its window does', async () => {
    const of = await newDestination();
    const due = (days: number, at: number): Delivery => ({
      ...headAt(of, now - days * DAY),
      ...{ status: 'pending', next: 2, due: at, updated: now },
    });
    const again = (days: number) =>
      reopened({ ...due(days, now), status: 'failed' }, 'evtrs_1', now + HOUR, now - HOUR);
    const over = [waiting(of, 29.5), waiting(of, 31), due(29.5, now - 2 * HOUR), due(33.5, now + HOUR), again(33.5)];
    const others = [waiting(of, 28.5), due(29.5, now + HOUR), due(31, now - MINUTE), again(29.5), again(32)];
    for (const delivery of [...over, ...others]) await recordDelivery(keyOf(delivery), undefined, delivery);
    expect(await endExpired([...over, ...others], ONE)).toEqual(others);
    const ends = await Promise.all([...over, ...others].map(async (one) => (await findDelivery(keyOf(one)))?.reason));
    expect(ends).toEqual([...over.map(() => 'event_expired'), ...others.map(() => undefined)]);
  });

  it('is looked for until TTL deletes it', () => {
    const daysBehind = (now - oldestPending(now)) / DAY;
    expect(daysBehind).toBeGreaterThan(33);
    expect(daysBehind).toBeLessThan(35);
  });
});

describe('the reconciliation', () => {
  const heldLongAgo = async (of: WebhookDestination, withItem: boolean) => {
    const delivery = held(headAt(of, now - 3 * HOUR), undefined, 'paused', now - 2 * HOUR);
    await recordDelivery(keyOf(delivery), undefined, delivery);
    const message: DeliveryMessage = messageOfRecord(delivery, of);
    if (withItem) await hold([message], ONE_SHARD);
    return { type: of.type, message };
  };

  it('takes nothing for lost that the drain under way takes, or has just sent', async () => {
    const of = await newDestination();
    const suspects = [await heldLongAgo(of, true), await heldLongAgo(of, false)];
    const findings = async () => (await examine(suspects, { now })).map(({ finding }) => finding);
    expect(await findings()).toEqual(['not_released', 'held_for_nothing']);
    await takeStep(of.id, undefined, { at: now, until: now + MINUTE, more: true });
    expect(await findings()).toEqual([]);
  });

  it('can name a destination that was deleted by a version that did not say its type', async () => {
    const of = await newDestination();
    await buryDestination(of);
    expect(await findTombstone(of)).toMatchObject({ type: 'webhook_endpoint', delivery_shards: ONE_SHARD });
    const key = { ...destinationKey(of), sk: `tombstone#${of.id}` };
    await registry().update(key, { expression: 'REMOVE #type', names: { '#type': 'type' } });
    const tombstone = await findTombstone(of);
    const suspect = { ...(await heldLongAgo(of, true)), type: tombstone?.type };
    expect(ReconciliationMessage.parse({ v: 1, kind: 'suspects', suspects: [suspect] })).toBeDefined();
  });

  it('finds the deliveries of an event whose content it cannot read, and those of others', async () => {
    const of = await newDestination();
    const { account, livemode } = of;
    await createAccount(account, 'Reconciled', now - DAY);
    const ids = [0, 1].map((index) => newId('evt', livemode, now - 2 * HOUR + index));
    for (const [index, id] of ids.entries()) {
      const content = { type: 'a', data: { object: {} } };
      const packed = Buffer.from(packContent(content));
      if (index === 0) packed[0] = 99;
      const event = { id, account, livemode, created: timeOf(id), payload: 'snapshot' as const, content };
      await insertEvent({ event, destinations: [{ id: of.id, account, type: of.type }] }, packed, 0);
    }
    await reconcile({ v: 1, kind: 'events', account, livemode });
    const [asked] = cloud.sqs.queue(arn('sqs', 'slow'))?.delayedMessages ?? [];
    for (const id of ids) expect(asked?.body).toContain(id);
  });

  it('finds what is held beside an item that it cannot read', async () => {
    const of = await newDestination();
    const readable = await heldLongAgo(of, true);
    const newer = `${readable.message.event.slice(0, -1)}0#token`;
    await ledger().put({ pk: `${of.id}#held#0`, sk: newer, messages: 'what nobody can read yet', edition: 0 });
    expect((await examine([readable], { now })).map(({ finding }) => finding)).toEqual(['not_released']);
  });
});
