/** A message as a queue hands it over, whatever runs the code that works on it. */
export interface ReceivedMessage {
  readonly id: string;
  readonly body: string;
  readonly receiptHandle: string;
  /** 1 at the first receive. */
  readonly receiveCount: number;
  /** When SQS took the message, ms: the same at every receive. */
  readonly sentAt: number;
}
