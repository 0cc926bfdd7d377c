import { AwsError, type Caller } from '../../../../local/aws-error.ts';
import type { TimerHandle } from '../../../../local/clock.ts';
import {
  EventBridge,
  type EventBridgeClock,
  type EventBridgeOptions,
  type TargetDelivery,
} from '../../../../local/eventbridge/index.ts';

export const REGION = 'eu-west-1';
export const PARTNER: Caller = { account: '111111111111', region: REGION };
export const CUSTOMER: Caller = { account: '222222222222', region: REGION };
export const STRANGER: Caller = { account: '333333333333', region: REGION };
export const SOURCE = 'aws.partner/example.com/ed_1';
export const QUEUE = `arn:aws:sqs:${REGION}:${CUSTOMER.account}:orders`;
export const DEAD_LETTERS = `arn:aws:sqs:${REGION}:${CUSTOMER.account}:dead`;
export const START = Date.parse('2026-11-21T10:00:00.250Z');
export const DAY = 24 * 60 * 60 * 1000;

/** Time that only `pass` moves; counts what is tracked. */
export class FakeClock implements EventBridgeClock {
  time = START;
  busy = 0;
  readonly timers = new Set<TimerHandle>();

  now(): number {
    return this.time;
  }

  setTimeout(run: () => void, ms: number): TimerHandle {
    const timer = { due: this.time + ms, run };
    this.timers.add(timer);
    return timer;
  }

  async track<T>(work: Promise<T>): Promise<T> {
    this.busy += 1;
    try {
      return await work;
    } finally {
      this.busy -= 1;
    }
  }

  async settled(): Promise<void> {
    do await new Promise(setImmediate);
    while (this.busy > 0);
  }

  /** Goes from timer to timer, letting each one's work settle. */
  async pass(ms: number): Promise<void> {
    const target = this.time + ms;
    for (;;) {
      await this.settled();
      const next = [...this.timers].filter(({ due }) => due <= target).sort((a, b) => a.due - b.due)[0];
      if (!next) break;
      this.timers.delete(next);
      this.time = Math.max(this.time, next.due);
      next.run();
    }
    this.time = target;
  }
}

export interface Setup {
  readonly cloud: EventBridge;
  readonly clock: FakeClock;
  readonly delivered: TargetDelivery[];
  /** What `deliver` throws, in turn, before it succeeds. */
  readonly failures: Error[];
  readonly undelivered: unknown[];
  changes(): number;
  partner(operation: string, input?: unknown): Promise<unknown>;
  customer(operation: string, input?: unknown): Promise<unknown>;
}

export function setUp(options: Partial<EventBridgeOptions> & { clock?: FakeClock } = {}): Setup {
  const clock = options.clock ?? new FakeClock();
  const delivered: TargetDelivery[] = [];
  const failures: Error[] = [];
  const undelivered: unknown[] = [];
  let changes = 0;
  const cloud = new EventBridge({
    partnerAccounts: new Set([PARTNER.account]),
    deliver: async (delivery) => {
      const failure = failures.shift();
      if (failure) throw failure;
      delivered.push(delivery);
    },
    onChange: () => {
      changes += 1;
    },
    onUndelivered: (_, error) => undelivered.push(error),
    ...options,
    clock,
  });
  return {
    cloud,
    clock,
    delivered,
    failures,
    undelivered,
    changes: () => changes,
    partner: (operation, input = {}) => cloud.handle(operation, input, PARTNER),
    customer: (operation, input = {}) => cloud.handle(operation, input, CUSTOMER),
  };
}

export const createSource = ({ partner }: Setup, name = SOURCE) =>
  partner('CreatePartnerEventSource', { Name: name, Account: CUSTOMER.account });

export const attachBus = ({ customer }: Setup, name = SOURCE) =>
  customer('CreateEventBus', { Name: name, EventSourceName: name });

/** A rule on a bus of the customer's that sends all of this account's events to the queue. */
export async function sendToQueue(
  { customer }: Setup,
  bus: string,
  target: Record<string, unknown> = {},
): Promise<void> {
  await customer('PutRule', { Name: 'all', EventBusName: bus, EventPattern: '{"detail-type":[{"prefix":""}]}' });
  await customer('PutTargets', { Rule: 'all', EventBusName: bus, Targets: [{ Id: 'queue', Arn: QUEUE, ...target }] });
}

export const entry = (more: Record<string, unknown> = {}) => ({
  Source: SOURCE,
  DetailType: 'order.created',
  Detail: '{"id":"evt_1"}',
  ...more,
});

/** The AwsError that a call is refused with. */
export async function refusal(call: Promise<unknown>): Promise<AwsError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof AwsError) return error;
    throw error;
  }
  throw new Error('The call succeeded.');
}

export const inputs = ({ delivered }: Setup): unknown[] => delivered.map(({ input }) => JSON.parse(input));
