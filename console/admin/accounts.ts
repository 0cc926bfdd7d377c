import {
  connectAccount,
  createAccount,
  scanAccounts,
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
import { newAccountId } from '../../shared/ids.ts';
import { eraseAccount, surveyAccount } from './erase-account.ts';
import {
  accountOf,
  type Commands,
  dated,
  isLive,
  pepperOf,
  rateLimitsFrom,
  requireAccount,
  requireAccountId,
  required,
  shardsOf,
  useQueues,
} from './options.ts';

/** Accounts, their connections and erasure, and their keys. */
export const accountCommands: Commands = {
  'accounts create': async (options) => {
    const { argument, name } = options;
    const id = argument ? requireAccountId(argument) : newAccountId();
    const created = await createAccount(id, name ?? id, Date.now(), rateLimitsFrom(options));
    if (!created) throw new Error(`The account ${id} exists already`);
    return { id, name: name ?? id };
  },

  'accounts list': async (options) => {
    const accounts = [];
    for await (const { id, name, livemode, created } of scanAccounts())
      if (livemode === isLive(options)) accounts.push(dated({ id, name, created }));
    return accounts.toSorted((a, b) => a.created.localeCompare(b.created));
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
};
