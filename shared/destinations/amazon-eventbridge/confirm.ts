import { saysPut } from '../../sources/schedule.ts';
import { recordPutTo } from '../../sources/store.ts';
import { logger } from '../../telemetry.ts';
import type { EventBridgeDestination } from '../destination.ts';
import type { AttemptRequest } from '../type.ts';

/**
 * A source that is put to is confirmed in every round of the tracker. The destination was read for this batch and says when
 * somebody last said so: this is one write a minute for each of them, whoever puts and however much. It goes beside the put
 * and not after it, so that dying takes nothing of it; without it the source is confirmed within five minutes.
 */
export async function haveConfirmed(requests: readonly AttemptRequest<EventBridgeDestination>[]): Promise<void> {
  const now = Date.now();
  const each = new Map(requests.map(({ destination }) => [destination.id, destination]));
  const unsaid = [...each.values()].filter(({ put_to_at }) => saysPut(put_to_at, now));
  const results = await Promise.allSettled(unsaid.map((destination) => recordPutTo(destination, now)));
  for (const result of results)
    if (result.status === 'rejected')
      logger.warn('The confirmation of an event source could not be brought forward', { error: result.reason });
}
