import * as z from 'zod/mini';
import { env } from '../aws/env.ts';
import { sendMessage, sendMessages } from '../aws/queue.ts';
import type { EventBridgeDestination } from '../destinations/destination.ts';
import { MINUTE, SECOND } from '../time.ts';

/**
 * What the tracker works on, one message at a time for a Region (FIFO, the Region is the message group): a round of what
 * is due there, or one destination that cannot wait for the next round.
 */
const ChecksMessage = z.object({
  v: z.literal(1),
  region: z.string(),
  /** When it was asked for, ms. */
  planned: z.number(),
  destination: z.optional(z.object({ id: z.string(), account: z.string(), livemode: z.boolean() })),
});
export type ChecksMessage = z.infer<typeof ChecksMessage>;

export const parseChecksMessage = (body: string): ChecksMessage => ChecksMessage.parse(JSON.parse(body));

const toBody = (message: ChecksMessage): string => JSON.stringify(message);

/** A round for each of the Regions, and one a minute even if the schedule fires twice. */
export async function planRounds(regions: readonly string[], now: number): Promise<void> {
  const minute = Math.floor(now / MINUTE);
  const failed = await sendMessages(
    env('SOURCE_CHECKS_QUEUE_URL'),
    regions.map((region) => ({
      body: toBody({ v: 1, region, planned: now }),
      group: region,
      deduplicationId: `${region}-${minute}`,
    })),
  );
  if (failed.size > 0) throw new Error(`The checks of ${failed.size} Regions could not be planned`);
}

/** A destination whose puts fail is asked for once in ten seconds, however many of them fail. */
const AT_ONCE_WINDOW = 10 * SECOND;

/** Has the tracker look at the source now: between two rounds, or at the end of the one that runs. */
export async function checkAtOnce(destination: EventBridgeDestination, now: number): Promise<void> {
  const { id, account, livemode, amazon_eventbridge } = destination;
  const region = amazon_eventbridge.aws_region;
  await sendMessage(env('SOURCE_CHECKS_QUEUE_URL'), {
    body: toBody({ v: 1, region, planned: now, destination: { id, account, livemode } }),
    group: region,
    deduplicationId: `${id}-${Math.floor(now / AT_ONCE_WINDOW)}`,
  });
}
