import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AwsError } from '../../../local/aws-error.ts';
import type { Cloud } from '../../../local/cloud.ts';
import { changeVisibility, sendMessage } from '../../../shared/aws/queue.ts';
import type { ReceivedMessage } from '../../../shared/aws/received-message.ts';
import { registry } from '../../../shared/aws/table.ts';
import { deliverBatch } from '../../../shared/deliveries/deliver.ts';
import { held } from '../../../shared/deliveries/delivery.ts';
import { hold } from '../../../shared/deliveries/held.ts';
import type { DeliveryMessage } from '../../../shared/deliveries/message.ts';
import { deliveryKey, findDelivery, recordDelivery } from '../../../shared/deliveries/store.ts';
import { wakeUp } from '../../../shared/deliveries/wake-up.ts';
import { destinationKey, type WebhookDestination } from '../../../shared/destinations/destination.ts';
import { findDestination } from '../../../shared/destinations/store.ts';
import type { DeliveringType } from '../../../shared/destinations/type.ts';
import { webhookEndpoint } from '../../../shared/destinations/webhook-endpoint/index.ts';
import { packContent } from '../../../shared/events/codec.ts';
import { insertEvent } from '../../../shared/events/store.ts';
import { type Health, observed, WELL } from '../../../shared/health/health.ts';
import { pauseDelivery, resumeDelivery } from '../../../shared/health/operator-switch.ts';
import { findPauses } from '../../../shared/health/pauses.ts';
import { deleteHealth, findHealth, recordHealth } from '../../../shared/health/store.ts';
import { newId, timeOf } from '../../../shared/ids.ts';
import { ONE_SHARD } from '../../../shared/shards.ts';
import { HOUR, isoTime, MINUTE, SECOND } from '../../../shared/time.ts';
import { startEmbeddedAws } from '../../support/embedded-aws.ts';
import { failCalls, holdNext } from '../../support/hold.ts';
import { webhookDestination } from '../../support/webhook-destination.ts';
import { arn } from '../local/boot/assembly.ts';

let cloud: Cloud;
let sent: Awaited<ReturnType<typeof startEmbeddedAws>>['sent'];
let released: Awaited<ReturnType<typeof startEmbeddedAws>>['released'];
beforeAll(async () => {
  ({ cloud, sent, released } = await startEmbeddedAws());
});
afterAll(() => cloud?.close());

/** Of events; nothing is held past its window yet. */
const START = Date.now() - 5 * HOUR;
const slot = Date.now() - MINUTE;
const OPEN: Health = { state: 'open', failures: 3, timeouts: 0, probes: 0, probe_at: slot, revision: 1 };

async function storedDestination(): Promise<WebhookDestination> {
  const destination = webhookDestination(Date.now());
  await registry().put({ ...destinationKey(destination), ...destination });
  return destination;
}

/** A destination whose breaker is open, and whose next probe is due. */
async function failingDestination(): Promise<WebhookDestination> {
  const destination = await storedDestination();
  await recordHealth(destination, WELL, OPEN);
  return destination;
}

/** Its breaker is closed. */
async function makeWell(destination: WebhookDestination, limits: Pick<WebhookDestination, 'rate_limit'>) {
  await registry().put({ ...destinationKey(destination), ...destination, ...limits });
  await deleteHealth(destination);
}

/** A code that the SDK does not try again by itself. */
const REFUSED = new AwsError('AccessDeniedException', 'Not now');

const eventAt = (at: number) => newId('evt', false, at);
const messageOf = ({ id, account }: WebhookDestination, event: string, event_type: string): DeliveryMessage => ({
  ...{ v: 1, event, event_type, account, event_shard: 0, destination: id, owner: account },
  ...{ livemode: false, attempt: 1 },
});

const wake = ({ id: destination, account: owner, type, livemode }: WebhookDestination) =>
  wakeUp({ v: 1, destination, owner, type, livemode, slot, until: isoTime(slot) });

/** Its event, without which there is nothing to attempt. */
function record({ event: id, account, livemode, event_type }: DeliveryMessage) {
  const content = { type: event_type, data: { object: {} } };
  const event = { id, account, livemode, created: timeOf(id), payload: 'snapshot' as const, content };
  return insertEvent({ event, destinations: [] }, packContent(content), 0);
}

const received = (message: DeliveryMessage): ReceivedMessage => ({
  ...{ id: message.event, body: JSON.stringify(message), receiptHandle: message.event },
  ...{ receiveCount: 1, sentAt: Date.now(), seenBefore: false },
});

/** Webhooks of which all fail but those of one type of event. */
const receiverOf = (eventType: string): DeliveringType => ({
  ...webhookEndpoint,
  attempt: async (requests) =>
    requests.map(({ event }) =>
      event.content.type === eventType
        ? { kind: 'succeeded', durationMs: 1 }
        : { kind: 'failed', reason: 'HTTP 500', message: '', durationMs: 1 },
    ),
  afterFailure: async () => undefined,
});

/** What a batch with a slow failure makes of the health while the breaker is open. */
async function findSlow(destination: WebhookDestination): Promise<void> {
  const before = await findHealth(destination);
  const after = observed(destination.id, before, { succeeded: 0, failed: 1, timedOut: 0, slow: 1 }, Date.now());
  expect(after && (await recordHealth(destination, before, after))).toBe(true);
}

describe('the wake-up in whose slot a round of probes is due', () => {
  it('sends probes although there is more past its window than it has time to end', async () => {
    const destination = await failingDestination();
    // Apart, so that none shares an item with another.
    const events = Array.from({ length: 25 }, (_, index) => eventAt(START - 4 * HOUR - index * 11 * MINUTE));
    await hold(
      events.map((event) => messageOf(destination, event, 'a')),
      ONE_SHARD,
    );
    let now = performance.now();
    const slow = vi.spyOn(performance, 'now').mockImplementation(() => {
      now += 10 * MINUTE;
      return now;
    });
    await wake(destination).finally(() => slow.mockRestore());
    const probes = await sent();
    expect(probes.length).toBeGreaterThan(1);
    for (const { event } of probes) expect(events.slice(0, 5)).toContain(event);
    expect((await findHealth(destination)).probe_at).toBeGreaterThan(Date.now());
  });

  it.each([
    { what: 'nothing', opened: Date.now() - 10 * MINUTE, status: 'pending' },
    { what: 'all that the breaker has held it', opened: Date.now() - 7 * HOUR, status: 'failed' },
  ])('charges $what to what was paused before, and then waited for the drain', async ({ opened, status }) => {
    const paused = Date.now() - 20 * HOUR;
    const pauses = [{ from: paused, until: paused + HOUR }];
    const destination = { ...webhookDestination(Date.now()), pauses };
    await registry().put({ ...destinationKey(destination), ...destination });
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
    const destination = { ...webhookDestination(Date.now()), pauses };
    await registry().put({ ...destinationKey(destination), ...destination });
    await recordHealth(destination, WELL, { ...OPEN, failing_since: Date.now() - 73 * HOUR });
    await wake(destination);
    const found = await findDestination(destination);
    expect(found?.told_failing !== undefined).toBe(told);
  });

  it('makes the next no further away when nothing could be probed, because somebody has paused it', async () => {
    const destination = { ...webhookDestination(Date.now()), paused: true };
    await registry().put({ ...destinationKey(destination), ...destination });
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

describe('a batch of delivery messages', () => {
  it('records what a receiver said in whole characters, however long it is', async () => {
    const message = messageOf(await storedDestination(), eventAt(START), 'a');
    await record(message);
    const said = `${'x'.repeat(511)}\u{1f680}`;
    const receiver: DeliveringType = {
      ...receiverOf('none'),
      attempt: async () => [{ kind: 'failed', reason: 'HTTP 500', message: said, durationMs: 1 }],
    };
    expect(await deliverBatch(receiver, [received(message)])).toEqual([]);
    const delivery = await findDelivery(deliveryKey(message.destination, message.event, ONE_SHARD));
    expect(delivery?.last_attempt?.message).toBe(`${'x'.repeat(511)}\ufffd`);
  });

  it('gives back those of a destination whose turns cannot be taken, and no other', async () => {
    const [limited, other] = [await failingDestination(), await failingDestination()];
    for (const destination of [limited, other]) await makeWell(destination, { rate_limit: 10 });
    const messages = [limited, other].map((to) => messageOf(to, eventAt(START), 'good'));
    await Promise.all(messages.map(record));
    const heal = failCalls(cloud.dynamodb, 'PutItem', REFUSED, `${limited.id}#turns`);
    const [first, second] = messages.map(received);
    if (!first || !second) throw new Error('There are two messages');
    expect(await deliverBatch(receiverOf('good'), [first, second])).toEqual([first]);
    heal();
    expect(await deliverBatch(receiverOf('good'), [first])).toEqual([]);
    const statuses = messages.map(
      async ({ destination, event }) => (await findDelivery(deliveryKey(destination, event, ONE_SHARD)))?.status,
    );
    expect(await Promise.all(statuses)).toEqual(['delivered', 'delivered']);
  });
});

describe('an operator’s pause', () => {
  it('of one Region takes away none of another that is begun at the same moment', async () => {
    const writing = holdNext(cloud.dynamodb, 'PutItem', '"pauses"');
    const first = pauseDelivery({ scope: 'region', region: 'eu-west-1' });
    await writing.reached;
    await pauseDelivery({ scope: 'region', region: 'eu-west-2' });
    writing.release();
    await first;
    const { regions, history } = await findPauses();
    expect([...regions].sort()).toEqual(['eu-west-1', 'eu-west-2']);
    expect(Object.keys(history).sort()).toEqual(['eu-west-1', 'eu-west-2']);
    for (const region of regions) await resumeDelivery({ scope: 'region', region });
    expect((await findPauses()).regions).toEqual([]);
  });
});

describe('the end of an operator’s pause', () => {
  it('is announced further ahead than a run over thousands of destinations takes, and asks to be run again if it failed', async () => {
    const destination = await failingDestination();
    const scope = { scope: 'destination', destination } as const;
    await pauseDelivery(scope);
    const releases = () => cloud.sqs.queue(arn('sqs', 'releases'))?.delayedMessages ?? [];
    const before = releases().length;
    const heal = failCalls(cloud.sqs, 'SendMessage', REFUSED, destination.id);
    await expect(resumeDelivery(scope)).rejects.toThrow('(Not now): run it again');
    expect(await findDestination(destination)).toMatchObject({ paused: true });
    heal();
    expect(await resumeDelivery(scope)).toEqual({ released: 1 });
    expect(await findDestination(destination)).toMatchObject({ paused: false });
    const [announced] = releases().slice(before);
    expect((announced?.delayUntil ?? 0) - (announced?.sentTimestamp ?? 0)).toBe(900 * SECOND);
  });

  it('releases several destinations at once, whatever their number', async () => {
    const known = [await storedDestination(), await storedDestination(), await storedDestination()];
    await pauseDelivery({ scope: 'all' });
    await resumeDelivery({ scope: 'all' });
    expect(await released()).toEqual(expect.arrayContaining(known.map(({ id }) => id)));
  });

  it('releases also what was held of destinations that were created while it was announced', async () => {
    const known = await storedDestination();
    await pauseDelivery({ scope: 'all' });
    const announcing = holdNext(cloud.sqs, 'SendMessage', known.id);
    const resuming = resumeDelivery({ scope: 'all' });
    await announcing.reached;
    const created = await storedDestination();
    const message = messageOf(created, eventAt(Date.now()), 'good');
    await record(message);
    await deliverBatch(receiverOf('good'), [received(message)]);
    const key = deliveryKey(created.id, message.event, ONE_SHARD);
    expect(await findDelivery(key)).toMatchObject({ status: 'pending', held_by: 'paused' });
    announcing.release();
    await resuming;
    const asked = await released();
    expect(asked).toContain(known.id);
    expect(asked).toContain(created.id);
  });

  it('asks to be run again if what was created meanwhile could not be found', async () => {
    const known = await storedDestination();
    await pauseDelivery({ scope: 'all' });
    const announcing = holdNext(cloud.sqs, 'SendMessage', known.id);
    const resuming = resumeDelivery({ scope: 'all' });
    await announcing.reached;
    const heal = failCalls(cloud.dynamodb, 'Scan', REFUSED);
    announcing.release();
    await expect(resuming).rejects.toThrow('(Not now): run it again');
    heal();
    await resumeDelivery({ scope: 'all' });
    expect(await released()).toContain(known.id);
  });
});

describe('a message that has been worked on for a while', () => {
  it('can still be hidden for as long as a dead letter waits at most', async () => {
    const [owner, queueUrl] = [{ account: '000000000000', region: 'us-east-1' }, `${cloud.awsUrl}/000000000000/slow`];
    await sendMessage(queueUrl, { body: 'x', group: 'a' });
    const answer = await cloud.sqs.handle('ReceiveMessage', { QueueUrl: queueUrl }, owner);
    const { Messages } = answer as { Messages: [{ ReceiptHandle: string }] };
    await sleep(5);
    await changeVisibility(queueUrl, Messages[0].ReceiptHandle, (12 * HOUR) / SECOND);
  });
});
