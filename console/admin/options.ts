import { findAccount, isAccountId } from '../../shared/accounts/account.ts';
import { readPepper } from '../../shared/accounts/pepper.ts';
import type { RateLimits } from '../../shared/accounts/rate-limits.ts';
import { findQueueUrl } from '../../shared/aws/queue.ts';
import type { DestinationRef } from '../../shared/destinations/destination.ts';
import { isId } from '../../shared/ids.ts';
import { MOST_SHARDS } from '../../shared/shards.ts';
import { isoTime } from '../../shared/time.ts';

export interface Options {
  readonly stage: string;
  readonly account?: string | undefined;
  readonly platform?: string | undefined;
  readonly name?: string | undefined;
  readonly mode: string;
  readonly publish: boolean;
  readonly 'any-account': boolean;
  readonly days: string;
  readonly until?: string | undefined;
  readonly all: boolean;
  readonly region?: string | undefined;
  readonly destination?: string | undefined;
  readonly requests?: string | undefined;
  readonly events?: string | undefined;
  readonly 'per-second'?: string | undefined;
  readonly unlimited: boolean;
  readonly shards?: string | undefined;
  readonly confirm?: string | undefined;
  /** The word after the command. */
  readonly argument?: string | undefined;
}

/** Its answer is printed. Throws what is wrong, in words for whoever typed it. */
export type Command = (options: Options) => Promise<unknown>;
export type Commands = Readonly<Record<string, Command>>;

export function isLive({ mode }: Options): boolean {
  if (mode !== 'test' && mode !== 'live') throw new Error("--mode must be 'test' or 'live'");
  return mode === 'live';
}

export function required(what: string, value: string | undefined): string {
  if (!value) throw new Error(`${what} is missing`);
  return value;
}

export function requireAccountId(id: string | undefined): string {
  const given = required('<acct_id>', id);
  if (!isAccountId(given)) throw new Error(`'${given}' is not an account id: 'acct_' and up to 40 letters and digits`);
  return given;
}

export async function requireAccount(id: string | undefined, livemode = false) {
  const account = await findAccount(requireAccountId(id), livemode);
  if (!account) throw new Error(`There is no account ${id}`);
  return account;
}

export const accountOf = ({ account }: Options) => requireAccount(required('--account <acct_id>', account));

export function destinationOf(options: Options): DestinationRef {
  const { destination: id = '', account } = options;
  const livemode = isLive(options);
  if (!isId('ed', livemode, id))
    throw new Error(`'${id}' is not an event destination's id in ${options.mode} mode: see --destination and --mode`);
  return { id, account: requireAccountId(required('--account <acct_id>', account)), livemode };
}

export function rateLimitsFrom({ requests, events }: Options): Partial<RateLimits> {
  const count = (name: string, text: string) => {
    if (!/^[1-9]\d{0,6}$/.test(text)) throw new Error(`--${name} must be a whole number a second, from 1 to 9999999`);
    return Number(text);
  };
  return {
    ...(requests !== undefined && { requests: count('requests', requests) }),
    ...(events !== undefined && { events: count('events', events) }),
  };
}

export function shardsOf({ shards = '' }: Options): number {
  const count = Number(shards);
  if (Number.isInteger(count) && count >= 1 && count <= MOST_SHARDS) return count;
  throw new Error(`--shards must be a whole number from 1 to ${MOST_SHARDS}`);
}

/** Times are numbers in the tables, and instants for whoever reads them. */
export const dated = <T extends { readonly created: number }>({ created, ...record }: T) => ({
  ...record,
  created: isoTime(created),
});

/** The functions have their URLs from their stacks; here their names say where they are. */
export async function useQueues(stage: string): Promise<void> {
  process.env.RELEASES_QUEUE_URL = await findQueueUrl(`event-destinations-${stage}-releases`);
  process.env.EVENTS_QUEUE_URL = await findQueueUrl(`event-destinations-${stage}-events`);
}

export const pepperOf = (stage: string): Promise<string> => readPepper(`event-destinations/${stage}/api-key-pepper`);
