import { findAccount } from '../../../shared/accounts/account.ts';
import { type Limited, type RateLimits, rateLimitsOf } from '../../../shared/accounts/rate-limits.ts';
import { brandHeaders } from '../../../shared/http/brand.ts';
import { ApiError, SHOULD_NOT_RETRY } from '../../../shared/http/errors.ts';
import { logger } from '../../../shared/telemetry.ts';
import { MINUTE } from '../../../shared/time.ts';
import { type Bucket, bucketName, takeFromCounter } from './counter.ts';
import { handOut, type Lease, leaseAt, toAskFor, topUp } from './lease.ts';

/** Of this sandbox, which serves one request at a time. */
const leases = new Map<string, Lease>();
const limits = new Map<string, { readonly readAt: number; readonly limits: RateLimits }>();

/** An account's own limits are read this often: a change takes so long to be everywhere. */
const LIMITS_KEPT = MINUTE;
/** A sandbox that has served so many accounts forgets them all: the next request of each asks again. */
const MOST_ACCOUNTS = 1000;

/** Counts so many against the account's limit. Throws 429 when it has no more in this second. */
export async function requireRate(bucket: Bucket, wanted = 1): Promise<void> {
  if (leases.size > MOST_ACCOUNTS) forget();
  if (!(await serve(bucket, wanted, Date.now()))) throw limited(bucket);
}

async function serve(bucket: Bucket, wanted: number, now: number): Promise<boolean> {
  const name = bucketName(bucket);
  try {
    const limit = await limitOf(bucket, now);
    let lease = leaseAt(leases.get(name), limit, now);
    const asked = toAskFor(lease, wanted);
    if (asked > 0) lease = topUp(lease, asked, await takeFromCounter(bucket, lease.second, asked, limit), limit);
    const after = handOut(lease, wanted);
    leases.set(name, after ?? lease);
    return after !== undefined;
  } catch (error) {
    // Better too many requests for a while than none.
    logger.error('A rate limit is not kept, because its counter cannot be used', { ...bucket, error: error as Error });
    return true;
  }
}

async function limitOf({ account, livemode, limited }: Bucket, now: number): Promise<number> {
  const name = `${account}#${livemode}`;
  const known = limits.get(name);
  if (known && now - known.readAt < LIMITS_KEPT) return known.limits[limited];
  const read = rateLimitsOf((await findAccount(account, livemode)) ?? { livemode });
  limits.set(name, { readAt: now, limits: read });
  return read[limited];
}

function forget(): void {
  leases.clear();
  limits.clear();
}

/** Stripe's words for what was limited, and its advice not to try again at once by itself. */
const REASONS: Record<Limited, string> = { requests: 'global-rate', events: 'endpoint-rate' };
const MESSAGES: Record<Limited, string> = {
  requests: 'This account makes too many requests a second. Wait a second, and slow down.',
  events:
    'Too many events a second are published for this account. Wait a second, and slow down; the bus and the queue have no such limit.',
};

const limited = ({ limited: what }: Bucket) =>
  new ApiError(429, 'rate_limit', MESSAGES[what], {
    type: 'rate_limit_error',
    headers: { ...SHOULD_NOT_RETRY, 'Retry-After': '1', [brandHeaders.rateLimitedReason]: REASONS[what] },
  });
