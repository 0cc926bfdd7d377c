import type { Standing } from '../health/standing.ts';
import { timeOf } from '../ids.ts';
import { DAY, isoTime, readableUntil } from '../time.ts';
import { admission } from './admission.ts';
import type { Attempt, Delivery, HeldBy } from './delivery.ts';
import type { DeliveryResponse } from './response.ts';

/**
 * The delivery as the API shows it. One that has no record yet is on its way to its first attempt. What an open breaker
 * holds is next attempted, at the earliest, as a probe.
 */
export const renderDelivery = (
  of: Pick<Delivery, 'event' | 'event_type' | 'destination'> & { readonly livemode: boolean },
  delivery: Delivery | undefined,
  attempts: readonly Attempt[],
  standing: Standing,
): DeliveryResponse => ({
  object: 'v2.core.event_delivery',
  event: of.event,
  event_destination: of.destination,
  event_type: of.event_type,
  livemode: of.livemode,
  status: delivery?.status ?? 'pending',
  reason: delivery?.reason ?? null,
  held_by: heldBy(delivery, standing) ?? null,
  next_attempt: nextAttempt(delivery, standing),
  resendable_until: resendableUntil(timeOf(of.event)),
  attempts: attempts.map(
    ({ number, manual, at, outcome, code, failure_reason, http_status, message, duration_ms }) => ({
      number,
      manual: manual === true,
      created: isoTime(at),
      outcome,
      aws_error_code: code ?? null,
      failure_reason: failure_reason ?? null,
      http_status: http_status ?? null,
      message: message ?? null,
      duration_ms,
    }),
  ),
});

/**
 * By what its destination holds now: a pause that has ended may have left it to the circuit breaker, and the record still says
 * what it was held by first.
 */
function heldBy(delivery: Delivery | undefined, standing: Standing): HeldBy | undefined {
  const first = delivery?.held_by;
  if (first === undefined || first === 'dead_letter') return first;
  const admitted = admission(standing);
  return 'hold' in admitted ? admitted.hold : first;
}

function nextAttempt(delivery: Delivery | undefined, standing: Standing): string | null {
  if (delivery?.status !== 'pending') return null;
  const at = heldBy(delivery, standing) === 'circuit_breaker' ? standing.health.probe_at : delivery.due;
  return at === undefined ? null : isoTime(at);
}

/** Stripe's Dashboard offers its button for so long; its CLI, and the API, for as long as the event is kept. */
const DASHBOARD_OFFERS = 15 * DAY;

const resendableUntil = (created: number) => ({
  api: isoTime(readableUntil(created)),
  dashboard: isoTime(Math.min(created + DASHBOARD_OFFERS, readableUntil(created))),
});
