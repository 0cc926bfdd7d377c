import { AwsError } from './aws-error.ts';
import type { Clock } from './clock.ts';

type Outcome = { readonly payload: unknown; readonly functionError?: string | undefined };
type Invoke = (functionName: string, payload: unknown) => Promise<Outcome>;

/** "Lambda retries function errors twice, with a one-minute wait and a two-minute wait"; throttles for up to six hours. */
const ERROR_WAITS_MS = [60_000, 120_000];
const THROTTLE_WAIT = { firstMs: 1_000, longestMs: 300_000, maxAgeMs: 6 * 3600_000 };

/**
 * Asynchronous invocations (InvocationType Event): accepted at once, run in the background, tried again on the clock.
 *
 *   running -> done        it succeeded
 *   running -> waiting     function error: the next of the waits; throttled: a growing wait, until it is six hours old
 *   running -> given up    no wait is left
 */
export class AsyncInvocations {
  readonly #clock: Clock;
  readonly #invoke: Invoke;
  readonly #onGivenUp: (functionName: string, reason: string) => void;
  /** MaximumRetryAttempts of AWS::Lambda::EventInvokeConfig, by function. */
  readonly #retries = new Map<string, number>();

  constructor(clock: Clock, invoke: Invoke, onGivenUp: (functionName: string, reason: string) => void) {
    this.#clock = clock;
    this.#invoke = invoke;
    this.#onGivenUp = onGivenUp;
  }

  setRetries(functionName: string, retries: number): void {
    this.#retries.set(functionName, retries);
  }

  /** Runs from this very moment; the promise of the run is not the caller's business. */
  accept(functionName: string, payload: unknown): void {
    void this.#clock.track(
      this.#attempt({ functionName, payload, acceptedAt: this.#clock.now(), errors: 0, throttles: 0 }),
    );
  }

  async #attempt(invocation: Invocation): Promise<void> {
    const { functionName, payload, acceptedAt, errors, throttles } = invocation;
    try {
      const { functionError, payload: answer } = await this.#invoke(functionName, payload);
      if (functionError === undefined) return;
      const retries = this.#retries.get(functionName) ?? ERROR_WAITS_MS.length;
      if (errors >= retries) return this.#onGivenUp(functionName, JSON.stringify(answer));
      this.#again({ ...invocation, errors: errors + 1 }, ERROR_WAITS_MS[errors] ?? 0);
    } catch (error) {
      const throttled = error instanceof AwsError && error.code === 'TooManyRequestsException';
      const young = this.#clock.now() - acceptedAt < THROTTLE_WAIT.maxAgeMs;
      if (!throttled || !young)
        return this.#onGivenUp(functionName, error instanceof Error ? error.message : String(error));
      const wait = Math.min(THROTTLE_WAIT.firstMs * 2 ** throttles, THROTTLE_WAIT.longestMs);
      this.#again({ ...invocation, throttles: throttles + 1 }, wait);
    }
  }

  #again(invocation: Invocation, waitMs: number): void {
    this.#clock.setTimeout(() => void this.#clock.track(this.#attempt(invocation)), waitMs);
  }
}

interface Invocation {
  readonly functionName: string;
  readonly payload: unknown;
  readonly acceptedAt: number;
  readonly errors: number;
  readonly throttles: number;
}
