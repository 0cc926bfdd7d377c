import { findAccount, isAccountId } from '../../shared/accounts/account.ts';
import { type ApiKey, findApiKey, looksLikeKey, type Scope } from '../../shared/accounts/api-key.ts';
import { readPepper } from '../../shared/accounts/pepper.ts';
import { env } from '../../shared/aws/env.ts';
import { brandHeaders } from '../../shared/http/brand.ts';
import { ApiError } from '../../shared/http/errors.ts';

/** Finds the key of the Authorization header: `Bearer sk_…`, or Basic with the key as user name. */
export async function authenticate(authorization: string | undefined): Promise<ApiKey> {
  const secret = secretOf(authorization);
  if (!secret)
    throw unauthenticated(
      "You did not provide an API key. Provide it in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
    );
  const key = looksLikeKey(secret)
    ? await findApiKey(await readPepper(env('API_KEY_PEPPER_SECRET')), secret)
    : undefined;
  if (!key) throw unauthenticated(`Invalid API Key provided: ${masked(secret)}`);
  return key;
}

export function requireScope(key: ApiKey, scope: Scope): void {
  if (key.scopes.includes(scope)) return;
  throw new ApiError(
    403,
    'permission_denied',
    `The provided key '${key.hint}' does not have the permission '${scope}' that this endpoint requires. Use another key.`,
  );
}

/**
 * The account to act for: the key's own, or the one that `Stripe-Context` or `Stripe-Account` names. A context may be a
 * path (`acct_platform/acct_connected`), each account connected to the one before, the first to the key's.
 */
export async function actingAccount(key: ApiKey, context: string | undefined, stripeAccount: string | undefined) {
  const path = context?.split('/') ?? (stripeAccount ? [stripeAccount] : []);
  if (context && stripeAccount && path.at(-1) !== stripeAccount)
    throw new ApiError(
      400,
      'invalid_request',
      `${brandHeaders.context} and ${brandHeaders.account} name different accounts: send only one.`,
    );
  if (path.length > MAX_PATH || !path.every(isAccountId))
    throw new ApiError(
      400,
      'invalid_request',
      `${brandHeaders.context} must be an account's id such as acct_123, or a path of ids joined by '/'.`,
    );
  let acting = key.account;
  for (const id of path) {
    if (id !== acting && !(await mayActFor(key, acting, id))) throw noAccess(key, id);
    acting = id;
  }
  return acting;
}

/** Organization, platform, connected account: deeper paths do not exist. */
const MAX_PATH = 3;

async function mayActFor(key: ApiKey, from: string, id: string): Promise<boolean> {
  const account = await findAccount(id, key.livemode);
  return account !== undefined && (key.any_account || account.connected_to.includes(from));
}

const noAccess = ({ hint }: ApiKey, id: string) =>
  new ApiError(
    403,
    'account_invalid',
    `The provided key '${hint}' does not have access to account '${id}' (or that account does not exist).`,
  );

function secretOf(authorization = ''): string | undefined {
  const [scheme = '', value = ''] = authorization.split(' ', 2);
  if (/^bearer$/i.test(scheme)) return value;
  if (/^basic$/i.test(scheme)) return Buffer.from(value, 'base64').toString().split(':', 1)[0];
  return undefined;
}

const masked = (secret: string) => `${secret.slice(0, 8)}${'*'.repeat(8)}${secret.length > 24 ? secret.slice(-4) : ''}`;

const unauthenticated = (message: string) => new ApiError(401, 'unauthenticated', message);
