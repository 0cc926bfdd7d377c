/**
 * An event on its way to one target.
 *
 *   started   an attempt runs, tracked by the clock, from within the Put call on
 *   done      deliver() fulfilled
 *   waiting   deliver() failed in a way that may pass (429, 5xx, throttling, no answer): a timer starts the next attempt.
 *             The input is made anew each time from the same event and times.
 *   dead      the error is permanent, or retries or age are used up: to the target's dead-letter queue, if it has one
 *
 * What is started or waiting is in the snapshot, so that an accepted event outlives this process; what was done just before
 * its end may be done once more.
 *
 * AWS retries "for 24 hours and up to 185 times with an exponential back off and jitter" and publishes no delays. Here
 * they double from 1 s to 8 min without jitter, so that 185 of them fill 23.6 hours and tests see the same times always.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AwsError } from '../aws-error.ts';
import type { Clock } from '../clock.ts';
import type { Envelope } from './envelope.ts';
import type { Rule } from './state.ts';
import type { Target } from './targets.ts';
import { applyInputPath, applyTransformer } from './transform.ts';

export type EventBridgeClock = Pick<Clock, 'now' | 'track' | 'setTimeout'>;

/** What a target shall get. It rejects with an AwsError: 4xx is permanent, 429, 5xx and throttling are tried again. */
export interface TargetDelivery {
  readonly arn: string;
  /** The account and Region of the rule. */
  readonly account: string;
  readonly region: string;
  readonly ruleArn: string;
  readonly ruleName: string;
  readonly input: string;
  readonly messageGroupId?: string;
  /** Only on what goes to a dead-letter queue: RULE_ARN, TARGET_ARN, ERROR_CODE, ERROR_MESSAGE and more, all strings. */
  readonly messageAttributes?: Readonly<Record<string, string>>;
}

export type Deliver = (delivery: TargetDelivery) => Promise<void>;

export interface Delivery {
  readonly rule: Pick<Rule, 'arn' | 'name' | 'account' | 'region'>;
  readonly target: Target;
  readonly envelope: Envelope;
  /** When the event came, ms since the epoch. */
  readonly ingestedAt: number;
  readonly retries: number;
}

export interface WaitingDelivery {
  readonly delivery: Delivery;
  readonly due: number;
}

/** Told of each event that reaches neither its target nor a dead-letter queue. */
export type OnUndelivered = (delivery: Delivery, error: unknown) => void;

const BACKOFF = { firstMs: 1000, maxMs: 8 * 60 * 1000 };

export class Deliveries {
  readonly #clock: EventBridgeClock;
  readonly #deliver: Deliver;
  readonly #changed: () => void;
  readonly #onUndelivered: OnUndelivered;
  readonly #started = new Set<Delivery>();
  readonly #waiting = new Set<WaitingDelivery>();

  constructor(clock: EventBridgeClock, deliver: Deliver, changed: () => void, onUndelivered: OnUndelivered) {
    this.#clock = clock;
    this.#deliver = deliver;
    this.#changed = changed;
    this.#onUndelivered = onUndelivered;
  }

  /** What is not done. Another process would begin what is started at once. */
  get waiting(): readonly WaitingDelivery[] {
    const due = this.#clock.now();
    return [...[...this.#started].map((delivery) => ({ delivery, due })), ...this.#waiting];
  }

  /** Tracked from this very moment; the target is called once the Put call has returned. */
  start(delivery: Delivery): void {
    this.#started.add(delivery);
    this.#changed();
    void this.#clock.track(this.#attempt(delivery));
  }

  wait(waiting: WaitingDelivery): void {
    this.#waiting.add(waiting);
    this.#clock.setTimeout(() => {
      this.#waiting.delete(waiting);
      this.start(waiting.delivery);
    }, waiting.due - this.#clock.now());
  }

  async #attempt(delivery: Delivery): Promise<void> {
    await nextTurn();
    try {
      await this.#deliver({ ...addressed(delivery), arn: delivery.target.arn, input: inputFor(delivery) });
    } catch (error) {
      await this.#failed(delivery, error);
    } finally {
      this.#started.delete(delivery);
      this.#changed();
    }
  }

  async #failed(delivery: Delivery, error: unknown): Promise<void> {
    if (!mayPass(error)) return this.#dead(delivery, error, {});
    const due = this.#clock.now() + backoff(delivery.retries);
    const exhausted = exhaustedBy(delivery, due);
    if (exhausted) return this.#dead(delivery, error, { EXHAUSTED_RETRY_CONDITION: exhausted });
    this.wait({ delivery: { ...delivery, retries: delivery.retries + 1 }, due });
  }

  async #dead(delivery: Delivery, error: unknown, more: Readonly<Record<string, string>>): Promise<void> {
    const { target, envelope, rule, retries } = delivery;
    if (target.deadLetterArn === undefined) return this.#onUndelivered(delivery, error);
    const messageAttributes = {
      RULE_ARN: rule.arn,
      TARGET_ARN: target.arn,
      ERROR_CODE: errorCode(error),
      ERROR_MESSAGE: error instanceof Error ? error.message : String(error),
      ...more,
      RETRY_ATTEMPTS: String(retries),
    };
    const { messageGroupId: _, ...to } = addressed(delivery);
    try {
      await this.#deliver({ ...to, arn: target.deadLetterArn, input: JSON.stringify(envelope), messageAttributes });
    } catch (deadLetterError) {
      this.#onUndelivered(delivery, deadLetterError);
    }
  }
}

function addressed({ rule, target }: Delivery): Omit<TargetDelivery, 'arn' | 'input'> {
  return {
    account: rule.account,
    region: rule.region,
    ruleArn: rule.arn,
    ruleName: rule.name,
    ...(target.messageGroupId !== undefined && { messageGroupId: target.messageGroupId }),
  };
}

function inputFor({ target, envelope, ingestedAt, rule }: Delivery): string {
  if (target.input !== undefined) return target.input;
  if (target.inputPath !== undefined) return applyInputPath(target.inputPath, envelope);
  if (!target.transformer) return JSON.stringify(envelope);
  return applyTransformer(target.transformer, { envelope, ingestedAt, ruleArn: rule.arn, ruleName: rule.name });
}

const backoff = (retries: number) => Math.min(BACKOFF.firstMs * 2 ** retries, BACKOFF.maxMs);

function exhaustedBy({ target, retries, ingestedAt }: Delivery, due: number): string | undefined {
  if (retries >= target.maxRetries) return 'MaximumRetryAttempts';
  return due - ingestedAt > target.maxAgeMs ? 'MaximumEventAgeInSeconds' : undefined;
}

const THROTTLED = /Throttl|TooManyRequests/;

/** "EventBridge retries only 5xx and 429"; what is no answer of AWS counts as a lost connection. */
function mayPass(error: unknown): boolean {
  if (!(error instanceof AwsError)) return true;
  return error.statusCode >= 500 || error.statusCode === 429 || THROTTLED.test(error.code);
}

/** AWS's codes for a dead letter, from the error's own. */
function errorCode(error: unknown): string {
  if (!(error instanceof AwsError)) return 'CONNECTION_FAILURE';
  if (error.code === 'INVALID_JSON') return error.code;
  if (THROTTLED.test(error.code)) return 'THROTTLING';
  if (/AccessDenied|NotAuthorized|Unauthorized/.test(error.code)) return 'NO_PERMISSIONS';
  if (/NotFound|NonExistent|DoesNotExist/.test(error.code)) return 'NO_RESOURCE';
  if (/Time(d)?Out/i.test(error.code)) return 'TIMEOUT';
  return error.statusCode >= 500 ? 'ERROR_FROM_TARGET' : 'SDK_CLIENT_ERROR';
}
