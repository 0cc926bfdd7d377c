import type { DestinationRef } from './destination.ts';
import { changeDestination } from './store.ts';

/** Faster than one queue's function gets; a limit above says nothing. */
export const MAX_RATE_LIMIT = 1000;

/** Limits the deliveries a second to a destination, or ends its limit. What is over it waits for its turn. */
export async function limitRate(to: DestinationRef, perSecond: number | null): Promise<void> {
  const changed = await changeDestination(to, { set: { rate_limit: perSecond } }, Date.now());
  if (!changed) throw new Error(`There is no event destination ${to.id} in that account and mode`);
}
