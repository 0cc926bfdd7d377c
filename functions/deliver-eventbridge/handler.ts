import { env } from '../../shared/aws/env.ts';
import { deliverBatch } from '../../shared/deliveries/deliver.ts';
import { amazonEventBridge } from '../../shared/destinations/amazon-eventbridge/index.ts';
import { queueHandler } from '../queue-handler.ts';

/** Deliveries to amazon_eventbridge destinations. */
export const handler = queueHandler(env(amazonEventBridge.deliveriesQueue), (messages) =>
  deliverBatch(amazonEventBridge, messages),
);
