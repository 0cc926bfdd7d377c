import { type Delivery, ended } from '../deliveries/delivery.ts';
import { deliveryKey, recordDelivery } from '../deliveries/store.ts';
import type { Tombstone } from '../destinations/tombstone.ts';
import { timeOf } from '../ids.ts';
import { logger, publishCounts } from '../telemetry.ts';
import { DAY, oldestReadable } from '../time.ts';

/** So long before the retention is over what is still pending ends, and so long after it, if a round or two failed. */
const MARGIN = { before: DAY, after: 2 * DAY } as const;

/** The first event (ms) of which a delivery may still be pending. */
export const oldestPending = (now: number): number => oldestReadable(now) - MARGIN.after;

/**
 * Ends as failed what has waited for as long as its event is kept (a pause, a source that is never associated): after that
 * nobody can read it any more, and TTL would delete it, pending, without a word. Returns the others.
 */
export async function endExpired(
  pending: readonly Delivery[],
  { delivery_shards }: Pick<Tombstone, 'delivery_shards'>,
): Promise<Delivery[]> {
  const now = Date.now();
  const expired = pending.filter(({ event }) => timeOf(event) < oldestReadable(now) + MARGIN.before);
  const recorded = await Promise.all(
    expired.map((delivery) => {
      const end = ended(delivery, delivery, { status: 'failed', reason: 'event_expired' }, now);
      return recordDelivery(deliveryKey(delivery.destination, delivery.event, delivery_shards), delivery, end);
    }),
  );
  const failed = recorded.filter(Boolean).length;
  if (failed > 0) {
    logger.warn('Deliveries failed: they waited for as long as events are kept', {
      destination: expired[0]?.destination,
      failed,
    });
    publishCounts({ failed });
  }
  return pending.filter((delivery) => !expired.includes(delivery));
}
