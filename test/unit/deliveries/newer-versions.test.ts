import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cloud } from '../../../local/cloud.ts';
import { type Item, ledger, registry } from '../../../shared/aws/table.ts';
import { deliverBatch } from '../../../shared/deliveries/deliver.ts';
import { type HeldItem, hold, listHeld } from '../../../shared/deliveries/held.ts';
import type { DeliveryMessage } from '../../../shared/deliveries/message.ts';
import { chooseProbes } from '../../../shared/deliveries/probes.ts';
import { releaseHeld } from '../../../shared/deliveries/release.ts';
import { putInSlot } from '../../../shared/deliveries/slot.ts';
import { wakeUp } from '../../../shared/deliveries/wake-up.ts';
import { destinationKey, type WebhookDestination } from '../../../shared/destinations/destination.ts';
import type { DeliveringType } from '../../../shared/destinations/type.ts';
import { webhookEndpoint } from '../../../shared/destinations/webhook-endpoint/index.ts';
import { packContent } from '../../../shared/events/codec.ts';
import { insertEvent } from '../../../shared/events/store.ts';
import { newId, timeOf } from '../../../shared/ids.ts';
import { ONE_SHARD } from '../../../shared/shards.ts';
import { HOUR, isoTime, MINUTE } from '../../../shared/time.ts';
import { startEmbeddedAws } from '../../support/embedded-aws.ts';
import { webhookDestination } from '../../support/webhook-destination.ts';

let cloud: Cloud;
let sent: Awaited<ReturnType<typeof startEmbeddedAws>>['sent'];
beforeAll(async () => {
  ({ cloud, sent } = await startEmbeddedAws());
});
afterAll(() => cloud?.close());

async function newDestination(): Promise<WebhookDestination> {
  const destination = webhookDestination(Date.now());
  await registry().put({ ...destinationKey(destination), ...destination });
  return destination;
}

/** Of three events, an hour apart, the message. */
const messagesTo = ({ id, account }: WebhookDestination) =>
  [0, 1, 2].map(
    (hour): DeliveryMessage => ({
      ...{ v: 1, event: newId('evt', false, Date.now() - hour * HOUR), event_type: 'a', account, event_shard: 0 },
      ...{ destination: id, owner: account, livemode: false, attempt: 1 },
    }),
  );

const received = (message: DeliveryMessage) => ({
  ...{ id: message.event, body: JSON.stringify(message), receiptHandle: message.event },
  ...{ receiveCount: 1, sentAt: Date.now(), seenBefore: false },
});

const receiver: DeliveringType = {
  ...webhookEndpoint,
  attempt: async (requests) => requests.map(() => ({ kind: 'succeeded', durationMs: 1 })),
  afterFailure: async () => undefined,
};

/** Overwrites the item of the event: as a version would write it that was rolled back. */
async function makeNewer({ pk, sk }: { pk: string; sk: string }, attributes: Partial<Item>): Promise<void> {
  const item = await ledger().get({ pk, sk });
  if (!item) throw new Error(`There is no ${pk} ${sk}`);
  await ledger().put({ ...item, ...attributes });
}

describe('what a newer version wrote before it was rolled back', () => {
  it('gives back its own message, and no other of the batch', async () => {
    const destination = await newDestination();
    const [first, newer, last] = messagesTo(destination);
    if (!first || !newer || !last) throw new Error('There are three');
    for (const message of [first, newer, last]) {
      const content = { type: 'a', data: { object: {} } };
      const { event: id, account, livemode } = message;
      const event = { id, account, livemode, created: timeOf(id), payload: 'snapshot' as const, content };
      const packed = Buffer.from(packContent(content));
      if (message === newer) packed[0] = 99;
      await insertEvent({ event, destinations: [] }, packed, 0);
    }
    const batch = [first, newer, last].map(received);
    expect(await deliverBatch(receiver, batch)).toEqual([batch[1]]);
  });

  it('stays held, and everything else is probed and released', async () => {
    const destination = await newDestination();
    const messages = messagesTo(destination);
    await hold(messages, ONE_SHARD);
    const held: HeldItem[] = [];
    for await (const item of listHeld(destination.id, ONE_SHARD)) held.push(item);
    const [, newer] = held;
    if (!newer) throw new Error('There are three');
    await makeNewer(newer.key, { messages: 'what nobody can read yet' });
    const readable = messages.map(({ event }) => event).filter((event) => !newer.key.sk.startsWith(event));
    const probes = await chooseProbes(destination);
    expect(probes.flatMap((probe) => probe.messages.map(({ event }) => event)).sort()).toEqual(readable.sort());
    expect(await releaseHeld(destination)).toBe(2);
    expect((await sent()).map(({ event }) => event).sort()).toEqual(readable);
    expect(await ledger().get(newer.key)).toBeDefined();
  });

  it('stays in its slot, and everything else is sent when that ends', async () => {
    const destination = await newDestination();
    const messages = messagesTo(destination);
    const slot = Date.now() - MINUTE;
    for (const message of messages) await putInSlot(message, slot);
    const [first, newer, last] = messages.map(({ event }) => event);
    const key = { pk: `${destination.id}#slot#${slot}`, sk: String(newer) };
    await makeNewer(key, { message: { v: 2 } });
    const { id, account: owner, type, livemode } = destination;
    await wakeUp({ v: 1, destination: id, owner, type, livemode, slot, until: isoTime(slot) });
    expect((await sent()).map(({ event }) => event).sort()).toEqual([first, last].sort());
    expect(await ledger().get(key)).toBeDefined();
  });
});
