import { accountPartition } from '../accounts/account.ts';
import { ABSENT, type Item, type Key, ledger, nameOf } from '../aws/table.ts';
import type { Destination, DestinationRef } from '../destinations/destination.ts';
import { dayOf } from '../ids.ts';
import { expiry } from '../time.ts';
import { unpackEvent } from './codec.ts';
import type { Event } from './event.ts';

/** An event as dispatch recorded it, with the destinations that matched then. */
export interface RecordedEvent {
  readonly event: Event;
  readonly destinations: readonly RecordedDestination[];
}
export type RecordedDestination = Pick<Destination, 'id' | 'account' | 'type'> & {
  /** It was disabled when the event came: its delivery is skipped. */
  readonly disabled?: true;
};

export type EventAddress = Pick<Event, 'id' | 'account' | 'livemode'>;

export const eventKey = ({ id, account, livemode }: EventAddress, shard: number): Key => ({
  pk: eventPartition({ account, livemode }, dayOf(id), shard),
  sk: id,
});

export const eventPartition = (
  { account, livemode }: Pick<EventAddress, 'account' | 'livemode'>,
  day: string,
  shard: number,
): string => `${accountPartition(account, livemode)}#events#${day}#${shard}`;

/** Records the event once, its content packed. False when it was recorded before, with whatever destinations matched then. */
export function insertEvent(
  { event, destinations }: RecordedEvent,
  content: Uint8Array,
  shard: number,
): Promise<boolean> {
  const item: Item = {
    ...eventKey(event, shard),
    account: event.account,
    livemode: event.livemode,
    type: event.content.type,
    content,
    destinations,
    ...(event.traceparent && { traceparent: event.traceparent }),
    ttl: expiry(event.created),
  };
  return ledger().put(item, ABSENT);
}

export async function findEvent(address: EventAddress, shard: number): Promise<RecordedEvent | undefined> {
  const item = await ledger().get(eventKey(address, shard));
  return item && toRecordedEvent(item);
}

/** Reads many events strongly. The map is by key (`nameOf`): an event id is unique within its account only. */
export async function findEvents(keys: readonly Key[]): Promise<Map<string, RecordedEvent>> {
  const items = await findEventItems(keys);
  return new Map([...items].map(([name, item]) => [name, toRecordedEvent(item)]));
}

/** The same, not read yet: one may be of a newer version, which is no reason not to read the others. */
export async function findEventItems(keys: readonly Key[]): Promise<Map<string, Item>> {
  const items = await ledger().getAll(keys);
  return new Map(items.map((item) => [nameOf(item), item]));
}

/** What an item says of its event without its content being unpacked. */
export const toRecordedHead = ({ sk, account, livemode, type, destinations }: Item) => ({
  id: sk,
  account: String(account),
  livemode: livemode === true,
  type: String(type),
  destinations: destinations as RecordedDestination[],
});

export const toRecordedEvent = (item: Item): RecordedEvent => ({
  event: unpackEvent(
    {
      id: item.sk,
      account: String(item.account),
      livemode: item.livemode === true,
      ...(typeof item.traceparent === 'string' && { traceparent: item.traceparent }),
    },
    item.content as Uint8Array,
  ),
  destinations: item.destinations as RecordedDestination[],
});

export const refOf = (destination: RecordedDestination, livemode: boolean): DestinationRef => ({
  id: destination.id,
  account: destination.account,
  livemode,
});
