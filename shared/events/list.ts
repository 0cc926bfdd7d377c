import type { Account } from '../accounts/account.ts';
import type { Item } from '../aws/table.ts';
import { nameOf } from '../aws/table.ts';
import { DeliveryReader, ownDestinations, ownWebhooks, type Wanted } from '../deliveries/undelivered.ts';
import { dayOf } from '../ids.ts';
import { type Candidate, type Collected, collect, type Found, READ_BUDGET } from '../lists/collect.ts';
import type { Stretch } from '../lists/stretch.ts';
import { walkDays, walkPartition } from '../lists/walk.ts';
import { shardOf, shardsOn } from '../shards.ts';
import { type EventFilter, isSelective, matchesType } from './filter.ts';
import { objectIdOf, objectIndexIsOn, objectPartition } from './object-index.ts';
import {
  eventKey,
  eventPartition,
  findEvents,
  type RecordedDestination,
  type RecordedEvent,
  toRecordedEvent,
} from './store.ts';

export interface EventList {
  readonly account: Account;
  readonly filter: EventFilter;
  readonly stretch: Stretch;
  readonly limit: number;
}

export interface EventHit extends Found {
  readonly recorded: RecordedEvent;
  /** Of the account's own webhook endpoints, those that do not have a snapshot event yet. */
  readonly pendingWebhooks: number;
}

/** An event that may be in the list: by the object index only its key and type are known. */
interface EventCandidate extends Candidate {
  readonly type: string;
  readonly item?: Item;
}

/** Items of a query's page when most of them may not be shown. */
const SELECTIVE_PAGE = 100;
/** DynamoDB's unit of a strong read. */
const READ_UNIT_BYTES = 4096;

/**
 * A page of an account's events. By object id it reads the object's partition of the index; otherwise the account's day
 * partitions, of which the types and deliveries that are asked for may be a small part: the budget bounds what is read.
 */
export function listEvents(list: EventList): Promise<Collected<EventHit>> {
  const { account, filter, stretch, limit } = list;
  const selective = isSelective(filter) || filter.objectId !== undefined;
  const pageSize = selective ? SELECTIVE_PAGE : limit + 1;
  const indexed = filter.objectId !== undefined && objectIndexIsOn();
  const items =
    indexed && filter.objectId !== undefined
      ? walkPartition(objectPartition(addressOf(account), filter.objectId), stretch, { pageSize })
      : walkDays(
          {
            shards: account.event_shards,
            partition: (day, shard) => eventPartition(addressOf(account), day, shard),
            pageSize,
          },
          stretch,
        );
  const wanted = wantedBy(filter, account);
  return collect(toCandidates(items, indexed, { filter, wanted }), {
    limit,
    budget: READ_BUDGET,
    batch: filter.deliverySuccess === undefined ? limit + 1 : Math.max(SELECTIVE_PAGE, limit + 1),
    judge: judgeBy({ filter, wanted }, account),
  });
}

const addressOf = ({ id, livemode }: Account) => ({ account: id, livemode });

/** Whose deliveries have to be read: every destination's for `delivery_success`, webhook endpoints' for `pending_webhooks`. */
function wantedBy({ deliverySuccess, payload }: EventFilter, { id }: Account): Wanted {
  if (deliverySuccess !== undefined) return ownDestinations(id);
  return payload === 'snapshot' ? ownWebhooks(id) : () => false;
}

interface Judging {
  readonly filter: EventFilter;
  readonly wanted: Wanted;
}

/** What judging an event will read is in its cost from the start, so that the budget is never overdrawn by it. */
async function* toCandidates(
  items: AsyncIterable<Item>,
  keysOnly: boolean,
  { filter, wanted }: Judging,
): AsyncGenerator<EventCandidate> {
  for await (const item of items) {
    const type = String(item.type);
    const judged = matchesType(filter, type) ? deliveriesOf(item).filter(wanted).length : 0;
    yield keysOnly ? { id: item.sk, type, cost: 1 } : { id: item.sk, type, cost: unitsOf(item) + judged, item };
  }
}

const unitsOf = ({ content }: Item): number => Math.ceil((content as Uint8Array).byteLength / READ_UNIT_BYTES);
/** A key of the object index has none. */
const deliveriesOf = ({ destinations = [] }: Item) => destinations as readonly RecordedDestination[];

function judgeBy({ filter, wanted }: Judging, account: Account) {
  const reader = new DeliveryReader(addressOf(account));
  return async (candidates: readonly EventCandidate[]) => {
    const typed = candidates.filter(({ type }) => matchesType(filter, type));
    const loaded = await load(typed, account);
    const events = filter.objectId ? loaded.filter(({ event }) => objectIdOf(event) === filter.objectId) : loaded;
    const undelivered = await reader.undelivered(events, wanted);
    const hits = events.flatMap((recorded): EventHit[] => {
      const without = undelivered.get(recorded) ?? [];
      const succeeded = without.length === 0;
      if (filter.deliverySuccess !== undefined && filter.deliverySuccess !== succeeded) return [];
      const pendingWebhooks = without.filter(ownWebhooks(account.id)).length;
      return [{ id: recorded.event.id, recorded, pendingWebhooks }];
    });
    return { hits, cost: typed.some(({ item }) => !item) ? costOf(events, wanted) : 0 };
  };
}

/** Of events that were found by the object index: what they and their deliveries took. */
const costOf = (events: readonly RecordedEvent[], wanted: Wanted): number =>
  events.reduce((sum, { destinations }) => sum + 1 + destinations.filter(wanted).length, 0);

/** The events in the order of the candidates. */
async function load(candidates: readonly EventCandidate[], account: Account): Promise<RecordedEvent[]> {
  const keyOf = (id: string) =>
    eventKey({ id, ...addressOf(account) }, shardOf(id, shardsOn(account.event_shards, dayOf(id))));
  const found = await findEvents(candidates.filter(({ item }) => !item).map(({ id }) => keyOf(id)));
  return candidates.flatMap(({ id, item }) => (item ? toRecordedEvent(item) : (found.get(nameOf(keyOf(id))) ?? [])));
}
