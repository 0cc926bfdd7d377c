/**
 * Typical times of AWS's answers within a Region, ms: what a function waits for is billed.
 */
const LATENCY_MS: Readonly<Record<string, number>> = {
  DynamoDB_20120810: 5,
  AmazonSQS: 8,
  AWSEvents: 30,
  AWSStepFunctions: 25,
  secretsmanager: 15,
};

/**
 * What invocations wait for AWS, by the order of their calls and not by a clock, so that a busy machine changes nothing: a
 * call begins when the last one that was answered before it ended, and takes its service's typical time. Calls side by
 * side are so waited for side by side.
 */
export class Waits {
  /** By trace id: up to when the invocation has waited, ms. */
  readonly #invocations = new Map<string, number>();

  /** How long an invocation that has ended has waited, ms. */
  take(traceId: string): number {
    const waited = this.#invocations.get(traceId) ?? 0;
    this.#invocations.delete(traceId);
    return waited;
  }

  async during<T>(service: string, traceId: string | undefined, call: () => Promise<T>): Promise<T> {
    if (traceId === undefined) return call();
    const begins = this.#invocations.get(traceId) ?? 0;
    try {
      return await call();
    } finally {
      const before = this.#invocations.get(traceId) ?? 0;
      this.#invocations.set(traceId, Math.max(before, begins + (LATENCY_MS[service] ?? 0)));
    }
  }
}
