import { type Delivery, ended } from '../deliveries/delivery.ts';
import { deliveryKey, recordDelivery } from '../deliveries/store.ts';
import type { Tombstone } from '../destinations/tombstone.ts';
import { timeOf } from '../ids.ts';
import { logger, publishCounts } from '../telemetry.ts';
import { DAY, HOUR, oldestReadable } from '../time.ts';

/** Before the retention is over what waits ends; after it, and before TTL deletes it, all the rest. */
const MARGIN = { before: DAY, after: 3 * DAY } as const;

/** The first event (ms) of which a delivery may still be pending: a round may have failed. */
export const oldestPending = (now: number): number => oldestReadable(now) - MARGIN.after - DAY;

/**
 * Ends as failed what has waited for as long as its event is kept (a pause, a source that is never associated): after that
 * nobody can read it any more, and TTL would delete it, pending, without a word. What a bulk resend brought back, or what is
 * due again, has some days more, in which its retry window ends. Returns the others.
 */
export async function endExpired(
  pending: readonly Delivery[],
  { delivery_shards }: Pick<Tombstone, 'delivery_shards'>,
): Promise<Delivery[]> {
  const now = Date.now();
  const expired = pending.filter((delivery) => isExpired(delivery, now));
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

function isExpired({ event, reopened, held_by, due = 0 }: Delivery, now: number): boolean {
  if (timeOf(event) < oldestReadable(now) - MARGIN.after) return true;
  const waits = held_by !== undefined || due < now - HOUR;
  return waits && (reopened?.at ?? timeOf(event)) < oldestReadable(now) + MARGIN.before;
}
