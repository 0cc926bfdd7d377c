import * as z from 'zod/mini';
import { env } from '../aws/env.ts';
import { sendMessage } from '../aws/queue.ts';
import type { Addressee } from '../destinations/destination.ts';
import { findDeliveryShards } from '../destinations/store.ts';
import { destinationTypes, typeNames } from '../destinations/types.ts';
import { findStanding, type Standing } from '../health/standing.ts';
import { admission } from './admission.ts';
import { type HeldItem, listHeld, unhold } from './held.ts';
import { sendAll, type Waiting } from './stagger.ts';

/**
 * Releasing what is held. Whoever changes a state that holds calls `announceRelease` BEFORE writing the state and
 * `requestRelease` after it. The announced message is delayed by longer than any writer's time-out, so that it runs after
 * the write or after the writer's death: no order of crash and write leaves a delivery held by a state that is no more.
 */
const ANNOUNCED_SECONDS = 90;
/** Of the function that works on wake-ups and releases: it may run for eleven minutes. */
export const LONG_ANNOUNCED_SECONDS = 720;

/**
 * A release is a drain: a minute's worth of deliveries at a time, spread over the minute, at a rate that doubles with each
 * minute in which nothing failed. So a receiver that has just come back is not drowned.
 */
export const DRAIN = { minute: 60, first: 10, fastest: 100 } as const;

const ReleaseMessage = z.object({
  v: z.literal(1),
  destination: z.string(),
  type: z.enum(typeNames),
  owner: z.string(),
  livemode: z.boolean(),
  /** Deliveries a second; without one, it begins. */
  rate: z.optional(z.number()),
});

interface Release extends Addressee {
  readonly rate: number;
}

export const announceRelease = (of: Addressee, delaySeconds = ANNOUNCED_SECONDS): Promise<void> =>
  send({ ...of, rate: DRAIN.first }, delaySeconds);
export const requestRelease = (of: Addressee): Promise<void> => send({ ...of, rate: DRAIN.first });

const send = ({ id, type, account, livemode, rate }: Release, delaySeconds?: number): Promise<void> =>
  sendMessage(env('RELEASES_QUEUE_URL'), {
    body: JSON.stringify({ v: 1, destination: id, type, owner: account, livemode, rate } satisfies z.infer<
      typeof ReleaseMessage
    >),
    group: id,
    ...(delaySeconds && { delaySeconds }),
  });

export function parseReleaseMessage(body: string): Release {
  const { destination, type, owner, livemode, rate = DRAIN.first } = ReleaseMessage.parse(JSON.parse(body));
  return { id: destination, type, account: owner, livemode, rate };
}

/**
 * Moves a minute's worth of what is held for the destination back to its queue, if its state holds no longer, and hands the
 * rest on to a minute later. Returns how many.
 */
export async function releaseHeld(of: Release): Promise<number> {
  const standing = await findStanding(of);
  const admitted = admission(standing);
  // The state still holds: the writer died before its write, or an earlier release came late. Its own write releases.
  if ('hold' in admitted) return 0;
  // What is to be canceled meets no receiver; a limit that is below the drain's rate would only have it wait elsewhere.
  const limit = standing.destination?.rate_limit ?? DRAIN.fastest;
  const rate = 'cancel' in admitted ? DRAIN.fastest : Math.min(of.rate, limit);
  const shards = await findDeliveryShards(of, standing.destination);
  const { sent, more } = await sendAll(toWaiting(listHeld(of.id, shards)), {
    queueUrl: env(destinationTypes[of.type].deliveriesQueue),
    perSecond: rate,
    most: rate * DRAIN.minute,
  });
  if (more) await send({ ...of, rate: nextRate(rate, standing) }, DRAIN.minute);
  return sent;
}

export const nextRate = (rate: number, { health }: Standing): number =>
  health.failures > 0 ? rate : Math.min(rate * 2, DRAIN.fastest);

async function* toWaiting(held: AsyncIterable<HeldItem>): AsyncGenerator<Waiting> {
  for await (const item of held) yield { messages: item.messages, done: () => unhold(item) };
}
