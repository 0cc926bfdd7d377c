import { env } from '../aws/env.ts';
import { seeToFailing } from '../destinations/failing.ts';
import { destinationTypes } from '../destinations/types.ts';
import { halfOpened, probed } from '../health/health.ts';
import { changeHealth } from '../health/observe.ts';
import { findStanding, type Standing } from '../health/standing.ts';
import { recordHealth } from '../health/store.ts';
import { logger } from '../telemetry.ts';
import { admission } from './admission.ts';
import { expireHeld } from './expire.ts';
import { chooseProbes } from './probes.ts';
import { LONG_ANNOUNCED_SECONDS } from './release.ts';
import { ensureWakeUp, listSlot, type SlotItem, takeFromSlot, type WakeUp } from './slot.ts';
import { sendAll, type Waiting } from './stagger.ts';

/** One run moves no more than this; the state machine asks again while there is more. */
const SLOT = { perSecond: 50, most: 45_000 } as const;

/**
 * The wake-up of a destination at the end of a slot: the circuit breaker's probes, if this is the slot that they go out in,
 * and everything that is due. Safe to repeat. Returns whether there is more.
 */
export async function wakeUp({ destination, type, owner, livemode, slot }: WakeUp): Promise<{ more: boolean }> {
  const of = { id: destination, type, account: owner, livemode };
  const queueUrl = env(destinationTypes[type].deliveriesQueue);
  const standing = await findStanding(of);
  if (standing.health.state === 'open' && standing.health.probe_at === slot) await probe(standing, queueUrl);
  const { more } = await sendAll(toWaiting(listSlot(destination, slot)), { queueUrl, ...SLOT });
  return { more };
}

/** A round of probes; see the order of writes in shared/health/health.ts. */
async function probe({ destination, health, paused }: Standing, queueUrl: string): Promise<void> {
  const admitted = admission({ destination, health, paused }, { passesBreaker: true });
  // Disabled or gone: nothing is held any more, and enabling makes it well.
  if (!destination || 'cancel' in admitted) return;
  const now = Date.now();
  if ('admit' in admitted && (await seeToFailing(destination, health, now))) return;
  if ('admit' in admitted) await expireHeld(destination, now);
  const probes = 'admit' in admitted ? await chooseProbes(destination) : [];
  if (probes.length === 0 && 'admit' in admitted) {
    await changeHealth(destination, health, halfOpened(health), { announcedSeconds: LONG_ANNOUNCED_SECONDS });
    return;
  }
  const next = probed(destination.id, health, now);
  if (next.probe_at !== undefined) await ensureWakeUp(destination, next.probe_at);
  const count = probes.reduce((sum, { messages }) => sum + messages.length, 0);
  await sendAll(probes, { queueUrl, perSecond: SLOT.perSecond, most: count });
  await recordHealth(destination, health, next);
  logger.info('Probes of a destination went out', { destination: destination.id, probes: count });
}

async function* toWaiting(items: AsyncIterable<SlotItem>): AsyncGenerator<Waiting> {
  for await (const item of items) yield { messages: [item.message], done: () => takeFromSlot(item) };
}
