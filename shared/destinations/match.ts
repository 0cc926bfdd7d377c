import { isAbout } from '../events/about-destination.ts';
import type { Event } from '../events/event.ts';
import { isPing } from '../events/ping.ts';
import { needsAnswer } from '../events/types.ts';
import { unixSeconds } from '../time.ts';
import type { Destination, EventsFrom } from './destination.ts';

/**
 * Whether the destination is subscribed to the event: payload style, type (exact, or `*` without those that need explicit
 * selection), whose events it wants, and not younger than the event. A disabled destination is subscribed, too: its
 * deliveries are recorded as skipped and can be resent. A ping goes to its destination, whatever that asks for; any other
 * event about a destination never goes there: it says when the destination itself cannot be reached, or can be again.
 */
export function isSubscribed(destination: Destination, event: Event): boolean {
  if (destination.lifecycle !== 'ready' || destination.livemode !== event.livemode) return false;
  if (isPing(event)) return isAbout(event, destination);
  if (isAbout(event, destination)) return false;
  const from: EventsFrom = destination.account === event.account ? 'self' : 'other_accounts';
  return (
    destination.event_payload === event.payload &&
    destination.events_from.includes(from) &&
    // In whole seconds: the ingestion time of a bus event may have no finer ones.
    unixSeconds(destination.created) <= unixSeconds(event.created) &&
    enables(destination.enabled_events, event.content.type)
  );
}

/** `*` stands for every type but those that need explicit selection: what they ask for is not everybody's to answer. */
const enables = (enabled: readonly string[], type: string): boolean =>
  enabled.includes(type) || (enabled.includes('*') && !needsAnswer(type));
