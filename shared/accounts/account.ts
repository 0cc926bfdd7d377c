import { ABSENT, type Item, type Key, recordOf, registry, scanRegistry } from '../aws/table.ts';
import { ONE_SHARD, type ShardHistory, withShards } from '../shards.ts';
import type { RateLimits } from './rate-limits.ts';

/**
 * Account and mode own a partition of the Registry: this record, their destinations, and what belongs to those. The sort
 * keys are chosen so that dispatch reads the account and its destinations, and nothing else, in one query.
 */
export interface Account {
  readonly id: string;
  readonly livemode: boolean;
  readonly name: string;
  /** Platforms that this account is connected to: their `other_accounts` destinations receive its events. */
  readonly connected_to: readonly string[];
  readonly event_shards: ShardHistory;
  readonly created: number;
  /** Of its own, where they differ from the deployment's. */
  readonly rate_limits?: Partial<RateLimits>;
}

export const accountPartition = (account: string, livemode: boolean): string =>
  `${account}#${livemode ? 'live' : 'test'}`;

/** The account and mode of a partition. */
export function accountOfPartition(partition: string): { account: string; livemode: boolean } {
  const [account = '', mode] = partition.split('#');
  return { account, livemode: mode === 'live' };
}

export const ACCOUNT_SORT_KEY = 'account';

const accountKey = (account: string, livemode: boolean): Key => ({
  pk: accountPartition(account, livemode),
  sk: ACCOUNT_SORT_KEY,
});

export const isAccountId = (text: string): boolean => /^acct_[A-Za-z0-9]{1,40}$/.test(text);

export async function findAccount(id: string, livemode: boolean): Promise<Account | undefined> {
  const item = await registry().get(accountKey(id, livemode));
  return item && toAccount(item);
}

/** Every account in each of its modes, in no order; see scanRegistry. */
export async function* scanAccounts(): AsyncGenerator<Account> {
  const filter = { expression: 'sk = :account', values: { ':account': ACCOUNT_SORT_KEY } };
  for await (const item of scanRegistry(filter)) yield toAccount(item);
}

/** Creates the account in both modes. False when it exists already. */
export async function createAccount(
  id: string,
  name: string,
  now: number,
  rate_limits: Partial<RateLimits> = {},
): Promise<boolean> {
  const created = await Promise.all(
    [true, false].map((livemode) => {
      const account: Account = {
        id,
        livemode,
        name,
        connected_to: [],
        event_shards: ONE_SHARD,
        rate_limits,
        created: now,
      };
      return registry().put({ ...accountKey(id, livemode), ...account }, ABSENT);
    }),
  );
  return created.every(Boolean);
}

/** Connects an account to a platform, in both modes. False when there is no such account, or another connection came in between. */
export async function connectAccount(id: string, platform: string): Promise<boolean> {
  const done = await Promise.all(
    [true, false].map(async (livemode) => {
      const account = await findAccount(id, livemode);
      if (!account) return false;
      if (account.connected_to.includes(platform)) return true;
      const connected_to = [...account.connected_to, platform];
      return registry().update(
        accountKey(id, livemode),
        {
          expression: 'SET connected_to = :after',
          values: { ':after': connected_to, ':before': account.connected_to },
        },
        'connected_to = :before',
      );
    }),
  );
  return done.every(Boolean);
}

/** Sets the account's own rate limits in a mode; what is left out is the deployment's. False when there is no such account. */
export const setRateLimits = (id: string, livemode: boolean, limits: Partial<RateLimits>): Promise<boolean> =>
  registry().update(
    accountKey(id, livemode),
    { expression: 'SET rate_limits = :limits', values: { ':limits': limits } },
    'attribute_exists(pk)',
  );

/** Spreads the account's events of the days to come over so many partitions. The history after it. */
export async function spreadEvents(id: string, livemode: boolean, shards: number, now: number): Promise<ShardHistory> {
  const account = await findAccount(id, livemode);
  if (!account) throw new Error(`There is no account ${id}`);
  const after = withShards(account.event_shards, shards, now);
  const changed = await registry().update(
    accountKey(id, livemode),
    { expression: 'SET event_shards = :after', values: { ':after': after, ':seen': account.event_shards.length } },
    'size(event_shards) = :seen',
  );
  if (!changed) throw new Error(`The shards of ${id} are being changed by somebody else: run it again`);
  return after;
}

export const toAccount = (item: Item): Account => recordOf(item);
