import type { DestinationRef } from '../destinations/destination.ts';
import { forgotten } from './health.ts';
import { findHealth, recordHealth } from './store.ts';

const MAX_TRIES = 5;

/** A new URL, or enabling: whatever was known of the destination says nothing any more. The caller releases what is held. */
export async function forgetHealth(destination: DestinationRef): Promise<void> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const before = await findHealth(destination);
    if (await recordHealth(destination, before, forgotten(before))) return;
  }
  throw new Error(`The health of ${destination.id} is being changed by too many at once`);
}
