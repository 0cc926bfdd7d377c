import { createHash } from 'node:crypto';
import { accountPartition } from './accounts/account.ts';
import { type Item, type Key, ledger } from './aws/table.ts';
import { ApiError, SHOULD_NOT_RETRY, SHOULD_RETRY } from './http/errors.ts';
import { DAY, SECOND, unixSeconds } from './time.ts';

/**
 * Idempotency as Stripe's API v2 has it: one item that holds the key, a fingerprint of the request, the resource's id
 * (reserved before any outside call, so that every try works on the same resource) and the state of the first try.
 *
 *   (absent) --begin--> in_flight --finish--> done     a repeat answers with the resource as it is now
 *                         |  \-----fail----> failed    a repeat is executed again, for a new resource
 *                         \--lease over (we died): a repeat goes on with the same id
 *
 * A repeat with another fingerprint, or while the first is in flight, is a 409.
 */
interface IdempotencyItem {
  readonly fingerprint: string;
  readonly id: string;
  readonly state: 'in_flight' | 'done' | 'failed';
  /** in_flight: until when its function can be alive, ms. */
  readonly lease_until: number;
  /** ms; TTL deletes late. */
  readonly expires: number;
}

export const MAX_KEY_LENGTH = 255;
/** How long a key is remembered. */
export const KEY_WINDOW = 30 * DAY;
/** Longer than the API function's time-out. */
const LEASE = 25 * SECOND;

export interface IdempotentRequest {
  readonly account: string;
  readonly livemode: boolean;
  readonly api: 'v1' | 'v2';
  readonly key: string | undefined;
  /** Method, path and parameters: what has to be the same when the key is used again. */
  readonly fingerprint: string;
  readonly newId: () => string;
}

export interface Reserved {
  readonly id: string;
  /** An earlier request of this key was done. */
  readonly replayed: boolean;
  /** An earlier request of this key was begun, and failed or died. */
  readonly repeated?: boolean;
}

/** Runs the work once for a key. Work that is idempotent under its id by itself needs only `reserveId`. */
export async function idempotently<T>(
  request: IdempotentRequest,
  work: (reserved: Reserved) => Promise<T>,
): Promise<T> {
  const reserved = await reserveId(request, { exclusive: true });
  if (request.key === undefined || reserved.replayed) return work(reserved);
  try {
    const result = await work(reserved);
    await setState(request, 'done');
    return result;
  } catch (error) {
    await setState(request, 'failed');
    throw error;
  }
}

/** The id for the request's resource: the one that the key's first request reserved, or a new one. */
export async function reserveId(request: IdempotentRequest, { exclusive }: { exclusive: boolean }): Promise<Reserved> {
  const { key, newId } = request;
  if (key === undefined) return { id: newId(), replayed: false };
  const now = Date.now();
  const item: IdempotencyItem = {
    fingerprint: digest(request.fingerprint),
    id: newId(),
    state: exclusive ? 'in_flight' : 'done',
    lease_until: now + LEASE,
    expires: now + KEY_WINDOW,
  };
  const first = await ledger().put(
    { ...itemKey(request), ...item, ttl: unixSeconds(item.expires) },
    { expression: 'attribute_not_exists(pk) OR expires < :now', values: { ':now': now } },
  );
  return first ? { id: item.id, replayed: false } : repeat(request, item, now);
}

async function repeat(request: IdempotentRequest, mine: IdempotencyItem, now: number): Promise<Reserved> {
  const found = (await ledger().get(itemKey(request))) as (Item & IdempotencyItem) | undefined;
  if (!found) throw inFlight();
  if (found.fingerprint !== mine.fingerprint) throw otherParameters(request);
  if (found.state === 'done') return { id: found.id, replayed: true };
  if (found.state === 'in_flight' && found.lease_until > now) throw inFlight();
  // What a failed try made was undone, and a name is never used twice; what died half-way is to be completed.
  const id = found.state === 'failed' ? mine.id : found.id;
  const taken = await ledger().update(
    itemKey(request),
    {
      expression: 'SET #state = :in_flight, lease_until = :until, id = :id',
      names: { '#state': 'state' },
      values: { ':in_flight': 'in_flight', ':until': mine.lease_until, ':id': id, ':seen': found.lease_until },
    },
    'lease_until = :seen',
  );
  if (!taken) throw inFlight();
  return { id, replayed: false, repeated: true };
}

const setState = (request: IdempotentRequest, state: IdempotencyItem['state']) =>
  ledger().update(itemKey(request), {
    expression: 'SET #state = :state, lease_until = :zero',
    names: { '#state': 'state' },
    values: { ':state': state, ':zero': 0 },
  });

const itemKey = ({ account, livemode, api, key }: IdempotentRequest): Key => ({
  pk: `${accountPartition(account, livemode)}#idempotency#${digest(`${api} ${key}`)}`,
  sk: 'idempotency',
});

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** 409 in API v2, 400 in v1. */
const otherParameters = ({ api }: IdempotentRequest) =>
  new ApiError(
    api === 'v2' ? 409 : 400,
    'idempotency_error',
    'Idempotency keys can only be reused with the same parameters they were first used with.',
    { type: 'idempotency_error', headers: SHOULD_NOT_RETRY },
  );

const inFlight = () =>
  new ApiError(409, 'idempotency_error', 'Another request with this Idempotency-Key is still in progress. Try again.', {
    type: 'idempotency_error',
    headers: SHOULD_RETRY,
  });
