import { sendMessage } from '../aws/queue.ts';
import { decide, held } from '../deliveries/delivery.ts';
import { destinationOf, headOf, tryParseDeliveryMessage } from '../deliveries/message.ts';
import { deliveryKey, findDelivery, recordDelivery } from '../deliveries/store.ts';
import { findDestination } from '../destinations/store.ts';
import { findDeliveryShards } from '../destinations/tombstone.ts';
import { SECOND } from '../time.ts';
import { type DeadLetter, PAST, waitBefore } from './dead-letter.ts';
import { deadSince, park } from './store.ts';

export type SettledLetter =
  | { readonly outcome: 'returned' | 'parked' }
  /** It comes again after so many seconds. */
  | { readonly outcome: 'waiting'; readonly seconds: number };

/** What becomes of a letter, which is message `messageId` of its dead-letter queue. Safe to repeat. */
export async function settleLetter(letter: DeadLetter, messageId: string, now: number): Promise<SettledLetter> {
  const wait = waitBefore(letter.past);
  const left = wait === undefined ? 0 : (await deadSince(messageId, now)) + wait - now;
  if (wait === undefined || left > SECOND) await showDelivery(letter.body, now);
  if (wait === undefined) {
    await park(letter, now);
    return { outcome: 'parked' };
  }
  if (left > SECOND) return { outcome: 'waiting', seconds: Math.ceil(left / SECOND) };
  await sendBack(letter, letter.past.returns + 1);
  return { outcome: 'returned' };
}

/** To its queue, as the message that it was. */
export const sendBack = ({ queueUrl, body, past }: DeadLetter, returns: number): Promise<void> =>
  sendMessage(queueUrl, { body, group: past.id, attributes: { [PAST]: JSON.stringify({ ...past, returns }) } });

/** If it is a delivery's, the delivery says what it waits for. */
async function showDelivery(body: string, now: number): Promise<void> {
  const message = tryParseDeliveryMessage(body);
  if (!message || message.manual !== undefined) return;
  const ref = destinationOf(message);
  const shards = await findDeliveryShards(ref, await findDestination(ref));
  const key = deliveryKey(message.destination, message.event, shards);
  const before = await findDelivery(key);
  if (decide(message.attempt, before) !== 'attempt' || before?.held_by === 'dead_letter') return;
  // Another copy that settles it meanwhile is right.
  await recordDelivery(key, before, held(headOf(message), before, 'dead_letter', now));
}
