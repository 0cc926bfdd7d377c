import { createHmac } from 'node:crypto';
import { ABSENT, type Key, registry } from '../aws/table.ts';
import { randomText } from '../random-text.ts';
import { accountPartition } from './account.ts';

/** What a key may do. A secret key has all of a customer's; publishing is the platform's and given apart. */
const SCOPES = [
  'event_destinations.read',
  'event_destinations.write',
  'events.read',
  'events.resend',
  'events.publish',
] as const;
export type Scope = (typeof SCOPES)[number];

export const SECRET_KEY_SCOPES: readonly Scope[] = [
  'event_destinations.read',
  'event_destinations.write',
  'events.read',
  'events.resend',
];
export const PUBLISHING_KEY_SCOPES: readonly Scope[] = ['events.publish', 'events.read'];

export interface ApiKey {
  /** `mk_…`: names the key without being it. */
  readonly id: string;
  readonly account: string;
  readonly livemode: boolean;
  readonly scopes: readonly Scope[];
  /** A platform's key: `Stripe-Context` may name any account, not only connected ones. */
  readonly any_account: boolean;
  /** `sk_test_…4Gx2`, for lists. */
  readonly hint: string;
  readonly created: number;
}

/** Stripe's form, on which its CLI insists: `sk_` secret and `rk_` restricted keys, `test_` or `live_`. */
const FORM = /^(sk|rk)_(test|live)_[A-Za-z0-9]{16,128}$/;

export const looksLikeKey = (text: string): boolean => FORM.test(text);

/** Keys are stored under their HMAC-SHA256 with the stage's pepper: neither table nor pepper alone is of use to a thief. */
const hashKey = (pepper: string, key: string): Key => ({
  pk: `key#${createHmac('sha256', pepper).update(key).digest('hex')}`,
  sk: 'key',
});

const listKey = (key: Pick<ApiKey, 'account' | 'livemode' | 'id'>): Key => ({
  pk: accountPartition(key.account, key.livemode),
  sk: `key#${key.id}`,
});

export async function findApiKey(pepper: string, secret: string): Promise<ApiKey | undefined> {
  const item = await registry().get(hashKey(pepper, secret));
  return item?.key as ApiKey | undefined;
}

export type NewApiKey = Pick<ApiKey, 'account' | 'livemode' | 'scopes' | 'any_account'>;

/** Issues a key. The secret is returned once and kept nowhere. */
export async function issueApiKey(pepper: string, request: NewApiKey, now: number) {
  const restricted = request.scopes.includes('events.publish');
  const secret = `${restricted ? 'rk' : 'sk'}_${request.livemode ? 'live' : 'test'}_${randomText(48)}`;
  const key: ApiKey = {
    ...request,
    id: `mk_${randomText(16)}`,
    hint: `${secret.slice(0, 8)}…${secret.slice(-4)}`,
    created: now,
  };
  const hash = hashKey(pepper, secret);
  // The list entry first: a crash in between leaves a listed key that opens nothing, never a working one unlisted.
  await registry().put({ ...listKey(key), key, hash: hash.pk }, ABSENT);
  await registry().put({ ...hash, key }, ABSENT);
  return { secret, key };
}

/** Revokes a key at once: keys are read strongly at every request. False when there is none of that id. */
export async function revokeApiKey(account: string, livemode: boolean, id: string): Promise<boolean> {
  const listed = await registry().get(listKey({ account, livemode, id }));
  if (!listed) return false;
  await registry().delete({ pk: String(listed.hash), sk: 'key' });
  await registry().delete(listed);
  return true;
}

export async function listApiKeys(account: string, livemode: boolean): Promise<ApiKey[]> {
  const keys: ApiKey[] = [];
  const values = { ':pk': accountPartition(account, livemode), ':start': 'key#' };
  for await (const item of registry().query({ expression: 'pk = :pk AND begins_with(sk, :start)', values }))
    keys.push(item.key as ApiKey);
  return keys;
}
