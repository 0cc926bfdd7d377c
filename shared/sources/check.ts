import { announceFallback } from '../deliveries/fallback-message.ts';
import { announceRelease, requestRelease } from '../deliveries/release-message.ts';
import { announceOrLeave } from '../destinations/announcement.ts';
import type { Destination, EventBridgeDestination } from '../destinations/destination.ts';
import { publishCounts } from '../telemetry.ts';
import { MINUTE } from '../time.ts';
import { mayAsk } from './call-budget.ts';
import { consequencesOf } from './consequences.ts';
import { modeOf } from './modes/index.ts';
import { isStale } from './schedule.ts';
import { type EventSource, observed } from './source.ts';
import { recordSource, requestCheck } from './store.ts';

/**
 * Asks AWS for the state of the destination's source and records the answer. A change that ends the holding of
 * deliveries (associated at last), or ends what is held for whatever reason (gone for good), releases them: announced
 * before the write, at once after it.
 */
export async function checkSource(destination: EventBridgeDestination): Promise<EventBridgeDestination> {
  const askedAt = Date.now();
  const observation = await modeOf(destination).observe(destination);
  const now = Date.now();
  const source = observed(destination.source, observation, now, askedAt);
  const { releases, disable, announcements } = consequencesOf(destination, source, now);
  if (releases) await announceRelease(destination);
  if (returnIsDue(destination.source, source, now)) await announceFallback(destination);
  const after = await recordSource(destination, { source, disable, announcements }, now);
  // Somebody else recorded a check meanwhile: theirs stands, and the announced release finds whatever it brought.
  if (!after) return destination;
  // Somebody said that it is put to while AWS was asked: that has not been confirmed.
  if (after.put_to_at !== destination.put_to_at) await requestCheck(after, 'confirm', now);
  if (releases) await requestRelease(after);
  await announceOrLeave(after);
  countChange(after.source, now);
  return after;
}

/** `source_associated`, `source_event_bus_lost`, `source_expired`, ...: how many sources came to what. */
function countChange({ history }: EventSource, now: number): void {
  const last = history.at(-1);
  if (last?.at === now) publishCounts({ [`source_${last.cause}`]: 1 });
}

/** A range whose return nobody has seen to for so long is announced once more. */
const OVERDUE = 30 * MINUTE;

function returnIsDue(before: EventSource, { fallback }: EventSource, now: number): boolean {
  if (!fallback) return false;
  const overdue = (at: number) => Math.floor((at - fallback.until) / OVERDUE);
  return fallback.until !== before.fallback?.until || overdue(now) !== overdue(before.checked_at);
}

/**
 * The destination for a reader: a status that is older than the tracker's cycle is asked for anew; where too many are asked
 * for just now, the reader gets what is known, and the tracker asks.
 */
export async function refreshed(destination: Destination): Promise<Destination> {
  const now = Date.now();
  if (destination.type !== 'amazon_eventbridge' || !isStale(destination.source, now)) return destination;
  if (await mayAsk(destination.amazon_eventbridge.aws_region, now)) return checkSource(destination);
  await requestCheck(destination, 'watch', now);
  return destination;
}
