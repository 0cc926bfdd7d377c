import { env } from '../aws/env.ts';
import { sendMessages } from '../aws/queue.ts';
import { type DestinationEventName, destinationEventType, relatedDestination } from '../events/about-destination.ts';
import type { ThinEvent } from '../events/event.ts';
import { toPublication } from '../events/publication.ts';
import { derivedId, timeOf } from '../ids.ts';
import { logger } from '../telemetry.ts';
import { isoTime } from '../time.ts';
import type { Destination, DestinationRef, DisabledReason } from './destination.ts';
import { forgetAnnouncements } from './store.ts';

/**
 * What a destination's account is told of by an event of its own, `v2.core.event_destination.<name>`, which travels like
 * every other: to the account's thin destinations that are subscribed to it, but never to the destination that it is about.
 *
 * It is an outbox in the destination's own record:
 *
 *   1. the change and its announcement are one conditional write: no change without its announcement, and none for a change
 *      that was not made (an event sent before the write could not be taken back);
 *   2. the event is sent, under an id derived from destination, name and time, so that every copy is the same event;
 *   3. the announcement is taken from the record, if it is still what was sent.
 *
 * Dying after 1 or 2 leaves the destination due for the tracker, which goes on from the record; so does its deletion.
 */
export interface Announcement {
  readonly name: Exclude<DestinationEventName, 'ping'>;
  /** When the change was made, ms: the event's own time. */
  readonly at: number;
  /** The event's `data`. */
  readonly data: Readonly<Record<string, unknown>>;
}

export const disabledAnnouncement = (reason: DisabledReason, at: number, more: object = {}): Announcement => ({
  name: 'disabled',
  at,
  data: { status: 'disabled', reason, changed: isoTime(at), ...more },
});

export const enabledAnnouncement = (at: number): Announcement => ({
  name: 'enabled',
  at,
  data: { status: 'enabled', changed: isoTime(at) },
});

/** Sends what the destination has to announce. Safe to repeat. Throws when SQS does not take it. */
export async function announce(destination: Destination): Promise<void> {
  const { announcements = [], account } = destination;
  if (announcements.length === 0) return;
  const events = announcements.map((announcement) => toEvent(destination, announcement));
  const failed = await sendMessages(
    env('EVENTS_QUEUE_URL'),
    events.map((event) => ({ body: toPublication(event), group: account })),
  );
  if (failed.size > 0) throw new Error(`SQS did not take ${failed.size} events about ${destination.id}`);
  await forgetAnnouncements(destination, announcements);
}

/** The same after a request that is done already: what goes wrong is left to the tracker. */
export async function announceOrLeave(destination: Destination): Promise<void> {
  try {
    await announce(destination);
  } catch (error) {
    logger.warn('What a destination has to announce is left to the tracker', {
      destination: destination.id,
      error: error as Error,
    });
  }
}

function toEvent({ id: destination, account, livemode }: DestinationRef, { name, at, data }: Announcement): ThinEvent {
  const id = derivedId('evt', livemode, at, `${account}/${destination}/${name}`);
  const type = destinationEventType(name);
  const content = { type, related_object: relatedDestination(destination), data };
  return { id, account, livemode, created: timeOf(id), payload: 'thin', content };
}
