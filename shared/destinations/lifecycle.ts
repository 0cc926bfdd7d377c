import { announceRelease, requestRelease } from '../deliveries/release-message.ts';
import { deleteHealth } from '../health/store.ts';
import { ApiError, NothingCreated, SHOULD_RETRY } from '../http/errors.ts';
import { logger } from '../telemetry.ts';
import { announce } from './announcement.ts';
import type { Destination } from './destination.ts';
import { managedTypes } from './managed-types.ts';
import { freePlace, takePlace } from './places.ts';
import { completeDestination, findDestination, insertDestination, markDeleting } from './store.ts';
import { buryDestination, wasDeleted } from './tombstone.ts';

/**
 * Creation and deletion, each a saga that a crash can stop at any step:
 *
 *   create: take a place -> record `creating` -> create outside -> record `ready`
 *   delete: announce the release -> record `deleting` -> delete outside -> tombstone, record gone -> free the place
 *           -> release
 *
 * A repeat of the request goes on from where it stopped; without one, the tracker does (`resume`): `creating` is
 * completed, `deleting` is ended. So a source outside never lacks a record that names it.
 */
export async function createDestination(prepared: Destination): Promise<Destination> {
  const inserted = await begin(prepared);
  const destination = inserted ? prepared : await findDestination(prepared);
  if (destination?.lifecycle === 'creating') return finishCreation(destination);
  return requireReady(destination);
}

function requireReady(destination: Destination | undefined): Destination {
  if (destination?.lifecycle === 'ready') return destination;
  throw new ApiError(503, 'api_error', 'An earlier try of this request is still being undone. Try again in a minute.', {
    headers: SHOULD_RETRY,
  });
}

/** False when the id is or was in use: its source's name must never be used twice. */
async function begin(destination: Destination): Promise<boolean> {
  if (await wasDeleted(destination)) return false;
  await takePlace(destination);
  return insertDestination(destination);
}

async function finishCreation(destination: Destination): Promise<Destination> {
  try {
    const completed = await completeDestination(await managedTypes[destination.type].create(destination));
    return completed ?? requireReady(await findDestination(destination));
  } catch (error) {
    await undoCreation(destination, error);
    throw error;
  }
}

/**
 * An error that is the customer's to mend says that nothing was created. After any other nobody knows, so what may exist
 * is deleted; the tracker ends what fails here. Another try that made the destination `ready` meanwhile is left alone.
 */
async function undoCreation(destination: Destination, cause: unknown): Promise<void> {
  try {
    if (!(await markDeleting(destination, 'creating', Date.now()))) return;
    if (cause instanceof NothingCreated) await bury(destination);
    else await finishDeletion(destination);
  } catch (error) {
    logger.warn('A creation could not be undone yet', { destination: destination.id, error: error as Error });
  }
}

export async function deleteDestination(destination: Destination): Promise<void> {
  await announceRelease(destination);
  const marked = await markDeleting(destination, 'ready', Date.now());
  await finishDeletion(marked ?? destination);
}

async function finishDeletion(destination: Destination): Promise<void> {
  await announce(destination);
  await managedTypes[destination.type].delete(destination);
  await bury(destination);
  await requestRelease(destination);
}

async function bury(destination: Destination): Promise<void> {
  await deleteHealth(destination);
  await buryDestination(destination);
  await freePlace(destination);
}

/** Goes on with a creation or deletion that stopped half-way. */
export async function resume(destination: Destination): Promise<void> {
  if (destination.lifecycle === 'creating') await finishCreation(destination);
  if (destination.lifecycle === 'deleting') await finishDeletion(destination);
}
