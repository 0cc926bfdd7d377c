import type { ScheduledEvent, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { parseChecksMessage } from '../../shared/sources/message.ts';
import { logger } from '../../shared/telemetry.ts';
import { checkNow } from './check.ts';
import { checkRegion } from './check-region.ts';
import { planChecks } from './plan.ts';

/**
 * Every minute the schedule has one message sent for each Region in which something is due; each of these comes back here,
 * one at a time for its Region, and has the sources checked that are due. In between come single ones that cannot wait.
 */
export async function handler(event: ScheduledEvent | SQSEvent): Promise<SQSBatchResponse | undefined> {
  if (!('Records' in event)) {
    await planChecks(Date.now());
    return undefined;
  }
  for (const record of event.Records) {
    try {
      const message = parseChecksMessage(record.body);
      if (message.destination) await checkNow(message.destination, message.planned);
      else await checkRegion(message, Date.now());
    } catch (error) {
      // Acknowledged all the same: the next minute's message does the work, and a message that came back would block its Region.
      logger.error('A round of checks stopped half-way', { messageId: record.messageId, error: error as Error });
    }
  }
  return { batchItemFailures: [] };
}
