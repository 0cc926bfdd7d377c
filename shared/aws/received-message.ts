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
