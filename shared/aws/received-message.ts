import { HOUR, SECOND } from '../time.ts';

/** A message as a queue hands it over, whatever runs the code that works on it. */
export interface ReceivedMessage {
  /** Of the message that was sent first: one that came back from a dead-letter queue is the same message. */
  readonly id: string;
  readonly body: string;
  readonly receiptHandle: string;
  /** 1 at the first receive. */
  readonly receiveCount: number;
  /** When SQS took the message that was sent first, ms: the same at every receive. */
  readonly sentAt: number;
  /** It is not its first receipt: of this message, or of the one that it is a copy of. */
  readonly seenBefore: boolean;
}

/**
 * A message that fails for our own reasons comes back after 30 s, then twice as long each time, up to three hours: twenty
 * receives, after which it is dead, take a day and a half, longer than any Region has been in trouble.
 */
const GIVEN_BACK = { first: 30 * SECOND, multiplier: 2, most: 3 * HOUR };

/** After how long it comes back when it is given back after this receive, ms. */
export const comesBackAfter = ({ receiveCount }: Pick<ReceivedMessage, 'receiveCount'>): number =>
  Math.min(GIVEN_BACK.first * GIVEN_BACK.multiplier ** (receiveCount - 1), GIVEN_BACK.most);
