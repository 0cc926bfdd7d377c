import { timeOf } from '../ids.ts';
import type { Count } from '../metrics.ts';
import { publishCounts } from '../telemetry.ts';
import type { Job } from './job.ts';
import type { Settled } from './settle.ts';

const HELD_BY: Readonly<Partial<Record<string, Count>>> = {
  source_pending: 'held_source_pending',
  circuit_breaker: 'held_circuit_breaker',
  paused: 'held_paused',
};

const NOT_ATTEMPTED: ReadonlySet<Settled> = new Set(['put_off', 'rate_limited', 'given_back']);

/** What became of the deliveries of a batch, for its one line of metrics. */
export class Measures {
  readonly #counts: Partial<Record<Count, number>> = {};
  readonly #firstAttempts: number[] = [];
  readonly #deliveries: number[] = [];

  /** A delivery that was settled just now. */
  add(job: Job, settled: Settled): void {
    for (const count of countsOf(job, settled)) this.#counts[count] = (this.#counts[count] ?? 0) + 1;
    if (job.task !== 'attempt' || job.message.manual || NOT_ATTEMPTED.has(settled)) return;
    const latency = Date.now() - timeOf(job.message.event);
    // What was held or put off before would say how long its customer took.
    if (job.message.attempt === 1 && !job.message.again) this.#firstAttempts.push(latency);
    if (settled === 'delivered') this.#deliveries.push(latency);
  }

  publish(): void {
    publishCounts(this.#counts, { first_attempt_latency: this.#firstAttempts, delivery_latency: this.#deliveries });
  }
}

function countsOf(job: Job, settled: Settled): Count[] {
  const retried: Count[] = job.task === 'attempt' && job.message.attempt > 1 ? ['retried'] : [];
  switch (settled) {
    case 'scheduled':
      return [...retried, 'attempt_failed', 'scheduled'];
    case 'held_by_breaker':
      return [...retried, 'attempt_failed', 'held', 'held_circuit_breaker'];
    case 'held': {
      const by = job.task === 'hold' ? HELD_BY[job.heldBy] : undefined;
      return by ? ['held', by] : ['held'];
    }
    case 'put_off':
    case 'rate_limited':
    case 'given_back':
      return [settled];
    case 'followed':
    case 'waiting':
      return [];
    default:
      return [...retried, settled];
  }
}
