import type { Caller } from '../aws-error.ts';
import type { Faults } from './faults.ts';
import type { Limits } from './limits.ts';
import type { Router } from './router.ts';
import type { Store } from './store.ts';

/** What the operations work with. */
export interface Context {
  readonly now: () => number;
  readonly store: Store;
  readonly router: Router;
  readonly faults: Faults;
  readonly limits: Limits;
  readonly partnerAccounts: ReadonlySet<string>;
}

/** One operation of the API: a request's JSON to a response's JSON, or an AwsError. */
export type Operation = (input: unknown, caller: Caller) => unknown;
export type Operations = Readonly<Record<string, Operation>>;
