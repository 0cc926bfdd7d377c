import type { EndReason, EndStatus } from '../deliveries/delivery.ts';
import type { Addressee } from '../destinations/destination.ts';

/**
 * A bulk resend: a job that sends a destination again what ended in a range of time.
 *
 *   in_progress --its range has been gone through-->          completed
 *   in_progress --canceled by the customer-->                 canceled, `user`
 *   in_progress --the destination is disabled or gone-->      canceled, with that reason
 *
 * While the destination holds (breaker open, source pending, paused) it is in progress and waits. It works in steps of a
 * minute, each a message of the releases queue, at the rate of a drain. The order of writes:
 *
 *   creation      the first step's message, delayed by longer than the API's function can live; the record; the message again
 *   a delivery    it is reopened, by a conditional write that names this resend; then its message is sent
 *   a chunk       of a hundred deliveries: its end and how many of them are wanted are written (`planned`); the deliveries;
 *                 then the cursor moves to its end, with the counts, on condition that it is where it was read: of two
 *                 copies of a step's message one goes on
 *   handing on    `step` grows; the message of the next step is sent; `handed_on` says so; the step's own is acknowledged
 *
 * Dying anywhere has the step's message come again. Of the planned chunk, what this resend reopened already is sent again if
 * nothing has happened to it since, and what was delivered meanwhile, which the index no longer knows, is in the count. A
 * step that was not handed on is. A message of an older step that was
 * handed on does nothing, so that there is never a second chain of steps. A resend that has ended still sends what it
 * reopened last: what is pending must have a message.
 */
export interface Resend extends Addressee {
  /** Of the resend; the destination's is `destination`. */
  readonly id: string;
  readonly destination: string;
  readonly statuses: readonly EndStatus[];
  /** Of the events, ms: from the one until, without, the other. */
  readonly from: number;
  readonly until: number;
  readonly status: 'in_progress' | 'completed' | 'canceled';
  readonly reason?: 'user' | EndReason;
  /** ms. */
  readonly created: number;
  readonly updated: number;
  readonly step: number;
  readonly handed_on: number;
  /** The event up to which, with it, everything is done. */
  readonly cursor: string;
  /** The chunk at work, if it ends behind the cursor: its last event, and how many of its deliveries are wanted. */
  readonly planned_end: string;
  readonly planned: number;
  /** Deliveries that it was for, and those of them that were sent. */
  readonly matched: number;
  readonly sent: number;
  /** Deliveries a second, of the step before; `BEFORE_FIRST` before the first one, and after it had to wait. */
  readonly rate: number;
}

/** Any that is less than a drain's first would do; a version before this one goes at it. */
export const BEFORE_FIRST = 5;

export type ResendRef = Pick<Resend, 'id' | 'account' | 'livemode'>;

/** The destination, as everything else names it. */
export const addresseeOf = ({ destination, type, account, livemode }: Resend): Addressee => ({
  id: destination,
  type,
  account,
  livemode,
});
