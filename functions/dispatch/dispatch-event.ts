import type { ReceivedMessage } from '../../shared/aws/received-message.ts';
import { skipped } from '../../shared/deliveries/delivery.ts';
import { type DeliveryMessage, headOf, webhooksFor } from '../../shared/deliveries/message.ts';
import { deliveryKey, recordDelivery } from '../../shared/deliveries/store.ts';
import type { Destination, DestinationRef } from '../../shared/destinations/destination.ts';
import { findDestination } from '../../shared/destinations/store.ts';
import { findDeliveryShards } from '../../shared/destinations/tombstone.ts';
import { packContent } from '../../shared/events/codec.ts';
import type { Event } from '../../shared/events/event.ts';
import { indexObject, objectIndexIsOn } from '../../shared/events/object-index.ts';
import { findEvent, insertEvent, type RecordedDestination, refOf } from '../../shared/events/store.ts';
import { thinTwinOf } from '../../shared/events/thin-twin.ts';
import { dayOf } from '../../shared/ids.ts';
import { shardOf, shardsOn } from '../../shared/shards.ts';
import type { Subscriptions } from './subscriptions.ts';

/** A message to be sent, on the queue of its destination's type. */
export interface Outgoing {
  readonly type: Destination['type'];
  readonly delivery: DeliveryMessage;
}

/** What is to be sent for an event, and how many destinations were disabled when it came. */
export interface Routed {
  readonly deliveries: readonly Outgoing[];
  readonly skipped: number;
}

/** Records the event, and its thin twin if it asks for one, once each. */
export async function dispatchEvent(
  message: ReceivedMessage,
  event: Event,
  subscriptions: Subscriptions,
): Promise<Routed> {
  const twin = thinTwinOf(event);
  if (!twin) return dispatchOne(message, event, subscriptions);
  const both = await Promise.all([event, twin].map((one) => dispatchOne(message, one, subscriptions)));
  return {
    deliveries: both.flatMap(({ deliveries }) => deliveries),
    skipped: both.reduce((sum, { skipped }) => sum + skipped, 0),
  };
}

async function dispatchOne(message: ReceivedMessage, event: Event, subscriptions: Subscriptions): Promise<Routed> {
  const account = await subscriptions.account(event.account, event.livemode);
  if (!account) throw new Error(`The account ${event.account} was there a moment ago`);
  const shard = shardOf(event.id, shardsOn(account.event_shards, dayOf(event.id)));
  const matching = (await subscriptions.matching(event, account)).map(toRecorded);
  // Packed once, for the Ledger and for every message.
  const content = packContent(event.content);
  const first = await insertEvent({ event, destinations: matching }, content, shard);
  const recorded = first ? matching : await recordedDestinations(event, shard);
  if (objectIndexIsOn()) await indexObject(event);
  // At the first receipt nobody can have attempted anything, so deliver need not read the deliveries before it does.
  const again = !first || message.seenBefore;
  const common = withoutAddressee(event, Buffer.from(content).toString('base64'), shard, again);
  const deliveryTo = (to: RecordedDestination): DeliveryMessage => ({
    ...common,
    destination: to.id,
    owner: to.account,
    ...webhooksFor(to, recorded),
  });
  const [disabled, enabled] = [recorded.filter((to) => to.disabled), recorded.filter((to) => !to.disabled)];
  await Promise.all(disabled.map((to) => recordSkipped(refOf(to, event.livemode), deliveryTo(to))));
  return { deliveries: enabled.map((to) => ({ type: to.type, delivery: deliveryTo(to) })), skipped: disabled.length };
}

/** What holds at the first receipt holds at every other: also whether the destination was disabled when the event came. */
const toRecorded = ({ id, account, type, status }: Destination): RecordedDestination => ({
  id,
  account,
  type,
  ...(status === 'disabled' && { disabled: true }),
});

async function recordedDestinations(event: Event, shard: number): Promise<readonly RecordedDestination[]> {
  const recorded = await findEvent(event, shard);
  if (!recorded) throw new Error(`The event ${event.id} exists and cannot be read`);
  return recorded.destinations;
}

/** A destination that was disabled when the event came gets a record that says so, from which it can be resent. */
async function recordSkipped(ref: DestinationRef, delivery: DeliveryMessage): Promise<void> {
  const shards = await findDeliveryShards(ref, await findDestination(ref));
  await recordDelivery(deliveryKey(ref.id, delivery.event, shards), undefined, skipped(headOf(delivery), Date.now()));
}

/** What the messages to all of the event's destinations have in common. */
const withoutAddressee = (
  event: Event,
  content: string,
  shard: number,
  again: boolean,
): Omit<DeliveryMessage, 'destination' | 'owner' | 'webhooks'> => ({
  v: 1,
  event: event.id,
  event_type: event.content.type,
  account: event.account,
  event_shard: shard,
  livemode: event.livemode,
  attempt: 1,
  ...(again && { again }),
  content,
  ...(event.traceparent && { traceparent: event.traceparent }),
});
