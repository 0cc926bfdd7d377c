import { announceFallback } from '../deliveries/fallback.ts';
import { announceRelease, requestRelease } from '../deliveries/release.ts';
import type { Destination, EventBridgeDestination } from '../destinations/destination.ts';
import { recordSource } from '../destinations/store.ts';
import { MINUTE } from '../time.ts';
import { observeSource } from './event-bridge-sources.ts';
import { locationOf } from './location.ts';
import { type EventSource, holds, isStale, observed } from './source.ts';

/**
 * Asks AWS for the state of the destination's source and records the answer. A change that ends the holding of
 * deliveries (associated at last, or gone for good) releases them: announced before the write, at once after it.
 */
export async function checkSource(destination: EventBridgeDestination): Promise<EventBridgeDestination> {
  const askedAt = Date.now();
  const observation = await observeSource(locationOf(destination));
  const now = Date.now();
  const source = observed(destination.source, observation, now, askedAt);
  const releases = holds(destination.source) && !holds(source);
  if (releases) await announceRelease(destination);
  if (returnIsDue(destination.source, source, now)) await announceFallback(destination);
  const disable = source.state === 'DELETED' ? 'no_aws_event_source_exists' : undefined;
  const recorded = await recordSource(destination, { source, ...(disable && { disable }) }, now);
  // Somebody else recorded a check meanwhile: theirs stands, and the announced release finds whatever it brought.
  if (!recorded) return destination;
  if (releases) await requestRelease(destination);
  const disabled = disable && destination.status === 'enabled';
  return {
    ...destination,
    source,
    ...(disabled && { status: 'disabled', disabled_reason: disable, updated: now }),
  };
}

/** A range whose return nobody has seen to for so long is announced once more. */
const OVERDUE = 30 * MINUTE;

function returnIsDue(before: EventSource, { fallback }: EventSource, now: number): boolean {
  if (!fallback) return false;
  const overdue = (at: number) => Math.floor((at - fallback.until) / OVERDUE);
  return fallback.until !== before.fallback?.until || overdue(now) !== overdue(before.checked_at);
}

/** The destination for a reader: a status that is older than the tracker's cycle is asked for anew. */
export const refreshed = async (destination: Destination): Promise<Destination> =>
  destination.type === 'amazon_eventbridge' && isStale(destination.source, Date.now())
    ? checkSource(destination)
    : destination;
