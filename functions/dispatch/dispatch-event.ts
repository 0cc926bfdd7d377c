import type { SQSRecord } from 'aws-lambda';
import { receiveCount } from '../../shared/aws/batch.ts';
import { skipped } from '../../shared/deliveries/delivery.ts';
import type { DeliveryMessage } from '../../shared/deliveries/message.ts';
import { deliveryKey, recordDelivery } from '../../shared/deliveries/store.ts';
import type { Destination } from '../../shared/destinations/destination.ts';
import { findDestinations } from '../../shared/destinations/store.ts';
import { packContent } from '../../shared/events/codec.ts';
import type { Event } from '../../shared/events/event.ts';
import { eventShard, findEvent, insertEvent, type RecordedDestination, refOf } from '../../shared/events/store.ts';
import { dayOf } from '../../shared/ids.ts';
import { shardsOn } from '../../shared/shards.ts';
import type { Subscriptions } from './subscriptions.ts';

export interface Dispatched {
  readonly record: SQSRecord;
  readonly messages: readonly DeliveryMessage[];
  readonly outcome: 'accepted' | 'rejected';
}

/** Records the event once and says which messages are to be sent for it. */
export async function dispatchEvent(
  record: SQSRecord,
  event: Event,
  subscriptions: Subscriptions,
): Promise<Dispatched> {
  const account = await subscriptions.account(event.account, event.livemode);
  if (!account) throw new Error(`The account ${event.account} was there a moment ago`);
  const shard = eventShard(event.id, shardsOn(account.event_shards, dayOf(event.id)));
  const matching = await subscriptions.matching(event, account);
  const first = await insertEvent({ event, destinations: matching }, shard);
  const recorded = first ? matching : await recordedDestinations(event, shard);
  const enabled = await skipDisabled(event, recorded, matching);
  // At the first receipt nobody can have attempted anything, so deliver need not read the deliveries before it does.
  const again = !first || receiveCount(record) > 1;
  return { record, messages: enabled.map((to) => toMessage(event, to, { shard, again })), outcome: 'accepted' };
}

async function recordedDestinations(event: Event, shard: number): Promise<readonly RecordedDestination[]> {
  const recorded = await findEvent(event, shard);
  if (!recorded) throw new Error(`The event ${event.id} exists and cannot be read`);
  return recorded.destinations;
}

/** A destination that is disabled when the event comes gets a record that says so, from which it can be resent. */
async function skipDisabled(
  event: Event,
  recorded: readonly RecordedDestination[],
  matching: readonly Destination[],
): Promise<readonly RecordedDestination[]> {
  const known = new Map(matching.map((destination) => [destination.id, destination]));
  const unknown = recorded.filter(({ id }) => !known.has(id)).map((one) => refOf(one, event.livemode));
  for (const [id, destination] of unknown.length > 0 ? await findDestinations(unknown) : []) known.set(id, destination);
  const enabled = recorded.filter(({ id }) => known.get(id)?.status !== 'disabled');
  await Promise.all(
    recorded
      .filter((one) => !enabled.includes(one))
      .map(({ id: destination }) => {
        const key = deliveryKey(destination, event.id, known.get(destination)?.delivery_shards ?? []);
        const head = { event: event.id, event_type: event.content.type, destination };
        return recordDelivery(key, undefined, skipped(head, Date.now()));
      }),
  );
  return enabled;
}

interface Context {
  readonly shard: number;
  readonly again: boolean;
}

const toMessage = (event: Event, to: RecordedDestination, { shard, again }: Context): DeliveryMessage => ({
  v: 1,
  event: event.id,
  event_type: event.content.type,
  account: event.account,
  event_shard: shard,
  destination: to.id,
  owner: to.account,
  livemode: event.livemode,
  attempt: 1,
  ...(again && { again }),
  content: Buffer.from(packContent(event.content)).toString('base64'),
});
