import { env } from '../aws/env.ts';
import type { Addressee, Destination } from '../destinations/destination.ts';
import { seeToFailing } from '../destinations/failing.ts';
import { destinationTypes } from '../destinations/types.ts';
import { type Health, halfOpened, notProbed, probed } from '../health/health.ts';
import { changeHealth } from '../health/observe.ts';
import { findStanding, type Standing } from '../health/standing.ts';
import { findHealth, recordHealth } from '../health/store.ts';
import { logger, publishCounts } from '../telemetry.ts';
import { admission } from './admission.ts';
import { expireHeld } from './expire.ts';
import { chooseProbes } from './probes.ts';
import { LONG_ANNOUNCED_SECONDS } from './release-message.ts';
import { ensureWakeUp, listSlot, type SlotItem, takeFromSlot, type WakeUp } from './slot.ts';
import { sendAll, type Waiting } from './stagger.ts';

/** One run moves no more than this; the state machine asks again while there is more. */
const SLOT = { perSecond: 50, most: 45_000 } as const;

/** Of writes of the health, each of which another one may overtake. */
const TRIES = 5;

/**
 * The wake-up of a destination at the end of a slot: the circuit breaker's probes, if this is the slot that they go out in,
 * and everything that is due. Safe to repeat. Returns whether there is more, of that or of what the breaker has held past its
 * window.
 */
export async function wakeUp({ destination, type, owner, livemode, slot }: WakeUp): Promise<{ more: boolean }> {
  const queueUrl = env(destinationTypes[type].deliveriesQueue);
  const late = await probeIfDue({ id: destination, type, account: owner, livemode }, slot, queueUrl);
  const { more } = await sendAll(toWaiting(listSlot(destination, slot)), { queueUrl, ...SLOT });
  return { more: more || late };
}

/**
 * No other slot's wake-up goes on for this one. So whoever changes the health meanwhile and leaves the breaker open with
 * this probe (an attempt that was slow does) has it decided anew, until the next probe's time is written. Returns whether
 * there is more past its window.
 */
async function probeIfDue(of: Addressee, slot: number, queueUrl: string): Promise<boolean> {
  let ended: { more: boolean } | undefined;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const standing = await findStanding(of);
    // Once: it may take half of the time that there is.
    ended ??= await endHeld(standing);
    if (!waitsFor(standing.health, slot) || (await probe(standing, slot, queueUrl))) return ended.more;
  }
  throw new Error(`The health of ${of.id} is being changed by too many at once`);
}

const waitsFor = ({ state, probe_at }: Health, slot: number): boolean => state === 'open' && probe_at === slot;

const NOTHING = { failed: 0, more: false };

/** Ends what an open breaker has held past its window, if nothing else holds it. They fail for good, as after a last attempt. */
async function endHeld(standing: Standing): Promise<{ more: boolean }> {
  const { destination, health } = standing;
  const held = health.state === 'open' && 'admit' in admission(standing, { passesBreaker: true });
  const { failed, more } = destination && held ? await expireHeld(destination, standing, Date.now()) : NOTHING;
  if (destination && failed > 0) {
    logger.warn('Deliveries failed: the circuit breaker held them to the end of their retry windows', {
      destination: destination.id,
      failed,
    });
    publishCounts({ failed });
  }
  return { more };
}

/** A round of probes; see the order of writes in shared/health/health.ts. False when it has to be decided anew. */
async function probe(standing: Standing, slot: number, queueUrl: string): Promise<boolean> {
  const { destination, health, pauses } = standing;
  const admitted = admission(standing, { passesBreaker: true });
  // Disabled or gone: nothing is held any more, and enabling makes it well.
  if (!destination || 'cancel' in admitted) return true;
  const now = Date.now();
  if ('admit' in admitted && (await seeToFailing(destination, health, { now, pauses }))) return true;
  const probes = 'admit' in admitted ? await chooseProbes(destination) : [];
  if (probes.length === 0 && 'admit' in admitted)
    return changeHealth(destination, health, halfOpened(health), { announcedSeconds: LONG_ANNOUNCED_SECONDS });
  const nextRound = (before: Health) => ('admit' in admitted ? probed : notProbed)(destination.id, before, now);
  const { probe_at } = nextRound(health);
  if (probe_at !== undefined) await ensureWakeUp(destination, probe_at);
  const count = probes.reduce((sum, { messages }) => sum + messages.length, 0);
  await sendAll(probes, { queueUrl, perSecond: SLOT.perSecond, most: count });
  await moveOn(destination, { health, slot, nextRound });
  logger.info('Probes of a destination went out', { destination: destination.id, probes: count });
  return true;
}

interface Round {
  readonly health: Health;
  readonly slot: number;
  /** The health after it: however often it is written, the next slot is that whose wake-up was started. */
  readonly nextRound: (before: Health) => Health;
}

/** The round is over: `probe_at` moves on, whatever else was written of the health since, without another round. */
async function moveOn(destination: Destination, { health, slot, nextRound }: Round): Promise<void> {
  let before = health;
  for (let tries = 0; tries < TRIES; tries += 1) {
    if (await recordHealth(destination, before, nextRound(before))) return;
    before = await findHealth(destination);
    if (!waitsFor(before, slot)) return;
  }
  throw new Error(`The health of ${destination.id} is being changed by too many at once`);
}

async function* toWaiting(items: AsyncIterable<SlotItem>): AsyncGenerator<Waiting> {
  for await (const item of items) yield { messages: [item.message], done: () => takeFromSlot(item) };
}
