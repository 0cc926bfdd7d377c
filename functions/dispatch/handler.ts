import { env } from '../../shared/aws/env.ts';
import type { ReceivedMessage } from '../../shared/aws/received-message.ts';
import { logger, publishCounts } from '../../shared/telemetry.ts';
import { queueHandler } from '../queue-handler.ts';
import { accept } from './accept.ts';
import { dispatchEvent } from './dispatch-event.ts';
import { type Dispatched, send } from './send.ts';
import { Subscriptions } from './subscriptions.ts';

/**
 * From the events queue to the deliveries queues:
 *
 *   accept    what is not an event is recorded as rejected; what is gets the id that it has at every redelivery
 *   record    the event item, once, with the destinations that match now; at a redelivery those recorded count. An
 *             event that asks for its thin twin is two events from here on
 *   send      one message for each destination
 *
 * A message is acknowledged when all of it is done, so that dying anywhere does it again: the same event, the same
 * destinations, and deliveries that know what was done.
 */
export const handler = queueHandler(env('EVENTS_QUEUE_URL'), async (received) => {
  const subscriptions = new Subscriptions();
  const unsettled = new Set<ReceivedMessage>();
  const dispatch = async (message: ReceivedMessage): Promise<Dispatched | undefined> => {
    try {
      const event = await accept(message, subscriptions);
      if (!event) return { message, deliveries: [], skipped: 0, outcome: 'rejected' };
      return { message, ...(await dispatchEvent(message, event, subscriptions)), outcome: 'accepted' };
    } catch (error) {
      logger.error('An event is given back', { messageId: message.id, error: error as Error });
      unsettled.add(message);
      return undefined;
    }
  };
  const dispatched = (await Promise.all(received.map(dispatch))).filter((one) => one !== undefined);
  for (const message of await send(dispatched)) unsettled.add(message);
  publishCounts({
    accepted: dispatched.filter(({ outcome }) => outcome === 'accepted').length,
    rejected: dispatched.filter(({ outcome }) => outcome === 'rejected').length,
    matched: dispatched.reduce((sum, { deliveries }) => sum + deliveries.length, 0),
    skipped: dispatched.reduce((sum, { skipped }) => sum + skipped, 0),
  });
  return unsettled;
});
