import * as z from 'zod/mini';
import { env } from '../aws/env.ts';
import { MAX_DELAY_SECONDS, sendMessage, sendMessages } from '../aws/queue.ts';
import type { DestinationRef } from '../destinations/destination.ts';
import { findDeliveryShards, findDestination } from '../destinations/store.ts';
import { MINUTE } from '../time.ts';
import { admission } from './delivery.ts';
import { type HeldDelivery, listHeld, unhold } from './held.ts';
import { toQueue } from './message.ts';

/**
 * Releasing what is held. Whoever changes a state that holds calls `announceRelease` BEFORE writing the state and
 * `requestRelease` after it. The announced message is delayed by longer than any writer's time-out, so that it runs after
 * the write or after the writer's death: no order of crash and write leaves a delivery held by a state that is no more.
 */
const ANNOUNCED_SECONDS = 90;

/** One run moves at most so much, then hands on to a message of its own. */
const RUN_LIMIT = { deliveries: 50_000, ms: 10 * MINUTE };

/** Released deliveries are staggered, so that a receiver that has just come back is not drowned. */
const RELEASES_PER_SECOND = 50;
const CHUNK = 100;

const ReleaseMessage = z.object({
  v: z.literal(1),
  destination: z.string(),
  owner: z.string(),
  livemode: z.boolean(),
});

export const announceRelease = (ref: DestinationRef): Promise<void> => send(ref, ANNOUNCED_SECONDS);
export const requestRelease = (ref: DestinationRef): Promise<void> => send(ref);

const send = ({ id, account, livemode }: DestinationRef, delaySeconds?: number): Promise<void> =>
  sendMessage(env('RELEASES_QUEUE_URL'), {
    body: JSON.stringify({ v: 1, destination: id, owner: account, livemode }),
    group: id,
    ...(delaySeconds && { delaySeconds }),
  });

export function parseReleaseMessage(body: string): DestinationRef {
  const { destination, owner, livemode } = ReleaseMessage.parse(JSON.parse(body));
  return { id: destination, account: owner, livemode };
}

/** Moves what is held for the destination back to its queue, if its state holds no longer. Returns how many. */
export async function releaseHeld(ref: DestinationRef, startedAt: number): Promise<number> {
  const destination = await findDestination(ref);
  // The state still holds: the writer died before its write, or an earlier release came late. Its own write releases.
  if ('hold' in admission(destination)) return 0;
  let released = 0;
  let chunk: HeldDelivery[] = [];
  const flush = async () => {
    await releaseChunk(chunk, released);
    released += chunk.length;
    chunk = [];
  };
  for await (const held of listHeld(ref.id, await findDeliveryShards(ref, destination))) {
    chunk.push(held);
    if (chunk.length < CHUNK) continue;
    await flush();
    if (released >= RUN_LIMIT.deliveries || Date.now() - startedAt >= RUN_LIMIT.ms) {
      await requestRelease(ref);
      return released;
    }
  }
  await flush();
  return released;
}

/** Sends, then deletes: dying in between sends a delivery twice, which its record sorts out; never not at all. */
async function releaseChunk(chunk: readonly HeldDelivery[], before: number): Promise<void> {
  if (chunk.length === 0) return;
  const messages = chunk.map(({ message }, index) =>
    toQueue(message, Math.min(Math.floor((before + index) / RELEASES_PER_SECOND), MAX_DELAY_SECONDS)),
  );
  const failed = await sendMessages(env('DELIVERIES_EVENTBRIDGE_QUEUE_URL'), messages);
  await Promise.all(chunk.map((held, index) => (failed.has(index) ? undefined : unhold(held))));
  if (failed.size > 0) throw new Error(`SQS did not take ${failed.size} of ${chunk.length} released deliveries`);
}
