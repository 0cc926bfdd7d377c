import { AwsError, type Caller } from '../aws-error.ts';
import { permissions } from './bus-policy.ts';
import { buses } from './buses.ts';
import type { Context, Operation } from './context.ts';
import { customerSide } from './customer-side.ts';
import { type Deliver, Deliveries, type EventBridgeClock, type OnUndelivered } from './delivery.ts';
import { noSuchRule } from './errors.ts';
import { Faults } from './faults.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { partnerSide } from './partner-side.ts';
import { putEvents } from './put-events.ts';
import { Router } from './router.ts';
import { rules } from './rules.ts';
import { type ScheduledRule, scheduled } from './schedules.ts';
import { isSnapshot, type Snapshot } from './state.ts';
import { Store } from './store.ts';
import { tags } from './tags.ts';
import { targets } from './targets.ts';

export type { Deliver, EventBridgeClock, TargetDelivery } from './delivery.ts';
export { SOURCE_GONE_CODE } from './put-partner-events.ts';
export type { ScheduledRule } from './schedules.ts';

export interface EventBridgeOptions {
  readonly clock: EventBridgeClock;
  /** Brings an input to a target by its ARN: queue, log group, function. */
  readonly deliver: Deliver;
  /** The accounts that AWS has registered as partners. */
  readonly partnerAccounts: ReadonlySet<string>;
  /** An earlier `snapshot()`, also after a way through JSON. */
  readonly restore?: unknown;
  /** Called after every change of what `snapshot()` gives. */
  readonly onChange?: () => void;
  /** Called for each event that reached neither its target nor a dead-letter queue; by default it is logged. */
  readonly onUndelivered?: OnUndelivered;
  readonly limits?: Partial<Limits>;
}

/**
 * Amazon EventBridge on one machine: partner event sources from both sides, buses, rules and targets, by Region and
 * account. The states of an event source are in source-states.ts, those of a delivery in delivery.ts.
 *
 * @example
 * await eventBridge.handle('PutPartnerEvents', { Entries: [...] }, { account: '111111111111', region: 'eu-west-1' });
 */
export class EventBridge {
  /** Errors for tests to inject. */
  readonly faults = new Faults();
  /** Calls by operation, failed ones included. */
  readonly counts = new Map<string, number>();
  readonly #operations: ReadonlyMap<string, Operation>;
  readonly #store: Store;
  readonly #deliveries: Deliveries;
  readonly #router: Router;

  constructor(options: EventBridgeOptions) {
    const { clock, deliver, partnerAccounts, onChange = () => {}, onUndelivered = logUndelivered } = options;
    const restored = restoredFrom(options.restore);
    const now = () => clock.now();
    this.#store = new Store(now, onChange, restored);
    this.#deliveries = new Deliveries(clock, deliver, onChange, onUndelivered);
    this.#router = new Router(now, this.#deliveries);
    this.#operations = operationsOf({
      now,
      store: this.#store,
      router: this.#router,
      faults: this.faults,
      limits: { ...DEFAULT_LIMITS, ...options.limits },
      partnerAccounts,
    });
    for (const waiting of restored?.waiting ?? []) this.#deliveries.wait(waiting);
  }

  /** Runs `AWSEvents.<operation>`; rejects with the AwsError that AWS would answer. Its effects begin synchronously. */
  async handle(operation: string, input: unknown, caller: Caller): Promise<unknown> {
    const run = this.#operations.get(operation);
    if (!run) throw new AwsError('UnknownOperationException', `EventBridge has no operation ${operation} here.`);
    this.counts.set(operation, (this.counts.get(operation) ?? 0) + 1);
    this.faults.raise(operation, caller.region);
    return run(input, caller);
  }

  /** Rules with a ScheduleExpression; whoever keeps time calls `fire` for those that are enabled. */
  scheduledRules(): ScheduledRule[] {
    return scheduled(this.#store.rules());
  }

  /** Sends a Scheduled Event to the rule's targets, unless the rule is disabled. */
  fire(ruleArn: string): void {
    const rule = this.#store.ruleByArn(ruleArn);
    if (!rule) throw noSuchRule(ruleArn, 'any bus');
    this.#router.fire(rule);
  }

  /** JSON-serializable. Not in it: deliveries whose attempt runs at this moment (the clock tracks them), faults, counts. */
  snapshot(): unknown {
    const snapshot: Snapshot = { version: 1, ...this.#store.snapshot(), waiting: this.#deliveries.waiting };
    return snapshot;
  }
}

function operationsOf(context: Context): ReadonlyMap<string, Operation> {
  const all = [partnerSide, customerSide, buses, permissions, rules, targets, putEvents, tags];
  return new Map(all.flatMap((operations) => Object.entries(operations(context))));
}

function restoredFrom(restore: unknown): Snapshot | undefined {
  if (restore === undefined) return undefined;
  if (!isSnapshot(restore)) throw new Error('EventBridge can restore only what its own snapshot() gave.');
  return restore;
}

const logUndelivered: OnUndelivered = ({ rule, target }, error) =>
  console.error(`EventBridge gave up on an event for ${target.arn} (rule ${rule.arn}):`, error);
