import { HOUR, MINUTE } from '../time.ts';

/**
 * What a queue could not get done in twenty receives, a day and a half, comes to its dead-letter queue, and is returned ten
 * times over days by itself, because most of what stops a function is mended within days:
 *
 *   dead --waits, longer each time--> returned to its queue --(twenty receives)--> dead --...--> parked
 *
 * A wait that is longer than SQS can hide a message goes on at its next receive. A parked letter is in the Ledger, where the
 * operator's CLI lists it and sends it once more; nothing else happens to it.
 */
const WAITS = [
  5 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  4 * HOUR,
  8 * HOUR,
  12 * HOUR,
  12 * HOUR,
  12 * HOUR,
];

/** What a message says of its own past, in a message attribute: the copies of a message are one message. */
export interface Past {
  /** How often it was returned. */
  readonly returns: number;
  /** Of the message that was sent first. */
  readonly id: string;
  /** When that was sent, ms. */
  readonly sentAt: number;
}

/** The message attribute with a message's past, as JSON. */
export const PAST = 'past';

/** How long a letter waits before it is returned; undefined when it has been returned often enough. */
export const waitBefore = ({ returns }: Past): number | undefined => WAITS[returns];

export interface DeadLetter {
  /** The queue that it is returned to. */
  readonly queueUrl: string;
  readonly body: string;
  readonly past: Past;
}
