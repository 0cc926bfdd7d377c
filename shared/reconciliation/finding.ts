import type { Admission } from '../deliveries/admission.ts';
import type { Delivery } from '../deliveries/delivery.ts';
import type { Health } from '../health/health.ts';
import { DAY, HOUR } from '../time.ts';

/**
 * What the daily reconciliation looks for: deliveries that nothing would ever bring back. There must be none; each is
 * counted, and sent once more, which is harmless if it was on its way after all.
 */
export type Finding =
  /** The event was recorded with the destination, and an hour later the delivery has no record. */
  | 'never_attempted'
  /** Its next attempt was due an hour ago. */
  | 'overdue'
  /** The destination holds nothing for that reason any more, and it is in no item from which it would be released. */
  | 'held_for_nothing'
  /** The same, and its item is there: the release was lost, if no drain is under way. */
  | 'not_released'
  /** It is held, but not in the Ledger, from where a release would take it. */
  | 'held_nowhere';

const PATIENCE = HOUR;
/** A letter that dies ten times waits for days in between. */
const DEAD_LETTER_PATIENCE = 21 * DAY;

export interface Examined {
  /** Of the event, ms. */
  readonly created: number;
  readonly delivery: Delivery | undefined;
  readonly admission: Admission;
  /** Whether there is an item from which a release would take it. */
  readonly heldItem: boolean;
}

export function findingOf({ created, delivery, admission, heldItem }: Examined, now: number): Finding | undefined {
  if (!delivery) return now - created > PATIENCE ? 'never_attempted' : undefined;
  if (delivery.status !== 'pending') return undefined;
  const { held_by, updated, due = updated } = delivery;
  if (held_by === undefined) return now - due > PATIENCE ? 'overdue' : undefined;
  if (held_by === 'dead_letter') return now - updated > DEAD_LETTER_PATIENCE ? 'overdue' : undefined;
  if (now - updated <= PATIENCE) return undefined;
  if (!('hold' in admission)) return heldItem ? 'not_released' : 'held_for_nothing';
  return heldItem ? undefined : 'held_nowhere';
}

/** An open breaker whose probe is overdue has no wake-up ahead of it. */
export const probeIsOverdue = ({ state, probe_at = 0 }: Health, now: number): boolean =>
  state === 'open' && now - probe_at > PATIENCE;
