import { ACCOUNT_SORT_KEY, type Account, accountPartition, toAccount } from '../accounts/account.ts';
import { ABSENT, type Expression, registry, scanRegistry } from '../aws/table.ts';
import { checkKeys, registerRegion, withCheck } from '../sources/store.ts';
import type { Announcement } from './announcement.ts';
import { type Destination, type DestinationRef, destinationKey, toDestination } from './destination.ts';

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
 * Writes a destination that is `creating`. The tracker looks at it in a minute, should we die before it is `ready`. False
 * when the id is in use.
 */
export async function insertDestination(destination: Destination): Promise<boolean> {
  await registerRegion(destination);
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
  /** What is to be announced of it: the tracker comes for that, should we die. */
  readonly announcement?: Announcement;
}

/** Changes attributes of a destination that is `ready`. Undefined when it is not, or when the condition does not hold. */
export async function changeDestination(
  ref: DestinationRef,
  { set, condition, announcement }: Change,
  now: number,
): Promise<Destination | undefined> {
  const entries = Object.entries({ ...set, updated: now, ...(announcement && { source_check_at: now }) });
  const paths = entries.map(([path]) => path.split('.'));
  const sets = paths.map((path, index) => `${path.map((name) => `#${name}`).join('.')} = :v${index}`);
  if (announcement) sets.push('announcements = list_append(if_not_exists(announcements, :none), :announcements)');
  const update: Expression = {
    expression: `SET ${sets.join(', ')}`,
    names: { ...Object.fromEntries(paths.flat().map((name) => [`#${name}`, name])), ...condition?.names },
    values: {
      ':ready': 'ready',
      ...Object.fromEntries(entries.map(([, value], index) => [`:v${index}`, value])),
      ...(announcement && { ':none': [], ':announcements': [announcement] }),
      ...condition?.values,
    },
  };
  const conditions = ['lifecycle = :ready', ...(condition ? [condition.expression] : [])];
  const item = await registry().change(destinationKey(ref), update, conditions.join(' AND '));
  return item && toDestination(item);
}

/**
 * Marks the destination as `deleting`; from here on it is invisible to its owner and to dispatch. The destination as it is
 * then; undefined if it was not `from`.
 */
export async function markDeleting(
  destination: Destination,
  from: Destination['lifecycle'],
  now: number,
): Promise<Destination | undefined> {
  const keys = checkKeys(destination, { at: now, lane: 'watch' });
  const item = await registry().change(
    destinationKey(destination),
    {
      expression: 'SET lifecycle = :deleting, updated = :now, source_check_at = :now, source_region = :lane',
      values: { ':deleting': 'deleting', ':now': keys.source_check_at, ':from': from, ':lane': keys.source_region },
    },
    'lifecycle = :from',
  );
  return item && toDestination(item);
}

/** What was announced, unless there is more by now. What has no source to be tracked leaves the tracker's index with it. */
export async function forgetAnnouncements(destination: Destination, announced: readonly Announcement[]): Promise<void> {
  const tracked = destination.type === 'amazon_eventbridge' && destination.source.state !== 'DELETED';
  const done = destination.lifecycle === 'ready' && !tracked;
  // Name and time are what an announcement is known by; see the event's id.
  const same = announced.map((_, n) => `announcements[${n}].#name = :name${n} AND announcements[${n}].#at = :at${n}`);
  await registry().update(
    destinationKey(destination),
    {
      expression: `REMOVE announcements${done ? ', source_check_at' : ''}`,
      names: { '#name': 'name', '#at': 'at' },
      values: {
        ':count': announced.length,
        ':lifecycle': destination.lifecycle,
        ...Object.fromEntries(
          announced.flatMap(({ name, at }, n) => [
            [`:name${n}`, name],
            [`:at${n}`, at],
          ]),
        ),
      },
    },
    ['lifecycle = :lifecycle', 'size(announcements) = :count', ...same].join(' AND '),
  );
}
