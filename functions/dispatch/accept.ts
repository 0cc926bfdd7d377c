import type { SQSRecord } from 'aws-lambda';
import type { Event } from '../../shared/events/event.ts';
import { toEvent } from '../../shared/events/publication.ts';
import { recordRejected } from '../../shared/events/rejected.ts';
import { ApiError, invalidField } from '../../shared/http/errors.ts';
import { logger } from '../../shared/telemetry.ts';
import type { Subscriptions } from './subscriptions.ts';

/**
 * The event that a message publishes. Bus and queue cannot refuse at the door, so what is no event, or names no account,
 * is recorded as rejected with the reason: then there is none.
 */
export async function accept(record: SQSRecord, subscriptions: Subscriptions): Promise<Event | undefined> {
  const origin = { messageId: record.messageId, sentAt: Number(record.attributes.SentTimestamp) };
  try {
    const event = toEvent(record.body, origin);
    if (await subscriptions.account(event.account, event.livemode)) return event;
    throw invalidField('detail.account', `There is no account '${event.account}'. Create it first.`);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    await recordRejected({ ...origin, reason: error.message, body: record.body });
    logger.warn('An event was rejected', { messageId: record.messageId, reason: error.message });
    return undefined;
  }
}
