import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { findAccount } from '../../shared/accounts/account.ts';
import { type ApiKey, findApiKey, looksLikeKey, type Scope } from '../../shared/accounts/api-key.ts';
import { env } from '../../shared/aws/env.ts';
import { ApiError } from '../../shared/http/errors.ts';

const secrets = new SecretsManagerClient({ maxAttempts: 3 });
let pepper: Promise<string> | undefined;

/** Read once per sandbox; a read that failed is not kept. */
function readPepper(): Promise<string> {
  pepper ??= secrets
    .send(new GetSecretValueCommand({ SecretId: env('API_KEY_PEPPER_SECRET') }))
    .then(({ SecretString = '' }) => SecretString)
    .catch((error) => {
      pepper = undefined;
      throw error;
    });
  return pepper;
}

/** Finds the key of the Authorization header: `Bearer sk_…`, or Basic with the key as user name. */
export async function authenticate(authorization: string | undefined): Promise<ApiKey> {
  const secret = secretOf(authorization);
  if (!secret)
    throw unauthenticated(
      "You did not provide an API key. Provide it in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
    );
  const key = looksLikeKey(secret) ? await findApiKey(await readPepper(), secret) : undefined;
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

/** The account to act for. `Stripe-Context` may be a path (`acct_platform/acct_connected`); its last part counts. */
export async function actingAccount(key: ApiKey, context: string | undefined, stripeAccount: string | undefined) {
  const named = context ? context.split('/').at(-1) : undefined;
  if (named && stripeAccount && named !== stripeAccount)
    throw new ApiError(
      400,
      'invalid_request',
      'Stripe-Context and Stripe-Account name different accounts: send only one.',
    );
  const id = named ?? stripeAccount ?? key.account;
  if (id === key.account) return id;
  const account = await findAccount(id, key.livemode);
  if (account && (key.any_account || account.connected_to.includes(key.account))) return id;
  throw new ApiError(
    403,
    'account_invalid',
    `The provided key '${key.hint}' does not have access to account '${id.slice(0, 60)}' (or that account does not exist).`,
  );
}

function secretOf(authorization = ''): string | undefined {
  const [scheme = '', value = ''] = authorization.split(' ', 2);
  if (/^bearer$/i.test(scheme)) return value;
  if (/^basic$/i.test(scheme)) return Buffer.from(value, 'base64').toString().split(':', 1)[0];
  return undefined;
}

const masked = (secret: string) => `${secret.slice(0, 8)}${'*'.repeat(8)}${secret.length > 24 ? secret.slice(-4) : ''}`;

const unauthenticated = (message: string) => new ApiError(401, 'unauthenticated', message);
