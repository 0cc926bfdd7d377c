import { ACCOUNT_SORT_KEY, type Account, accountPartition, toAccount } from '../accounts/account.ts';
import { ABSENT, type Expression, type Item, registry, scanRegistry } from '../aws/table.ts';
import { ONE_SHARD, type ShardHistory } from '../shards.ts';
import { type EventSource, nextCheck } from '../sources/source.ts';
import {
  type Destination,
  type DestinationRef,
  type DisabledReason,
  destinationKey,
  type EventBridgeDestination,
  toDestination,
  tombstoneKey,
} from './destination.ts';

export async function findDestination(ref: DestinationRef): Promise<Destination | undefined> {
  const item = await registry().get(destinationKey(ref));
  return item && toDestination(item);
}

/** Every destination of every account. For what is done once a day or by an operator. */
export async function* scanDestinations(): AsyncGenerator<Destination> {
  for await (const item of scanRegistry({ expression: 'begins_with(sk, :ed)', values: { ':ed': 'ed_' } }))
    yield toDestination(item);
}

export interface AccountWithDestinations {
  readonly account: Account | undefined;
  /** In order of creation, those that are being created or deleted included. */
  readonly destinations: readonly Destination[];
}

/** The account and its destinations by one strong query: the sort keys of nothing else lie in between. */
export async function loadAccount(id: string, livemode: boolean): Promise<AccountWithDestinations> {
  const values = { ':pk': accountPartition(id, livemode), ':first': ACCOUNT_SORT_KEY, ':last': 'ed_~' };
  let account: Account | undefined;
  const destinations: Destination[] = [];
  for await (const item of registry().query({ expression: 'pk = :pk AND sk BETWEEN :first AND :last', values })) {
    if (item.sk === ACCOUNT_SORT_KEY) account = toAccount(item);
    else destinations.push(toDestination(item));
  }
  return { account, destinations };
}

/**
 * The tracker goes through the Regions that have sources. A destination without a source is in its index only while it is
 * half made or half gone, under a Region of this name.
 */
const NO_REGION = 'none';
const regionOf = (destination: Destination): string =>
  destination.type === 'amazon_eventbridge' ? destination.amazon_eventbridge.aws_region : NO_REGION;

const regionKey = (region: string) => ({ pk: 'regions', sk: region });

export async function listRegions(): Promise<string[]> {
  const regions: string[] = [];
  for await (const item of registry().query({ expression: 'pk = :pk', values: { ':pk': 'regions' } }))
    regions.push(item.sk);
  return regions;
}

/**
 * Writes a destination that is `creating`. The tracker looks at it in a minute, should we die before it is `ready`. False
 * when the id is in use.
 */
export async function insertDestination(destination: Destination): Promise<boolean> {
  await registry().put(regionKey(regionOf(destination)));
  return registry().put(withCheck(destination), ABSENT);
}

/** Completes the creation: what it owns outside exists. Undefined when another try completed or undid it meanwhile. */
export async function completeDestination(destination: Destination): Promise<Destination | undefined> {
  const ready: Destination = { ...destination, lifecycle: 'ready' };
  const completed = await registry().put(withCheck(ready), {
    expression: 'lifecycle = :creating',
    values: { ':creating': 'creating' },
  });
  return completed ? ready : undefined;
}

export interface Change {
  /** Attribute paths, such as `webhook_endpoint.url`, and what they become. */
  readonly set: Readonly<Record<string, unknown>>;
  /** Holds besides the destination being `ready`, in the names `#attribute`. */
  readonly condition?: Expression;
}

/** Changes attributes of a destination that is `ready`. Undefined when it is not, or when the condition does not hold. */
export async function changeDestination(
  ref: DestinationRef,
  { set, condition }: Change,
  now: number,
): Promise<Destination | undefined> {
  const entries = Object.entries({ ...set, updated: now });
  const paths = entries.map(([path]) => path.split('.'));
  const update: Expression = {
    expression: `SET ${paths.map((path, index) => `${path.map((name) => `#${name}`).join('.')} = :v${index}`).join(', ')}`,
    names: { ...Object.fromEntries(paths.flat().map((name) => [`#${name}`, name])), ...condition?.names },
    values: {
      ':ready': 'ready',
      ...Object.fromEntries(entries.map(([, value], index) => [`:v${index}`, value])),
      ...condition?.values,
    },
  };
  const conditions = ['lifecycle = :ready', ...(condition ? [condition.expression] : [])];
  const item = await registry().change(destinationKey(ref), update, conditions.join(' AND '));
  return item && toDestination(item);
}

/** Marks the destination as `deleting`; from here on it is invisible to its owner and to dispatch. False if it was not `from`. */
export function markDeleting(destination: Destination, from: Destination['lifecycle'], now: number): Promise<boolean> {
  return registry().update(
    destinationKey(destination),
    {
      expression: 'SET lifecycle = :deleting, updated = :now, source_check_at = :now, source_region = :region',
      values: { ':deleting': 'deleting', ':now': now, ':from': from, ':region': regionOf(destination) },
    },
    'lifecycle = :from',
  );
}

/** The last step of a deletion: the tombstone first, so that the shards are never unknown. */
export async function buryDestination(destination: Destination): Promise<void> {
  const { delivery_shards, created, updated } = destination;
  await registry().put({ ...tombstoneKey(destination), delivery_shards, created, deleted: updated });
  await registry().delete(destinationKey(destination), {
    expression: 'lifecycle = :deleting',
    values: { ':deleting': 'deleting' },
  });
}

/** Whether a destination of this id was deleted. */
export const wasDeleted = async (ref: DestinationRef): Promise<boolean> =>
  (await registry().get(tombstoneKey(ref))) !== undefined;

/** The shard history of a destination that may have been deleted. */
export async function findDeliveryShards(ref: DestinationRef, destination?: Destination): Promise<ShardHistory> {
  if (destination) return destination.delivery_shards;
  const tombstone = await registry().get(tombstoneKey(ref));
  return (tombstone?.delivery_shards as ShardHistory | undefined) ?? ONE_SHARD;
}

export interface SourceChange {
  readonly source: EventSource;
  /** Set when the change disables the destination. */
  readonly disable?: DisabledReason;
}

/**
 * Records a check of the source, unless another check was recorded since `before` was read, or the destination was
 * enabled or disabled: one that is enabled while its source goes must not stay so, and is checked again.
 */
export function recordSource(before: EventBridgeDestination, change: SourceChange, now: number): Promise<boolean> {
  const check = nextCheck(change.source, now);
  const disable = change.disable !== undefined && before.status === 'enabled';
  const sets = [
    '#source = :source',
    check !== undefined && 'source_check_at = :check',
    disable && '#status = :disabled, disabled_reason = :reason, updated = :now',
  ].filter(Boolean);
  const update: Expression = {
    expression: `SET ${sets.join(', ')}${check === undefined ? ' REMOVE source_check_at' : ''}`,
    names: { '#source': 'source', '#status': 'status' },
    values: {
      ':source': change.source,
      ':seen': before.source.checked_at,
      ':ready': 'ready',
      ':status': before.status,
      ...(check !== undefined && { ':check': check }),
      ...(disable && { ':disabled': 'disabled', ':reason': change.disable, ':now': now }),
    },
  };
  return registry().update(
    destinationKey(before),
    update,
    '#source.checked_at = :seen AND lifecycle = :ready AND #status = :status',
  );
}

/**
 * The range of the fallback until this instant is returned. False when it grew meanwhile. The check's time is moved on with
 * it, on which every check's write is conditional: one that read the fallback must not bring it back.
 */
export async function endFallback(ref: DestinationRef, until: number): Promise<boolean> {
  return registry().update(
    destinationKey(ref),
    {
      expression: 'SET #source.checked_at = #source.checked_at + :one REMOVE #source.fallback',
      names: { '#source': 'source', '#until': 'until' },
      values: { ':one': 1, ':until': until },
    },
    '#source.fallback.#until = :until',
  );
}

/** Has the tracker look at the source in its next round. */
export async function requestSourceCheck(ref: DestinationRef, now: number): Promise<void> {
  await registry().update(
    destinationKey(ref),
    { expression: 'SET source_check_at = :now', values: { ':now': now } },
    'attribute_exists(source_check_at) AND source_check_at > :now',
  );
}

/** Puts off a check that failed for our own reasons, so that the others of its Region have their turn first. */
export async function postponeSourceCheck(ref: DestinationRef, until: number): Promise<void> {
  await registry().update(
    destinationKey(ref),
    { expression: 'SET source_check_at = :until', values: { ':until': until } },
    'attribute_exists(source_check_at)',
  );
}

/** `creating` is looked at soon after, `ready` as its source asks for it. */
function withCheck(destination: Destination): Item {
  const item = { ...destinationKey(destination), ...destination };
  const { lifecycle, updated } = destination;
  if (destination.type === 'amazon_eventbridge')
    return { ...item, ...check(destination, nextCheck(destination.source, destination.source.checked_at)) };
  return lifecycle === 'ready' ? item : { ...item, ...check(destination, updated) };
}

const check = (destination: Destination, at: number | undefined) => ({
  source_region: regionOf(destination),
  source_check_at: at,
});
