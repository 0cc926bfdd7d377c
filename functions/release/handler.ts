import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { env } from '../../shared/aws/env.ts';
import { parseFallbackMessage, returnFallback } from '../../shared/deliveries/fallback.ts';
import { parseReleaseMessage, releaseHeld } from '../../shared/deliveries/release.ts';
import { parseWakeUp, type WakeUp } from '../../shared/deliveries/slot.ts';
import { wakeUp } from '../../shared/deliveries/wake-up.ts';
import { parseStepMessage } from '../../shared/resends/steps.ts';
import { workOnResend } from '../../shared/resends/work.ts';
import { logger, publishCounts } from '../../shared/telemetry.ts';
import { queueHandler } from '../queue-handler.ts';

const releases = queueHandler(env('RELEASES_QUEUE_URL'), async (messages) => {
  for (const { body } of messages) {
    const fallback = parseFallbackMessage(body);
    const step = parseStepMessage(body);
    if (fallback) await returnFallback(fallback);
    else if (step) publishCounts({ resent: await workOnResend(step) });
    else publishCounts({ released: await releaseHeld(parseReleaseMessage(body)) });
  }
  return [];
});

/**
 * Brings back what waits in the Ledger: what is held, when a message of the releases queue says that it is held no longer;
 * what is scheduled, when the state machine `retry` wakes its slot. And it holds again what a fallen source did not take,
 * and works on bulk resends.
 */
export const handler = async (event: SQSEvent | WakeUp): Promise<SQSBatchResponse | { more: boolean }> =>
  'Records' in event ? releases(event) : woken(event);

/** The state machine tries again; what went wrong is for the operator to read here. */
async function woken(wake: WakeUp): Promise<{ more: boolean }> {
  try {
    return await wakeUp(parseWakeUp(wake));
  } catch (error) {
    const { destination, slot } = wake;
    logger.error('A wake-up failed and is tried again', { destination, slot, error: error as Error });
    throw error;
  }
}
