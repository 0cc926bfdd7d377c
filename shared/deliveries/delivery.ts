import { excludedUntil, windowBegan } from './window.ts';

/**
 * A delivery is one event on its way to one destination.
 *
 *   (absent)  --attempt succeeds-->           delivered
 *   (absent)  --attempt fails-->              pending, next attempt due at a time ("delayed" or "scheduled")
 *                                             pending, held_by the breaker, if that is open ("held")
 *   (absent)  --the destination holds-->      pending, held_by the reason, no due time ("held")
 *   (absent)  --over the rate limit-->        pending, due when it has its turn (turns.ts)
 *   (absent)  --trouble of ours lasts-->      pending, due when its message comes again
 *   (absent)  --disabled when it came-->      skipped
 *   pending   --attempt succeeds-->           delivered
 *   pending   --attempt fails-->              pending, due or held as above; or failed when the window is over
 *   pending   --over the rate limit-->        pending, due when it has its turn
 *   pending   --trouble of ours lasts-->      pending, due when its message comes again
 *   pending   --disabled, deleted, gone-->    canceled
 *   pending   --held past the window-->       failed
 *   pending   --waits for as long as events are kept-->  failed
 *   delivered --the source fell back-->       pending, held_by source_pending (amazon_eventbridge, see fallback.ts), if
 *                                             it was not firm before
 *   failed, canceled, skipped --a bulk resend--> pending, due when its turn comes, with a new retry window (`reopened`)
 *
 * A success also overwrites canceled, failed and skipped, if its attempt began before that status was written, and pending
 * after a copy of the same attempt failed: the receiver has the event.
 *
 * A manual attempt is asked for by the customer, whatever the delivery says. It has a numbering and items of its own:
 *
 *   (absent), pending, failed, canceled, skipped  --manual attempt succeeds-->  delivered, which ends the automatic ones
 *   any                                           --manual attempt fails-->     as it was; the attempt is recorded
 *
 * What a bulk resend sends of a delivered one is such an attempt, too; but it does not pass an open breaker, it waits.
 *
 * Where the destination holds: what is pending comes again by itself, so the manual message is dropped; what has ended
 * stays as it is, and the message itself is held. A destination that is disabled or gone takes no manual attempt; an open
 * breaker does not hold one.
 *
 * `next` is the number of the next automatic attempt; an absent delivery means 1. Every write is conditional on the state
 * that it leaves (absent, or pending with the `next` that was read), so that of two copies of a message only one counts.
 *
 * The order of writes, whatever the outcome:
 *   1. the delivery, by that conditional write;
 *   2. what brings it back: the delayed message, or the slot's item, or the held item (and then the destination is read
 *      again: what was put too late for its release releases itself);
 *   3. of a slot's item: the wake-up of the slot (shared/deliveries/slot.ts);
 *   4. the acknowledgement of the message.
 * Of a manual attempt: the delivery, if it succeeded; the attempt's own item; the acknowledgement. A copy of its message
 * makes the attempt once more and records it under the same id.
 * Between any two of them the process may die: the message comes again, the delivery says what was recorded, and what
 * follows the record is done again from the record, without an attempt (`follow`).
 */
export type DeliveryStatus = 'pending' | 'delivered' | 'failed' | 'canceled' | 'skipped';
/**
 * What a held delivery waits for: its event source to be associated, the circuit breaker to close, the operator to resume
 * (`paused`), or its message to come back from a dead-letter queue.
 */
export type HeldBy = 'source_pending' | 'circuit_breaker' | 'paused' | 'dead_letter';

export type EndReason =
  | 'retries_exhausted'
  /** The breaker held it until its retry window was over; without an attempt, if it shows none. */
  | 'retry_window_over'
  | 'event_expired'
  | 'destination_disabled'
  | 'destination_deleted'
  | 'destination_disabled_when_created'
  | 'no_aws_event_source_exists';

export interface Attempt {
  /** 1 is the first; manual attempts are counted by themselves. */
  readonly number: number;
  readonly manual?: true;
  /** ms since the epoch. */
  readonly at: number;
  readonly outcome: 'succeeded' | 'failed';
  /** The AWS error code of a failure at amazon_eventbridge. */
  readonly code?: string;
  /** Why a webhook failed: `Timed out`, `HTTP 503`. */
  readonly failure_reason?: string;
  /** What a webhook was answered with. */
  readonly http_status?: number;
  /** What the receiver said, at most 512 bytes. */
  readonly message?: string;
  readonly duration_ms: number;
}

export interface Delivery {
  readonly event: string;
  readonly event_type: string;
  readonly destination: string;
  /** Where the event is, if not with the destination's owner in shard 0. */
  readonly origin?: { readonly account: string; readonly shard: number };
  readonly status: DeliveryStatus;
  readonly next: number;
  /** pending: when the next attempt is due, ms. */
  readonly due?: number;
  readonly held_by?: HeldBy;
  /**
   * How long it has waited for reasons that count against no retry window, ms: since the event, and anew since the first
   * attempt. Until `updated`, with what `held_by` says on top.
   */
  readonly excluded_ms?: number;
  /** Why it ended without a delivery. */
  readonly reason?: EndReason;
  /** It had ended, and a bulk resend brought it back: its retry window and its back-off begin there. */
  readonly reopened?: Reopened;
  readonly first_attempt?: Attempt;
  readonly last_attempt?: Attempt;
  readonly updated: number;
}

export interface Reopened {
  /** The resend, which does so once. */
  readonly by: string;
  /** ms. */
  readonly at: number;
  /** How many attempts had been made before. */
  readonly after: number;
}

export type Decision = 'attempt' | 'follow' | 'acknowledge';

/** What a message for attempt `attempt`, or for a manual one, asks for, by what its delivery says. */
export function decide(attempt: number | 'manual', delivery: Delivery | undefined): Decision {
  if (attempt === 'manual') return 'attempt';
  if (!delivery) return attempt === 1 ? 'attempt' : 'acknowledge';
  if (delivery.status !== 'pending') return 'acknowledge';
  if (delivery.next === attempt) return 'attempt';
  return delivery.next === attempt + 1 ? 'follow' : 'acknowledge';
}

export type Head = Pick<Delivery, 'event' | 'event_type' | 'destination' | 'origin'>;

const head = ({ event, event_type, destination, origin }: Head): Head => ({
  event,
  event_type,
  destination,
  ...(origin && { origin }),
});

const attempts = (before: Delivery | undefined, attempt?: Attempt) => ({
  ...((before?.first_attempt ?? attempt) && { first_attempt: before?.first_attempt ?? attempt }),
  ...((attempt ?? before?.last_attempt) && { last_attempt: attempt ?? before?.last_attempt }),
  ...(before?.reopened && { reopened: before.reopened }),
});

export const delivered = (of: Head, before: Delivery | undefined, attempt: Attempt): Delivery => ({
  ...head(of),
  status: 'delivered',
  // A copy that failed may have gone on already: no number is given twice.
  next: Math.max(before?.next ?? 1, attempt.number + 1),
  ...attempts(before, attempt),
  updated: attempt.at,
});

/** After a manual attempt that succeeded: what was automatic is over, and stays as it was. */
export const deliveredManually = (of: Head, before: Delivery | undefined, now: number): Delivery => ({
  ...head(of),
  status: 'delivered',
  next: before?.next ?? 1,
  ...attempts(before),
  updated: now,
});

/** What comes after a failed attempt: due again, held, or nothing any more. */
type Next = { readonly due: number } | { readonly held_by: HeldBy } | 'over';

export const failedAttempt = (of: Head, before: Delivery | undefined, attempt: Attempt, next: Next): Delivery => ({
  ...head(of),
  ...(next === 'over' ? { status: 'failed', reason: 'retries_exhausted' } : { status: 'pending', ...next }),
  next: attempt.number + 1,
  ...(before && windowBegan(before) !== undefined && excludedUntil(of, before, attempt.at)),
  ...attempts(before, attempt),
  updated: attempt.at,
});

/** Its destination, or we, can take no more now: it has its turn at `due`. */
export const waitingForTurn = (of: Head, before: Delivery | undefined, due: number, now: number): Delivery => ({
  ...head(of),
  status: 'pending',
  due,
  next: before?.next ?? 1,
  // Without an attempt all of it is excluded anyway, and then not until it is due.
  ...excludedUntil(of, before, now, before && windowBegan(before) !== undefined ? due - now : 0),
  ...attempts(before),
  updated: now,
});

export const held = (of: Head, before: Delivery | undefined, held_by: HeldBy, now: number): Delivery => ({
  ...head(of),
  status: 'pending',
  held_by,
  next: before?.next ?? 1,
  ...excludedUntil(of, before, now),
  ...attempts(before),
  updated: now,
});

/** The code of an attempt that was a success when it was made. */
export const SOURCE_FELL_BACK = 'source_fell_back';

export const fallenAttempt = (number: number, now: number): Attempt => ({
  number,
  at: now,
  outcome: 'failed',
  code: SOURCE_FELL_BACK,
  message: 'The event bus of the source was deleted: AWS may have dropped the event, which will be delivered again.',
  duration_ms: 0,
});

/** A success that was none: the source had lost its event bus, and AWS dropped the event. It waits for the source again. */
export const fellBack = (before: Delivery, now: number): Delivery =>
  held(
    before,
    {
      ...before,
      next: before.next + 1,
      last_attempt: fallenAttempt(before.next, now),
    },
    'source_pending',
    now,
  );

/** Ended without a delivery: canceled, or failed for another reason than its attempts. */
export const ended = (
  of: Head,
  before: Delivery | undefined,
  end: { readonly status: 'canceled' | 'failed'; readonly reason: EndReason },
  now: number,
): Delivery => ({
  ...head(of),
  status: end.status,
  reason: end.reason,
  next: before?.next ?? 1,
  ...attempts(before),
  updated: now,
});

export const skipped = (of: Head, now: number): Delivery => ({
  ...head(of),
  status: 'skipped',
  reason: 'destination_disabled_when_created',
  next: 1,
  updated: now,
});

/** What a bulk resend can be asked for; what is pending comes by itself. */
export type EndStatus = Exclude<DeliveryStatus, 'pending'>;

/**
 * What a bulk resend does about a delivery; `statuses` are those that it is for.
 *
 *   reopen      it has ended without a delivery: bring it back, then send its message
 *   send_again  this resend brought it back, and nothing has happened since: its message may be missing
 *   send_copy   it is delivered, and stays so: an attempt besides
 *   done        this resend brought it back, and it has gone on since
 *   leave       not asked for, or on its way by itself
 */
export type Resending = 'reopen' | 'send_again' | 'send_copy' | 'done' | 'leave';

export function resendingOf(delivery: Delivery, resend: string, statuses: readonly EndStatus[]): Resending {
  const { status, next, reopened } = delivery;
  if (reopened?.by === resend) return status === 'pending' && next === reopened.after + 1 ? 'send_again' : 'done';
  if (status === 'pending' || !statuses.includes(status)) return 'leave';
  return status === 'delivered' ? 'send_copy' : 'reopen';
}

/** Brought back by a bulk resend: pending again, the next attempt is the one that it would have been. */
export const reopened = (before: Delivery, resend: string, due: number, now: number): Delivery => ({
  ...head(before),
  status: 'pending',
  due,
  next: before.next,
  ...attempts(before),
  reopened: { by: resend, at: now, after: before.next - 1 },
  updated: now,
});
