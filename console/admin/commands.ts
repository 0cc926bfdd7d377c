import {
  connectAccount,
  createAccount,
  findAccount,
  isAccountId,
  setRateLimits,
  spreadEvents,
} from '../../shared/accounts/account.ts';
import {
  issueApiKey,
  listApiKeys,
  PUBLISHING_KEY_SCOPES,
  revokeApiKey,
  SECRET_KEY_SCOPES,
} from '../../shared/accounts/api-key.ts';
import { readPepper } from '../../shared/accounts/pepper.ts';
import type { RateLimits } from '../../shared/accounts/rate-limits.ts';
import { findQueueUrl } from '../../shared/aws/queue.ts';
import { sendBack } from '../../shared/dead-letters/settle.ts';
import { listParked, unpark } from '../../shared/dead-letters/store.ts';
import type { DestinationRef } from '../../shared/destinations/destination.ts';
import { limitRate, MAX_RATE_LIMIT } from '../../shared/destinations/rate-limit.ts';
import { spreadDeliveries } from '../../shared/destinations/spread-deliveries.ts';
import { listRejected } from '../../shared/events/rejected.ts';
import {
  countDestinations,
  type PauseScope,
  pauseDelivery,
  resumeDelivery,
} from '../../shared/health/operator-switch.ts';
import { findPauses } from '../../shared/health/pauses.ts';
import { isId, newAccountId } from '../../shared/ids.ts';
import { MOST_SHARDS } from '../../shared/shards.ts';
import { DAY, isoTime } from '../../shared/time.ts';
import { eraseAccount, surveyAccount } from './erase-account.ts';
import { seed } from './seed.ts';

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

export const usage = `Usage: npm run admin -- <command> [--stage dev] [--json]

  accounts create [acct_id] [--name text] [--requests n] [--events n]
                                                    make an account, in test and live mode
  accounts show <acct_id> [--mode test|live]        show an account
  accounts limit <acct_id> [--mode test|live] [--requests n] [--events n]
                                                    how many requests and published events a second are taken from it;
                                                    what is left out is as the deployment has it for all
  accounts spread <acct_id> [--mode test|live] --shards n
                                                    spread the events of each day from tomorrow on over n partitions, of
                                                    which each takes 1,000 writes a second
  accounts connect <acct_id> --platform <acct_id>   connect an account to a platform
  accounts erase <acct_id> [--confirm <acct_id>]    count everything that is kept of an account, or erase it for good
  keys create --account <acct_id> [--mode test|live] [--publish [--any-account]]
                                                    issue a key; it is shown this once
  keys list --account <acct_id> [--mode test|live]  list keys, without their secrets
  keys revoke <mk_id> --account <acct_id> [--mode test|live]
  rejected list [--days 1] [--until 2026-11-21]     events that a door took and dispatch could not accept
  deliveries pause|resume --all | --region <region> | --destination <ed_id> --account <acct_id> [--mode test|live]
                                                    hold deliveries, and let them go again; nothing is lost,
                                                    and what ended with an error can be run again
  deliveries paused                                 what is paused globally and by Region
  deliveries limit --destination <ed_id> --account <acct_id> [--mode test|live] --per-second <number> | --unlimited
                                                    limit the deliveries to a destination; what is over it waits
  deliveries spread --destination <ed_id> --account <acct_id> [--mode test|live] --shards n
                                                    the same for the deliveries to a destination
  dead-letters list                                 messages that were returned ten times and failed each time
  dead-letters redrive [<id>]                       send them, or one of them, to their queues once more

A key that may publish is a restricted key (rk_...); it also reads events. With --any-account it does so for every
account: give it to nobody but the platform's own services.
--json prints the answer in one line.
Against AWS: your credentials and Region. Against the embedded cloud: source .local/env, with
AWS_ACCESS_KEY_ID=000000000000, the service's own account.`;

/** The commands that take a word more; to any other it would be a mistake that changes what is meant. */
export const takesArgument: ReadonlySet<string> = new Set([
  'accounts create',
  'accounts show',
  'accounts limit',
  'accounts spread',
  'accounts connect',
  'accounts erase',
  'keys revoke',
  'dead-letters redrive',
]);

export const commands: Record<string, (options: Options) => Promise<unknown>> = {
  'accounts create': async (options) => {
    const { argument, name } = options;
    const id = argument ? requireAccountId(argument) : newAccountId();
    const created = await createAccount(id, name ?? id, Date.now(), rateLimitsFrom(options));
    if (!created) throw new Error(`The account ${id} exists already`);
    return { id, name: name ?? id };
  },

  'accounts limit': async (options) => {
    const { id } = await requireAccount(options.argument);
    const rate_limits = rateLimitsFrom(options);
    await setRateLimits(id, isLive(options), rate_limits);
    return { id, mode: options.mode, rate_limits };
  },

  'accounts spread': async (options) => {
    const { id } = await requireAccount(options.argument);
    return { id, mode: options.mode, shards: await spreadEvents(id, isLive(options), shardsOf(options), Date.now()) };
  },

  'accounts show': async (options) => dated(await requireAccount(options.argument, isLive(options))),

  'accounts connect': async ({ argument, platform }) => {
    const { id: to } = await requireAccount(required('--platform <acct_id>', platform));
    const { id } = await requireAccount(argument);
    if (id === to) throw new Error('An account cannot be connected to itself');
    await connectAccount(id, to);
    return { id, connected_to: to };
  },

  'accounts erase': async ({ argument, confirm, stage }) => {
    const account = requireAccountId(argument);
    if (confirm === undefined) return surveyAccount(account);
    if (confirm !== account) throw new Error(`--confirm ${confirm} is not ${account}: nothing was erased`);
    await useQueues(stage);
    return eraseAccount(account);
  },

  'keys create': async (options) => {
    const { id: account } = await accountOf(options);
    const scopes = options.publish ? PUBLISHING_KEY_SCOPES : SECRET_KEY_SCOPES;
    const anyAccount = options['any-account'];
    if (anyAccount && !options.publish) throw new Error('--any-account is for keys that publish: add --publish');
    const request = { account, livemode: isLive(options), scopes, any_account: anyAccount };
    const { secret, key } = await issueApiKey(await pepperOf(options.stage), request, Date.now());
    return { secret, ...dated(key) };
  },

  'keys list': async (options) => (await listApiKeys((await accountOf(options)).id, isLive(options))).map(dated),

  'keys revoke': async (options) => {
    const id = required('<mk_id>', options.argument);
    const { id: account } = await accountOf(options);
    const revoked = await revokeApiKey(account, isLive(options), id);
    if (!revoked) throw new Error(`${account} has no key '${id}' in ${options.mode} mode`);
    return { id, revoked };
  },

  'rejected list': async ({ days, until }) => {
    const count = Number(days);
    if (!Number.isInteger(count) || count < 1 || count > 90)
      throw new Error('--days must be a whole number from 1 to 90');
    const last = until === undefined ? Date.now() : Date.parse(until);
    if (Number.isNaN(last)) throw new Error('--until must be a day such as 2026-11-21');
    const rejected = [];
    for (let day = 0; day < count; day += 1) {
      const date = isoTime(last - day * DAY).slice(0, 10);
      for await (const { messageId, sentAt, reason, body } of listRejected(date))
        rejected.push({ message_id: messageId, sent_at: isoTime(sentAt), reason, body });
    }
    return rejected;
  },

  'deliveries pause': async (options) => {
    const scope = pauseScopeOf(options);
    if (scope.scope === 'region') await requireRegion(scope.region);
    await pauseDelivery(scope);
    // None, if it is another Region than was meant.
    return { paused: scope, destinations: await countDestinations(scope) };
  },

  'deliveries resume': async (options) => {
    const scope = pauseScopeOf(options);
    await useQueues(options.stage);
    return { resumed: scope, ...(await resumeDelivery(scope)) };
  },

  'deliveries paused': async () => {
    const { all, regions } = await findPauses();
    return { all, regions };
  },

  'deliveries limit': async (options) => {
    const perSecond = rateOf(options);
    const destination = destinationOf(options);
    await limitRate(destination, perSecond);
    return { destination: destination.id, per_second: perSecond };
  },

  'deliveries spread': async (options) => {
    const destination = destinationOf(options);
    const shards = await spreadDeliveries(destination, shardsOf(options), Date.now());
    return { destination: destination.id, shards };
  },

  'dead-letters list': async () => {
    const parked = [];
    for await (const { queueUrl, past, parkedAt, body } of listParked())
      parked.push({ id: past.id, queue: queueUrl, sent_at: isoTime(past.sentAt), parked_at: isoTime(parkedAt), body });
    return parked;
  },

  'dead-letters redrive': async ({ argument }) => {
    let redriven = 0;
    for await (const letter of listParked()) {
      if (argument !== undefined && letter.past.id !== argument) continue;
      await sendBack(letter, 0);
      await unpark(letter);
      redriven += 1;
    }
    if (argument !== undefined && redriven === 0) throw new Error(`There is no dead letter ${argument}`);
    return { redriven };
  },

  seed: async (options) => seed(await pepperOf(options.stage), rateLimitsFrom(options)),
};

function rateLimitsFrom({ requests, events }: Options): Partial<RateLimits> {
  const count = (name: string, text: string) => {
    if (!/^[1-9]\d{0,6}$/.test(text)) throw new Error(`--${name} must be a whole number a second, from 1 to 9999999`);
    return Number(text);
  };
  return {
    ...(requests !== undefined && { requests: count('requests', requests) }),
    ...(events !== undefined && { events: count('events', events) }),
  };
}

function pauseScopeOf(options: Options): PauseScope {
  const { all, region, destination } = options;
  if ([all, region, destination].filter(Boolean).length !== 1)
    throw new Error('Say what: one of --all, --region <region> and --destination <ed_id> --account <acct_id>');
  if (all) return { scope: 'all' };
  if (region !== undefined) return { scope: 'region', region };
  return { scope: 'destination', destination: destinationOf(options) };
}

function destinationOf(options: Options): DestinationRef {
  const { destination: id = '', account } = options;
  const livemode = isLive(options);
  if (!isId('ed', livemode, id))
    throw new Error(`'${id}' is not an event destination's id in ${options.mode} mode: see --destination and --mode`);
  return { id, account: requireAccountId(required('--account <acct_id>', account)), livemode };
}

/** Null for none. */
function rateOf({ 'per-second': text, unlimited }: Options): number | null {
  if (unlimited === (text !== undefined)) throw new Error('Say one of --per-second <number> and --unlimited');
  if (unlimited) return null;
  const perSecond = Number(text);
  if (perSecond > 0 && perSecond <= MAX_RATE_LIMIT) return perSecond;
  throw new Error(`--per-second must be a number over 0, at most ${MAX_RATE_LIMIT}; 0.1 is one in ten seconds`);
}

function shardsOf({ shards = '' }: Options): number {
  const count = Number(shards);
  if (Number.isInteger(count) && count >= 1 && count <= MOST_SHARDS) return count;
  throw new Error(`--shards must be a whole number from 1 to ${MOST_SHARDS}`);
}

/** The functions have their URLs from their stacks; here their names say where they are. */
async function useQueues(stage: string): Promise<void> {
  process.env.RELEASES_QUEUE_URL = await findQueueUrl(`event-destinations-${stage}-releases`);
  process.env.EVENTS_QUEUE_URL = await findQueueUrl(`event-destinations-${stage}-events`);
}

const pepperOf = (stage: string): Promise<string> => readPepper(`event-destinations/${stage}/api-key-pepper`);

function isLive({ mode }: Options): boolean {
  if (mode !== 'test' && mode !== 'live') throw new Error("--mode must be 'test' or 'live'");
  return mode === 'live';
}

/** Of which Region a pause is meant: one that does not exist would hold nothing, and nobody would notice. */
async function requireRegion(region: string): Promise<void> {
  // Loaded here, because only this command needs to know them.
  const { knownRegions } = await import('../../infra/regions.ts');
  if (!knownRegions.includes(region))
    throw new Error(`'${region}' is no AWS Region, nothing was paused: use one of ${knownRegions.join(', ')}`);
}

/** Times are numbers in the tables, and instants for whoever reads them. */
const dated = <T extends { readonly created: number }>(record: T) => ({ ...record, created: isoTime(record.created) });

function required(what: string, value: string | undefined): string {
  if (!value) throw new Error(`${what} is missing`);
  return value;
}

function requireAccountId(id: string | undefined): string {
  const given = required('<acct_id>', id);
  if (!isAccountId(given)) throw new Error(`'${given}' is not an account id: 'acct_' and up to 40 letters and digits`);
  return given;
}

async function requireAccount(id: string | undefined, livemode = false) {
  const account = await findAccount(requireAccountId(id), livemode);
  if (!account) throw new Error(`There is no account ${id}`);
  return account;
}

const accountOf = ({ account }: Options) => requireAccount(required('--account <acct_id>', account));
