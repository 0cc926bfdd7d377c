import type { ReceivedMessage } from '../../shared/aws/received-message.ts';
import type { Event } from '../../shared/events/event.ts';
import { toEvent } from '../../shared/events/publication.ts';
import { recordRejected } from '../../shared/events/rejected.ts';
import { InvalidFields, invalidField } from '../../shared/http/errors.ts';
import { logger } from '../../shared/telemetry.ts';
import type { Subscriptions } from './subscriptions.ts';

/**
 * The event that a message publishes. Bus and queue cannot refuse at the door, so what is no event, or names no account,
 * is recorded as rejected with the reason: then there is none.
 */
export async function accept(message: ReceivedMessage, subscriptions: Subscriptions): Promise<Event | undefined> {
  try {
    const event = toEvent(message);
    if (await subscriptions.account(event.account, event.livemode)) return event;
    throw invalidField('detail.account', `There is no account '${event.account}'. Create it first.`);
  } catch (error) {
    if (!(error instanceof InvalidFields)) throw error;
    await recordRejected({ messageId: message.id, sentAt: message.sentAt, reason: error.message, body: message.body });
    logger.warn('An event was rejected', { messageId: message.id, fields: error.fields });
    return undefined;
  }
}
