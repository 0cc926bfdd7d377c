import type { Account } from '../accounts/account.ts';
import type { Item } from '../aws/table.ts';
import { nameOf } from '../aws/table.ts';
import { DeliveryReader } from '../deliveries/success.ts';
import { dayOf } from '../ids.ts';
import { type Candidate, type Collected, collect, type Found, READ_BUDGET } from '../lists/collect.ts';
import type { Stretch } from '../lists/stretch.ts';
import { walkDays, walkPartition } from '../lists/walk.ts';
import { shardOf, shardsOn } from '../shards.ts';
import { type EventFilter, isSelective, matchesType } from './filter.ts';
import { objectIdOf, objectIndexIsOn, objectPartition } from './object-index.ts';
import { eventKey, eventPartition, findEvents, type RecordedEvent, toRecordedEvent } from './store.ts';

export interface EventList {
  readonly account: Account;
  readonly filter: EventFilter;
  readonly stretch: Stretch;
  readonly limit: number;
}

export interface EventHit extends Found {
  readonly recorded: RecordedEvent;
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
  return collect(toCandidates(items, indexed), {
    limit,
    budget: READ_BUDGET,
    batch: filter.deliverySuccess === undefined ? limit + 1 : Math.max(SELECTIVE_PAGE, limit + 1),
    judge: judgeBy(filter, account),
  });
}

const addressOf = ({ id, livemode }: Account) => ({ account: id, livemode });

async function* toCandidates(items: AsyncIterable<Item>, keysOnly: boolean): AsyncGenerator<EventCandidate> {
  for await (const item of items)
    yield {
      id: item.sk,
      type: String(item.type),
      cost: keysOnly ? 1 : Math.ceil((item.content as Uint8Array).byteLength / READ_UNIT_BYTES),
      ...(!keysOnly && { item }),
    };
}

function judgeBy(filter: EventFilter, account: Account) {
  const reader = new DeliveryReader(addressOf(account));
  return async (candidates: readonly EventCandidate[]) => {
    const typed = candidates.filter(({ type }) => matchesType(filter, type));
    const loaded = await load(typed, account);
    const events = filter.objectId ? loaded.filter(({ event }) => objectIdOf(event) === filter.objectId) : loaded;
    const toHit = (recorded: RecordedEvent): EventHit => ({ id: recorded.event.id, recorded });
    if (filter.deliverySuccess === undefined) return { hits: events.map(toHit), cost: 0 };
    const { succeeded, cost } = await reader.succeeded(events);
    return { hits: events.filter((one) => succeeded.has(one) === filter.deliverySuccess).map(toHit), cost };
  };
}

/** The events in the order of the candidates. */
async function load(candidates: readonly EventCandidate[], account: Account): Promise<RecordedEvent[]> {
  const keyOf = (id: string) =>
    eventKey({ id, ...addressOf(account) }, shardOf(id, shardsOn(account.event_shards, dayOf(id))));
  const found = await findEvents(candidates.filter(({ item }) => !item).map(({ id }) => keyOf(id)));
  return candidates.flatMap(({ id, item }) => (item ? toRecordedEvent(item) : (found.get(nameOf(keyOf(id))) ?? [])));
}
