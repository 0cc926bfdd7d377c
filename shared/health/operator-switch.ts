import { announceRelease, requestRelease } from '../deliveries/release.ts';
import type { Destination, DestinationRef } from '../destinations/destination.ts';
import { changeDestination, scanDestinations } from '../destinations/store.ts';
import { findPauses, isPaused, type Pauses, recordPauses } from './pauses.ts';

/** What the operator pauses: everything, an AWS Region, or one destination. */
export type PauseScope =
  | { readonly scope: 'all' }
  | { readonly scope: 'region'; readonly region: string }
  | { readonly scope: 'destination'; readonly destination: DestinationRef };

/** From here on deliveries in the scope are held: those under way finish, nothing is lost, and no retry window runs. */
export async function pauseDelivery(to: PauseScope): Promise<void> {
  await write(to, true);
}

/** Ends a pause. What it held and nothing else holds is released: announced before the write, at once after it. */
export async function resumeDelivery(to: PauseScope): Promise<{ released: number }> {
  const affected = await destinationsIn(to);
  for (const destination of affected) await announceRelease(destination);
  await write(to, false);
  for (const destination of affected) await requestRelease(destination);
  return { released: affected.length };
}

async function write(to: PauseScope, paused: boolean): Promise<void> {
  if (to.scope === 'destination') {
    const changed = await changeDestination(to.destination, { set: { paused } }, Date.now());
    if (!changed) throw new Error(`There is no event destination ${to.destination.id} in that account and mode`);
    return;
  }
  const pauses = await findPauses();
  await recordPauses(to.scope === 'all' ? { ...pauses, all: paused } : withRegion(pauses, to.region, paused));
}

const withRegion = (pauses: Pauses, region: string, paused: boolean): Pauses => ({
  ...pauses,
  regions: [...pauses.regions.filter((other) => other !== region), ...(paused ? [region] : [])],
});

async function destinationsIn(to: PauseScope): Promise<Destination[]> {
  const scope: Pauses = { all: to.scope === 'all', regions: to.scope === 'region' ? [to.region] : [] };
  const found: Destination[] = [];
  for await (const destination of scanDestinations()) {
    const named = to.scope === 'destination' && destination.id === to.destination.id;
    if (named || isPaused(scope, { ...destination, paused: false })) found.push(destination);
  }
  return found;
}
