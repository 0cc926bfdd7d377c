import { MAX_DELAY_SECONDS, sendMessages } from '../aws/queue.ts';
import type { Destination } from '../destinations/destination.ts';
import { LONGEST_QUEUE_DELAY } from '../retry/slots.ts';
import { SECOND } from '../time.ts';
import type { Known } from './job.ts';
import { type DeliveryMessage, destinationOf, toQueue } from './message.ts';
import { ensureWakeUp, putInSlot } from './slot.ts';

export interface ToHold {
  readonly job: Known;
  readonly message: DeliveryMessage;
}

/** On which queue, and for which type of destination, a batch works. */
export interface Course {
  readonly type: Destination['type'];
  readonly queueUrl: string;
  /** Where the deliveries of slow destinations go on, if they have a queue of their own and are not on it already. */
  readonly slowQueueUrl?: string | undefined;
  /** Its successes may turn out to be none. */
  readonly provisional: boolean;
  /** What the batch has recorded as held, to be put into held items together, before anything of it is acknowledged. */
  readonly toHold: ToHold[];
}

/**
 * Has the delivery come again when it is due: soon by a delayed message, later by its slot's item and then the wake-up of
 * the slot. Safe to repeat, as long as the message is not acknowledged before.
 */
export async function bringBack(message: DeliveryMessage, due: number, course: Course): Promise<void> {
  const { probe: _probe, ...next } = { ...message, due, again: true as const };
  if (due - Date.now() <= LONGEST_QUEUE_DELAY) return sendDelayed(next, course.queueUrl);
  await putInSlot(next, due);
  await ensureWakeUp({ ...destinationOf(message), type: course.type }, due);
}

/** To the queue, as late as its time asks for or as SQS can. */
export async function sendDelayed(message: DeliveryMessage, queueUrl: string): Promise<void> {
  const ahead = Math.ceil(((message.due ?? 0) - Date.now()) / SECOND);
  const seconds = Math.min(Math.max(0, ahead), MAX_DELAY_SECONDS);
  const failed = await sendMessages(queueUrl, [toQueue({ ...message, again: true }, seconds)]);
  if (failed.size > 0) throw new Error('SQS did not take the message of the next attempt');
}
