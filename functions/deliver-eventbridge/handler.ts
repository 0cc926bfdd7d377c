import { env } from '../../shared/aws/env.ts';
import { deliverBatch } from '../../shared/deliveries/deliver.ts';
import { deliveringEventBridge } from '../../shared/destinations/amazon-eventbridge/delivering.ts';
import { queueHandler } from '../queue-handler.ts';

/** Deliveries to amazon_eventbridge destinations. */
export const handler = queueHandler(env(deliveringEventBridge.deliveriesQueue), (messages) =>
  deliverBatch(deliveringEventBridge, messages),
);
