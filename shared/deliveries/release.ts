import * as z from 'zod/mini';
import { env } from '../aws/env.ts';
import type { Addressee } from '../destinations/destination.ts';
import { findDeliveryShards } from '../destinations/tombstone.ts';
import { destinationTypes, typeNames } from '../destinations/types.ts';
import { findStanding } from '../health/standing.ts';
import { SECOND } from '../time.ts';
import { admission } from './admission.ts';
import { DRAIN, findDrain, rateAfter, spread, takeStep } from './drain.ts';
import { type HeldItem, listHeld, unhold } from './held.ts';
import { requestReleaseIn } from './release-message.ts';
import { sendAll } from './stagger.ts';

const ReleaseMessage = z.object({
  v: z.literal(1),
  destination: z.string(),
  type: z.enum(typeNames),
  owner: z.string(),
  livemode: z.boolean(),
});

export function parseReleaseMessage(body: string): Addressee {
  const { destination, type, owner, livemode } = ReleaseMessage.parse(JSON.parse(body));
  return { id: destination, type, account: owner, livemode };
}

/**
 * Moves what is held for the destination back to its queue, if its state holds no longer, or as much of it as a step of its
 * drain takes, and comes again for the rest. Returns how many.
 */
export async function releaseHeld(of: Addressee): Promise<number> {
  const standing = await findStanding(of);
  const admitted = admission(standing);
  // The state still holds: the writer died before its write, or an earlier release came late. Its own write releases.
  if ('hold' in admitted) return 0;
  const drain = await findDrain(of.id);
  const at = Date.now();
  if (drain && drain.until > at) return comeAgain(of, drain.until - at);
  // What is to be canceled meets no receiver; a limit that is below the drain's rate would only have it wait elsewhere.
  const limit = standing.destination?.rate_limit ?? DRAIN.fastest;
  const rate = 'cancel' in admitted ? undefined : Math.min(rateAfter(drain, standing.health, at), limit);
  const perSecond = rate ?? DRAIN.fastest;
  const shards = await findDeliveryShards(of, standing.destination);
  const { items, count, more } = await firstOf(listHeld(of.id, shards), perSecond * DRAIN.minute);
  if (count === 0) return 0;
  const { forgotten } = standing.health;
  const step = { at, until: at + spread(count, perSecond), more, rate, forgotten };
  if (!(await takeStep(of.id, drain, step))) return comeAgain(of, SECOND);
  const waiting = items.map((item) => ({ messages: item.messages, done: () => unhold(item) }));
  await sendAll(waiting, { queueUrl: env(destinationTypes[of.type].deliveriesQueue), perSecond, most: count });
  if (more) await comeAgain(of, step.until - at);
  return count;
}

/** Somebody else's release may not have seen all that this one is for. */
async function comeAgain(of: Addressee, afterMs: number): Promise<0> {
  await requestReleaseIn(Math.ceil(afterMs / SECOND), of);
  return 0;
}

/** The items with so many deliveries. */
async function firstOf(held: AsyncIterable<HeldItem>, most: number) {
  const items: HeldItem[] = [];
  let count = 0;
  for await (const item of held) {
    if (count >= most) return { items, count, more: true };
    items.push(item);
    count += item.messages.length;
  }
  return { items, count, more: false };
}
