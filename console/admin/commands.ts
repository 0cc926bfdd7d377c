import { connectAccount, createAccount, findAccount, isAccountId } from '../../shared/accounts/account.ts';
import {
  issueApiKey,
  listApiKeys,
  PUBLISHING_KEY_SCOPES,
  revokeApiKey,
  SECRET_KEY_SCOPES,
} from '../../shared/accounts/api-key.ts';
import { readPepper } from '../../shared/accounts/pepper.ts';
import { listRejected } from '../../shared/events/rejected.ts';
import { newAccountId } from '../../shared/ids.ts';
import { DAY, isoTime } from '../../shared/time.ts';
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
  /** The word after the command. */
  readonly argument?: string | undefined;
}

export const usage = `Usage: npm run admin -- <command> [--stage dev]

  accounts create [acct_id] [--name text]           make an account, in test and live mode
  accounts show <acct_id>                           show an account
  accounts connect <acct_id> --platform <acct_id>   connect an account to a platform
  keys create --account <acct_id> [--mode test|live] [--publish [--any-account]]
                                                    issue a key; it is shown this once
  keys list --account <acct_id> [--mode test|live]  list keys, without their secrets
  keys revoke <mk_id> --account <acct_id> [--mode test|live]
  rejected list [--days 1] [--until 2026-11-21]     events that a door took and dispatch could not accept

A key that may publish is a restricted key (rk_...); it also reads events. With --any-account it does so for every
account: give it to nobody but the platform's own services.
Against AWS: your credentials and Region. Against the embedded cloud: source .local/env, with
AWS_ACCESS_KEY_ID=000000000000, the service's own account.`;

export const commands: Record<string, (options: Options) => Promise<unknown>> = {
  'accounts create': async ({ argument, name }) => {
    const id = argument ? requireAccountId(argument) : newAccountId();
    if (!(await createAccount(id, name ?? id, Date.now()))) throw new Error(`The account ${id} exists already`);
    return { id, name: name ?? id };
  },

  'accounts show': async ({ argument }) => requireAccount(argument),

  'accounts connect': async ({ argument, platform }) => {
    const { id: to } = await requireAccount(platform);
    const { id } = await requireAccount(argument);
    if (id === to) throw new Error('An account cannot be connected to itself');
    await connectAccount(id, to);
    return { id, connected_to: to };
  },

  'keys create': async (options) => {
    const { id: account } = await requireAccount(options.account);
    const scopes = options.publish ? PUBLISHING_KEY_SCOPES : SECRET_KEY_SCOPES;
    const anyAccount = options['any-account'];
    if (anyAccount && !options.publish) throw new Error('--any-account is for keys that publish: add --publish');
    const request = { account, livemode: isLive(options), scopes, any_account: anyAccount };
    const { secret, key } = await issueApiKey(await pepperOf(options.stage), request, Date.now());
    return { secret, ...key };
  },

  'keys list': async (options) => listApiKeys((await requireAccount(options.account)).id, isLive(options)),

  'keys revoke': async (options) => {
    const { id: account } = await requireAccount(options.account);
    const revoked = await revokeApiKey(account, isLive(options), options.argument ?? '');
    if (!revoked) throw new Error(`${account} has no key '${options.argument ?? ''}' in ${options.mode} mode`);
    return { id: options.argument, revoked };
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

  seed: async ({ stage }) => seed(await pepperOf(stage)),
};

const pepperOf = (stage: string): Promise<string> => readPepper(`event-destinations/${stage}/api-key-pepper`);

function isLive({ mode }: Options): boolean {
  if (mode !== 'test' && mode !== 'live') throw new Error("--mode must be 'test' or 'live'");
  return mode === 'live';
}

function requireAccountId(id: string | undefined): string {
  if (id === undefined || !isAccountId(id))
    throw new Error(`'${id ?? ''}' is not an account id: 'acct_' and up to 40 letters and digits`);
  return id;
}

async function requireAccount(id: string | undefined) {
  const account = await findAccount(requireAccountId(id), false);
  if (!account) throw new Error(`There is no account ${id}`);
  return account;
}
