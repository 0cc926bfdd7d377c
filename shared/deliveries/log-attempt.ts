import { isDrawn, successLogShare } from '../drawn.ts';
import { ownTraceId, traceOf } from '../events/trace.ts';
import { logger } from '../telemetry.ts';
import { isoTime } from '../time.ts';
import type { Attempt, Delivery } from './delivery.ts';
import type { JobOf, Known } from './job.ts';

/**
 * One wide line for each attempt that failed, and for a share of those that succeeded, with what became of the delivery.
 * `event`, `trace_id` and `destination` lead to everything else; nothing of the event's content is in it.
 */
export function logAttempt(job: JobOf<'attempt'>, attempt: Attempt, after: Delivery | undefined): void {
  if (attempt.outcome === 'failed') logger.warn('A delivery attempt failed', lineOf(job, attempt, after));
  else if (isDrawn(ownTraceId(job.event), successLogShare()))
    logger.info('A delivery attempt succeeded', lineOf(job, attempt, after));
}

/** One for each delivery that comes again for a reason of our own: by its queue, or from outside of it. */
export function logGivenBack({ message: { event, destination, attempt } }: Known, error: unknown): void {
  logger.error('A delivery is given back', { event, destination, attempt, error: error as Error });
}

const lineOf = ({ message, event }: JobOf<'attempt'>, attempt: Attempt, after: Delivery | undefined) => ({
  event: message.event,
  event_type: message.event_type,
  trace_id: traceOf(event).id,
  destination: message.destination,
  account: message.owner,
  livemode: message.livemode,
  attempt: message.manual ? 'manual' : attempt.number,
  code: attempt.code ?? attempt.failure_reason,
  // What a receiver answered is its own to say, and may repeat the event: that is in the delivery, for its owner alone.
  reason: attempt.http_status === undefined ? attempt.message : undefined,
  http_status: attempt.http_status,
  duration_ms: attempt.duration_ms,
  status: after?.status ?? 'pending',
  next_attempt: after?.due === undefined ? undefined : isoTime(after.due),
  held_by: after?.held_by,
});
