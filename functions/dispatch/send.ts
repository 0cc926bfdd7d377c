import { env } from '../../shared/aws/env.ts';
import { sendMessages } from '../../shared/aws/queue.ts';
import type { ReceivedMessage } from '../../shared/aws/received-message.ts';
import { toQueue } from '../../shared/deliveries/message.ts';
import { destinationTypes } from '../../shared/destinations/types.ts';
import { logger } from '../../shared/telemetry.ts';
import type { Routed } from './dispatch-event.ts';

/** What became of a message of the events queue. */
export interface Dispatched extends Routed {
  readonly message: ReceivedMessage;
  readonly outcome: 'accepted' | 'rejected';
}

/** Sends the messages of the whole batch in as few requests as fit. Returns the messages that have to come again. */
export async function send(dispatched: readonly Dispatched[]): Promise<Set<ReceivedMessage>> {
  const outgoing = dispatched.flatMap(({ message, deliveries }) =>
    deliveries.map((delivery) => ({ message, ...delivery })),
  );
  const unsettled = new Set<ReceivedMessage>();
  await Promise.all(
    [...Map.groupBy(outgoing, ({ type }) => type)].map(async ([type, group]) => {
      try {
        const queueUrl = env(destinationTypes[type].deliveriesQueue);
        const failed = await sendMessages(
          queueUrl,
          group.map(({ delivery }) => toQueue(delivery)),
        );
        for (const index of failed) {
          const message = group[index]?.message;
          if (message) unsettled.add(message);
        }
      } catch (error) {
        logger.error('Deliveries could not be sent; their events are given back', { type, error: error as Error });
        for (const { message } of group) unsettled.add(message);
      }
    }),
  );
  return unsettled;
}
