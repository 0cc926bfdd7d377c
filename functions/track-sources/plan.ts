import * as z from 'zod/mini';
import { env } from '../../shared/aws/env.ts';
import { sendMessages } from '../../shared/aws/queue.ts';
import { listRegions } from '../../shared/destinations/store.ts';
import { MINUTE } from '../../shared/time.ts';

const RegionMessage = z.object({ v: z.literal(1), region: z.string(), planned: z.number() });
export type RegionMessage = z.infer<typeof RegionMessage>;

export const parseRegionMessage = (body: string): RegionMessage => RegionMessage.parse(JSON.parse(body));

/** One message for each Region, in a group of its own, and one a minute even if the schedule fires twice. */
export async function planChecks(now: number): Promise<void> {
  const minute = Math.floor(now / MINUTE);
  const regions = await listRegions();
  const failed = await sendMessages(
    env('SOURCE_CHECKS_QUEUE_URL'),
    regions.map((region) => ({
      body: JSON.stringify({ v: 1, region, planned: now } satisfies RegionMessage),
      group: region,
      deduplicationId: `${region}-${minute}`,
    })),
  );
  if (failed.size > 0) throw new Error(`The checks of ${failed.size} Regions could not be planned`);
}
