import type { SQSEvent } from 'aws-lambda';
import { giveBack, type SqsHandler } from '../../shared/aws/batch.ts';
import { env } from '../../shared/aws/env.ts';
import { deliverBatch } from '../../shared/deliveries/deliver.ts';
import { amazonEventBridge } from '../../shared/destinations/amazon-eventbridge/index.ts';

const queueUrl = env('DELIVERIES_EVENTBRIDGE_QUEUE_URL');

/** Deliveries to amazon_eventbridge destinations; what could not be settled for our own reasons comes again. */
export const handler: SqsHandler = async ({ Records }: SQSEvent) => {
  const unsettled = await deliverBatch({ type: amazonEventBridge, queueUrl, records: Records });
  return giveBack(queueUrl, unsettled);
};
