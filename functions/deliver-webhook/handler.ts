import type { SQSEvent } from 'aws-lambda';
import { env } from '../../shared/aws/env.ts';
import { deliverBatch } from '../../shared/deliveries/deliver.ts';
import { privateTargets } from '../../shared/destinations/webhook-endpoint/addresses.ts';
import { deliveringWebhook } from '../../shared/destinations/webhook-endpoint/delivering.ts';
import { logger } from '../../shared/telemetry.ts';
import { queueHandler } from '../queue-handler.ts';

const slowQueue = env('SLOW_WEBHOOK_QUEUE_URL');
const deliveries = queueHandler(env(deliveringWebhook.deliveriesQueue), (messages) =>
  deliverBatch(deliveringWebhook, messages),
);
const slow = queueHandler(slowQueue, (messages) => deliverBatch(deliveringWebhook, messages, 'slow'));

if (privateTargets() !== 'off')
  logger.warn('Webhooks may be sent to private addresses: for development only', { allowed: privateTargets() });

/** Deliveries to webhook_endpoint destinations, from the queue of all and from the one for those that are slow. */
export const handler = (event: SQSEvent) => (isFromSlow(event) ? slow(event) : deliveries(event));

/** An ARN and a URL of a queue both end with its name. */
const isFromSlow = ({ Records: [first] }: SQSEvent): boolean =>
  nameOf(first?.eventSourceARN.split(':')) === nameOf(slowQueue.split('/'));
const nameOf = (parts: string[] = []): string | undefined => parts.at(-1);
