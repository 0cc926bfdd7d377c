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
  readonly budget: Budget;
  /** Operations that AWS may refuse, as often as the budget has faults. */
  readonly refusable?: readonly string[];
  /** Each script's deeds come in their order, at any time. */
  readonly scripts: readonly (readonly Deed[])[];
  /** The queue whose messages SQS may hand out twice, as often as the budget has duplicates; the deliveries' by default. */
  readonly handedOutTwice?: QueueName;
  /**
   * How many copies of a delivery can be made without anything going wrong: by who has held it and finds that the state
   * holds no longer, or by a round of probes, and by the release that the change of the state brought.
   */
  readonly races?: number;
  /** How many functions run at once. */
  readonly concurrency: number;
}

const NOTHING: Budget = { crashes: 0, faults: 0, failures: 0, duplicates: 0, lags: 0, rounds: 0 };

/** Together some minute's work. */
export const SMALL: readonly Instance[] = [
  {
    name: 'retries',
    events: 1,
    source: 'ACTIVE',
    budget: { ...NOTHING, failures: 2, crashes: 1, duplicates: 1 },
    scripts: [],
    concurrency: 2,
  },
  {
    name: 'two-events',
    events: 2,
    source: 'ACTIVE',
    budget: { ...NOTHING, failures: 2, crashes: 1 },
    scripts: [],
    concurrency: 2,
  },
  {
    name: 'throttled-starts',
    events: 1,
    source: 'ACTIVE',
    budget: { ...NOTHING, failures: 3, crashes: 1, faults: 1 },
    refusable: ['StartExecutionCommand'],
    scripts: [],
    concurrency: 2,
  },
  {
    name: 'breaker',
    events: 1,
    source: 'ACTIVE',
    failing: true,
    budget: { ...NOTHING, failures: 2, crashes: 1 },
    scripts: [],
    concurrency: 2,
  },
  {
    name: 'breaker-of-two',
    races: 1,
    events: 2,
    source: 'ACTIVE',
    failing: true,
    budget: { ...NOTHING, failures: 1 },
    scripts: [],
    concurrency: 2,
  },
  {
    name: 'breaker-and-resend',
    events: 1,
    source: 'ACTIVE',
    failing: true,
    budget: { ...NOTHING, failures: 2 },
    scripts: [['resend the first event']],
    concurrency: 2,
  },
  {
    name: 'disable-and-enable',
    events: 1,
    source: 'ACTIVE',
    budget: { ...NOTHING, crashes: 1 },
    scripts: [['disable', 'enable']],
    concurrency: 2,
  },
  {
    name: 'canceled-by-a-copy',
    events: 1,
    source: 'ACTIVE',
    budget: { ...NOTHING, failures: 1, duplicates: 1 },
    scripts: [['disable']],
    concurrency: 3,
  },
  {
    name: 'delete',
    events: 1,
    source: 'ACTIVE',
    budget: { ...NOTHING, failures: 1, crashes: 1 },
    scripts: [['delete']],
    concurrency: 2,
  },
  {
    name: 'activation',
    races: 1,
    events: 1,
    source: 'PENDING',
    budget: { ...NOTHING, crashes: 1, rounds: 2 },
    scripts: [['associate the source']],
    concurrency: 2,
  },
  {
    name: 'source-gone',
    events: 1,
    source: 'ACTIVE',
    failing: true,
    budget: { ...NOTHING, rounds: 2 },
    scripts: [['delete the source']],
    concurrency: 1,
  },
  {
    name: 'fallback',
    events: 1,
    source: 'ACTIVE',
    budget: { ...NOTHING, rounds: 2 },
    scripts: [['delete the bus', 'associate the source']],
    concurrency: 2,
  },
  {
    name: 'pause',
    races: 1,
    events: 1,
    source: 'ACTIVE',
    budget: { ...NOTHING, crashes: 1 },
    scripts: [['pause the deliveries', 'resume the deliveries']],
    concurrency: 2,
  },
  {
    name: 'bulk-resend',
    events: 1,
    source: 'ACTIVE',
    budget: { ...NOTHING, crashes: 1 },
    scripts: [['disable', 'enable', 'resend in bulk']],
    concurrency: 1,
  },
  {
    name: 'three-attempts',
    events: 2,
    source: 'ACTIVE',
    budget: { ...NOTHING, failures: 4, crashes: 1 },
    scripts: [],
    concurrency: 1,
  },
];

/** Of what goes in steps, each of which does one delivery here. */
export const STEPPING: readonly Instance[] = [
  {
    name: 'drain-in-steps',
    races: 1,
    events: 2,
    source: 'PENDING',
    budget: { ...NOTHING, rounds: 2 },
    scripts: [['associate the source']],
    concurrency: 2,
  },
  {
    name: 'drain-and-crash',
    events: 2,
    source: 'PENDING',
    budget: { ...NOTHING, crashes: 1, rounds: 2 },
    scripts: [['associate the source']],
    concurrency: 1,
  },
  {
    name: 'two-releases',
    races: 1,
    events: 1,
    source: 'PENDING',
    budget: { ...NOTHING, rounds: 1 },
    scripts: [['associate the source'], ['pause the deliveries', 'resume the deliveries']],
    concurrency: 2,
  },
  {
    name: 'drain-of-the-disabled',
    events: 2,
    source: 'PENDING',
    budget: { ...NOTHING, rounds: 1 },
    scripts: [['disable']],
    concurrency: 2,
  },
  {
    name: 'fallback-in-steps',
    events: 2,
    source: 'ACTIVE',
    fallen: true,
    budget: { ...NOTHING, crashes: 1, rounds: 1 },
    scripts: [['associate the source']],
    concurrency: 2,
  },
  {
    name: 'bulk-resend-in-steps',
    events: 2,
    source: 'ACTIVE',
    budget: { ...NOTHING, crashes: 1 },
    scripts: [['disable', 'enable', 'resend in bulk']],
    concurrency: 1,
  },
];

/** Hours together: each is a small one with more that goes wrong, or with more at once. */
export const LARGE: readonly Instance[] = [
  {
    name: 'fallback-and-crash',
    races: 1,
    events: 1,
    source: 'ACTIVE',
    budget: { ...NOTHING, crashes: 1, rounds: 2 },
    scripts: [['delete the bus', 'associate the source']],
    concurrency: 2,
  },
  {
    name: 'disabled-in-retries',
    races: 1,
    events: 1,
    source: 'ACTIVE',
    budget: { ...NOTHING, failures: 1, crashes: 1 },
    scripts: [['disable', 'enable']],
    concurrency: 2,
  },
  {
    name: 'returned-twice',
    races: 1,
    events: 1,
    source: 'ACTIVE',
    fallen: true,
    budget: { ...NOTHING, duplicates: 1, rounds: 1 },
    handedOutTwice: 'releases',
    scripts: [['associate the source']],
    concurrency: 3,
  },
  {
    name: 'source-gone-large',
    races: 1,
    events: 1,
    source: 'ACTIVE',
    budget: { ...NOTHING, crashes: 1, failures: 1, rounds: 3 },
    scripts: [['delete the source']],
    concurrency: 2,
  },
  {
    name: 'retries-large',
    races: 1,
    events: 1,
    source: 'ACTIVE',
    budget: { ...NOTHING, failures: 3, crashes: 2, duplicates: 1 },
    scripts: [],
    concurrency: 2,
  },
  {
    name: 'two-events-large',
    races: 1,
    events: 2,
    source: 'ACTIVE',
    budget: { ...NOTHING, failures: 3, crashes: 1, faults: 1 },
    refusable: ['StartExecutionCommand', 'SendMessageBatchCommand'],
    scripts: [],
    concurrency: 2,
  },
  {
    name: 'breaker-large',
    races: 2,
    events: 2,
    source: 'ACTIVE',
    failing: true,
    budget: { ...NOTHING, failures: 2, crashes: 1 },
    scripts: [],
    concurrency: 2,
  },
  {
    name: 'resend-large',
    races: 2,
    events: 1,
    source: 'ACTIVE',
    budget: { ...NOTHING, failures: 2, crashes: 1 },
    scripts: [['resend the first event'], ['disable', 'enable']],
    concurrency: 2,
  },
  {
    name: 'activation-large',
    races: 2,
    events: 1,
    source: 'PENDING',
    budget: { ...NOTHING, crashes: 1, lags: 1, rounds: 2 },
    scripts: [['associate the source'], ['disable', 'enable']],
    concurrency: 2,
  },
  {
    name: 'fallback-large',
    races: 2,
    events: 1,
    source: 'ACTIVE',
    budget: { ...NOTHING, crashes: 1, lags: 1, rounds: 3 },
    scripts: [['delete the bus', 'associate the source'], ['disable']],
    concurrency: 2,
  },
  {
    name: 'three-attempts-large',
    races: 1,
    events: 2,
    source: 'ACTIVE',
    budget: { ...NOTHING, failures: 6, crashes: 1 },
    scripts: [],
    concurrency: 2,
  },
  {
    name: 'pause-large',
    races: 1,
    events: 1,
    source: 'ACTIVE',
    budget: { ...NOTHING, failures: 1, crashes: 1, duplicates: 1 },
    scripts: [['pause the deliveries', 'resume the deliveries']],
    concurrency: 2,
  },
  {
    name: 'bulk-resend-large',
    races: 1,
    events: 2,
    source: 'ACTIVE',
    budget: { ...NOTHING, crashes: 1, duplicates: 1 },
    handedOutTwice: 'releases',
    scripts: [['disable', 'enable', 'resend in bulk']],
    concurrency: 2,
  },
];
