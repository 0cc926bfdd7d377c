import type { ScheduledEvent, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { partialFailure } from '../../shared/aws/batch.ts';
import { checkRegion } from './check-region.ts';
import { parseRegionMessage, planChecks } from './plan.ts';

/**
 * Every minute the schedule has one message sent for each Region that has sources; each of these comes back here, one at
 * a time for its Region, and has the sources checked that are due.
 */
export async function handler(event: ScheduledEvent | SQSEvent): Promise<SQSBatchResponse | undefined> {
  if (!('Records' in event)) {
    await planChecks(Date.now());
    return undefined;
  }
  for (const record of event.Records) await checkRegion(parseRegionMessage(record.body), Date.now());
  return partialFailure([]);
}
