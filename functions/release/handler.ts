import type { SQSEvent } from 'aws-lambda';
import { partialFailure, type SqsHandler } from '../../shared/aws/batch.ts';
import { parseReleaseMessage, releaseHeld } from '../../shared/deliveries/release.ts';
import { logger, publishCounts } from '../../shared/telemetry.ts';

/** Moves what is held for a destination back to its queue. One message a batch: a release can take minutes. */
export const handler: SqsHandler = async ({ Records }: SQSEvent) => {
  const failed = [];
  for (const record of Records) {
    try {
      const released = await releaseHeld(parseReleaseMessage(record.body), Date.now());
      publishCounts({ released });
    } catch (error) {
      logger.error('A release stopped half-way; it goes on when its message comes again', { error: error as Error });
      failed.push(record);
    }
  }
  return partialFailure(failed);
};
