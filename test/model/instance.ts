import type { Budget, QueueName, SourceState } from './world.ts';

/** What the customer does: by the API, or to the event source; and what an operator's tools do. */
export type Deed =
  | 'disable'
  | 'enable'
  | 'delete'
  | 'resend the first event'
  | 'resend in bulk'
  | 'pause the deliveries'
  | 'resume the deliveries'
  | 'associate the source'
  | 'delete the bus'
  | 'delete the source';

/** A small world to be explored to its ends. */
export interface Instance {
  readonly name: string;
  readonly events: number;
  /** Of the source when the events are dispatched. */
  readonly source: Exclude<SourceState, 'GONE'>;
  /** The next failure opens the circuit breaker. */
  readonly failing?: boolean;
  /** The source has lost its bus before the events came, and just now that was noticed. */
  readonly fallen?: boolean;
  /** The most deliveries a second that the operator has set. */
  readonly rateLimit?: number;
  readonly budget: Budget;
  /** Operations that AWS may refuse, as often as the budget has faults. */
  readonly refusable?: readonly string[];
  /** Each script's deeds come in their order, at any time. */
  readonly scripts: readonly (readonly Deed[])[];
  /** For how long, in ms from the first world on, somebody may have deliveries wait for what he does. Without it for ever. */
  readonly patience?: number;
  /** The queue whose messages SQS may hand out twice, as often as the budget has duplicates; the deliveries' by default. */
  readonly handedOutTwice?: QueueName;
  /**
   * How many copies of a delivery can be made without anything going wrong: by who has held it and finds that the state
   * holds no longer, or by a round of probes, and by the release that the change of the state brought.
   */
  readonly races?: number;
  /** A function that delivers may be given two messages at once. */
  readonly batches?: boolean;
  /** How many functions run at once. */
  readonly concurrency: number;
}

/** Nothing goes wrong. */
export const NOTHING: Budget = { crashes: 0, faults: 0, failures: 0, duplicates: 0, lags: 0, rounds: 0 };
