import { env } from '../aws/env.ts';
import type { Account } from './account.ts';

/** How much of what an account may ask for in a second: requests of any kind, and, apart from those, events to publish. */
export interface RateLimits {
  readonly requests: number;
  readonly events: number;
}
export type Limited = keyof RateLimits;

/** What is set for the account itself goes before what the deployment has for all. */
export function rateLimitsOf({ livemode, rate_limits }: Pick<Account, 'livemode' | 'rate_limits'>): RateLimits {
  return {
    requests: Number(env(livemode ? 'REQUESTS_PER_SECOND' : 'TEST_REQUESTS_PER_SECOND')),
    events: Number(env('EVENTS_PER_SECOND')),
    ...rate_limits,
  };
}
