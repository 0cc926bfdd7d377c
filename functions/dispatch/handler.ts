import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { giveBack, type SqsHandler } from '../../shared/aws/batch.ts';
import { env } from '../../shared/aws/env.ts';
import { logger, publishCounts } from '../../shared/telemetry.ts';
import { accept } from './accept.ts';
import { type Dispatched, dispatchEvent } from './dispatch-event.ts';
import { send } from './send.ts';
import { Subscriptions } from './subscriptions.ts';

/**
 * From the events queue to the deliveries queues:
 *
 *   accept    what is not an event is recorded as rejected; what is gets the id that it has at every redelivery
 *   record    the event item, once, with the destinations that match now; at a redelivery those recorded count
 *   send      one message for each destination
 *
 * A message is acknowledged when all of it is done, so that dying anywhere does it again: the same event, the same
 * destinations, and deliveries that know what was done.
 */
export const handler: SqsHandler = async ({ Records }: SQSEvent) => {
  const subscriptions = new Subscriptions();
  const unsettled = new Set<SQSRecord>();
  const settle = async <T>(record: SQSRecord, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      logger.error('An event could not be dispatched; it is given back', {
        messageId: record.messageId,
        error: error as Error,
      });
      unsettled.add(record);
      return undefined;
    }
  };
  const dispatched = await Promise.all(
    Records.map((record) =>
      settle(record, async (): Promise<Dispatched> => {
        const event = await accept(record, subscriptions);
        return event ? dispatchEvent(record, event, subscriptions) : { record, messages: [], outcome: 'rejected' };
      }),
    ),
  );
  const done = dispatched.filter((one) => one !== undefined);
  for (const record of await send(done)) unsettled.add(record);
  publishCounts({
    accepted: done.filter(({ outcome }) => outcome === 'accepted').length,
    rejected: done.filter(({ outcome }) => outcome === 'rejected').length,
    matched: done.reduce((sum, { messages }) => sum + messages.length, 0),
  });
  return giveBack(env('EVENTS_QUEUE_URL'), [...unsettled]);
};
