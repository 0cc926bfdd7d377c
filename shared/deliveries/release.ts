import * as z from 'zod/mini';
import { env } from '../aws/env.ts';
import { MAX_DELAY_SECONDS, sendMessage, sendMessages } from '../aws/queue.ts';
import type { Destination, DestinationRef } from '../destinations/destination.ts';
import { findDeliveryShards, findDestination } from '../destinations/store.ts';
import { destinationTypes, typeNames } from '../destinations/types.ts';
import { MINUTE } from '../time.ts';
import { admission } from './admission.ts';
import { type HeldDelivery, listHeld, unhold } from './held.ts';
import { toQueue } from './message.ts';

/**
 * Releasing what is held. Whoever changes a state that holds calls `announceRelease` BEFORE writing the state and
 * `requestRelease` after it. The announced message is delayed by longer than any writer's time-out, so that it runs after
 * the write or after the writer's death: no order of crash and write leaves a delivery held by a state that is no more.
 */
const ANNOUNCED_SECONDS = 90;

/** Released deliveries are staggered by delays, so that a receiver that has just come back is not drowned. */
const RELEASES_PER_SECOND = 50;
/** One run moves at most what SQS's longest delay can stagger, for ten minutes; then it hands on to a later one. */
const RUN_LIMIT = { deliveries: RELEASES_PER_SECOND * MAX_DELAY_SECONDS, ms: 10 * MINUTE };
const CHUNK = 100;

const ReleaseMessage = z.object({
  v: z.literal(1),
  destination: z.string(),
  type: z.enum(typeNames),
  owner: z.string(),
  livemode: z.boolean(),
});

/** Whose deliveries; the type says on which queue they travel, also when the destination is gone. */
export type Releasable = DestinationRef & Pick<Destination, 'type'>;

export const announceRelease = (of: Releasable): Promise<void> => send(of, ANNOUNCED_SECONDS);
export const requestRelease = (of: Releasable): Promise<void> => send(of);

const send = ({ id, type, account, livemode }: Releasable, delaySeconds?: number): Promise<void> =>
  sendMessage(env('RELEASES_QUEUE_URL'), {
    body: JSON.stringify({ v: 1, destination: id, type, owner: account, livemode } satisfies z.infer<
      typeof ReleaseMessage
    >),
    group: id,
    ...(delaySeconds && { delaySeconds }),
  });

export function parseReleaseMessage(body: string): Releasable {
  const { destination, type, owner, livemode } = ReleaseMessage.parse(JSON.parse(body));
  return { id: destination, type, account: owner, livemode };
}

/** Moves what is held for the destination back to its queue, if its state holds no longer. Returns how many. */
export async function releaseHeld(of: Releasable, startedAt: number): Promise<number> {
  const destination = await findDestination(of);
  // The state still holds: the writer died before its write, or an earlier release came late. Its own write releases.
  if ('hold' in admission(destination)) return 0;
  const queueUrl = env(destinationTypes[of.type].deliveriesQueue);
  let released = 0;
  let chunk: HeldDelivery[] = [];
  const flush = async () => {
    await releaseChunk(queueUrl, chunk, released);
    released += chunk.length;
    chunk = [];
  };
  for await (const held of listHeld(of.id, await findDeliveryShards(of, destination))) {
    chunk.push(held);
    if (chunk.length < CHUNK) continue;
    await flush();
    if (released < RUN_LIMIT.deliveries && Date.now() - startedAt < RUN_LIMIT.ms) continue;
    await send(of, staggerSeconds(released));
    return released;
  }
  await flush();
  return released;
}

const staggerSeconds = (released: number): number =>
  Math.min(Math.floor(released / RELEASES_PER_SECOND), MAX_DELAY_SECONDS);

/** Sends, then deletes: dying in between sends a delivery twice, which its record sorts out; never not at all. */
async function releaseChunk(queueUrl: string, chunk: readonly HeldDelivery[], before: number): Promise<void> {
  if (chunk.length === 0) return;
  const messages = chunk.map(({ message }, index) => toQueue(message, staggerSeconds(before + index)));
  const failed = await sendMessages(queueUrl, messages);
  await Promise.all(chunk.map((held, index) => (failed.has(index) ? undefined : unhold(held))));
  if (failed.size > 0) throw new Error(`SQS did not take ${failed.size} of ${chunk.length} released deliveries`);
}
