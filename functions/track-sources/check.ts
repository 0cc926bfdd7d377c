import { setTimeout as sleep } from 'node:timers/promises';
import { announce } from '../../shared/destinations/announcement.ts';
import type { Destination, DestinationRef } from '../../shared/destinations/destination.ts';
import { resume } from '../../shared/destinations/lifecycle.ts';
import { findDestination } from '../../shared/destinations/store.ts';
import { checkSource } from '../../shared/sources/check.ts';
import { CALLS_PER_SECOND } from '../../shared/sources/schedule.ts';
import { postponeCheck } from '../../shared/sources/store.ts';
import { logger } from '../../shared/telemetry.ts';
import { MINUTE, SECOND } from '../../shared/time.ts';

/** One source that cannot be checked must not keep the others from it: it goes to the end of the queue. */
export async function checkOne(ref: DestinationRef): Promise<void> {
  try {
    const destination = await findDestination(ref);
    if (destination) await check(destination);
  } catch (error) {
    logger.error('An event source could not be checked', { destination: ref.id, error: error as Error });
    await postponeCheck(ref, Date.now() + MINUTE / 2);
  }
}

/** Goes on with whatever stopped half-way, then asks AWS. */
async function check(destination: Destination): Promise<void> {
  if (destination.lifecycle !== 'ready') {
    // Whoever made it so may still be at it.
    if (Date.now() - destination.updated >= MINUTE) await resume(destination);
    return;
  }
  await announce(destination);
  if (destination.type === 'amazon_eventbridge' && destination.source.state !== 'DELETED')
    await checkSource(destination);
}

/** A check that could not wait for its round, unless there was one since it was asked for. Keeps the Region's pace. */
export async function checkNow(ref: DestinationRef, askedFor: number): Promise<void> {
  const destination = await findDestination(ref);
  if (destination?.type !== 'amazon_eventbridge' || destination.source.checked_at >= askedFor) return;
  await Promise.all([checkOne(ref), sleep(SECOND / CALLS_PER_SECOND)]);
}
