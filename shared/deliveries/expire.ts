import { nameOf } from '../aws/table.ts';
import type { Destination } from '../destinations/destination.ts';
import type { Pause } from '../health/pauses.ts';
import type { Standing } from '../health/standing.ts';
import { windowEnd, windowOf } from '../retry/policy.ts';
import { MINUTE } from '../time.ts';
import { type Delivery, ended } from './delivery.ts';
import { type HeldItem, listHeld, takeOut } from './held.ts';
import type { DeliveryMessage } from './message.ts';
import { deliveryKey, findNeighbours, recordDelivery } from './store.ts';
import { chargedWithout, windowStartOfHeld } from './window.ts';

/** Items. */
const CHUNK = 20;
/** Of the eleven minutes that the wake-up has: the probes are to go out, however much there is to end. */
const BUDGET = 6 * MINUTE;

/**
 * Ends as failed what the open breaker has held past its retry window; how many, and whether more than there was time for.
 * Only events older than the window are looked at, the oldest first; what has ended otherwise meanwhile is taken out of its
 * held item, too. Where nothing of it had ended, because it is not charged for a long pause, there is no more.
 */
export async function expireHeld(
  destination: Destination,
  { health, pauses }: Pick<Standing, 'health' | 'pauses'>,
  now: number,
): Promise<{ failed: number; more: boolean }> {
  const { id, livemode, delivery_shards } = destination;
  const at: Circumstances = { destination, opened: health.opened ?? 0, pauses, now };
  const until = performance.now() + BUDGET;
  let [failed, over] = [0, 0];
  let chunk: HeldItem[] = [];
  const flush = async () => {
    const fates = await expire(chunk, at);
    failed += fates.filter((fate) => fate === 'fails').length;
    over += fates.filter((fate) => fate !== 'waits').length;
    chunk = [];
  };
  for await (const item of listHeld(id, delivery_shards, { time: now - windowOf(livemode), livemode })) {
    chunk.push(item);
    if (chunk.length < CHUNK) continue;
    await flush();
    if (performance.now() > until) return { failed, more: over > 0 };
  }
  await flush();
  return { failed, more: false };
}

interface Circumstances {
  readonly destination: Destination;
  /** When the breaker opened, ms. */
  readonly opened: number;
  readonly pauses: readonly Pause[];
  readonly now: number;
}

async function expire(chunk: readonly HeldItem[], at: Circumstances): Promise<Fate[]> {
  const { destination } = at;
  const keyOf = ({ event }: DeliveryMessage) => deliveryKey(destination.id, event, destination.delivery_shards);
  const automatic = chunk.flatMap(({ messages }) => messages.filter(({ manual }) => manual === undefined));
  const deliveries = await findNeighbours(automatic.map(keyOf));
  const fates = await Promise.all(
    automatic.map(async (message) => {
      const fate = await fateOf(deliveries.get(nameOf(keyOf(message))), at);
      return { event: message.event, fate };
    }),
  );
  const over = new Set(fates.filter(({ fate }) => fate !== 'waits').map(({ event }) => event));
  // A manual attempt is by itself in its item.
  const ended = chunk.filter(({ messages }) => messages.some(({ event, manual }) => !manual && over.has(event)));
  await Promise.all(ended.map((item) => takeOut(item, over)));
  return fates.map(({ fate }) => fate);
}

/** It ended otherwise, or fails now, or goes on waiting. */
type Fate = 'over' | 'fails' | 'waits';

/**
 * Nothing but the breaker holds here any more. What still says otherwise it has held since that ended, and no longer than it
 * has been open: before, it waited for a drain.
 */
function heldByBreaker(delivery: Delivery, opened: number): Delivery {
  const { held_by, updated: first, excluded_ms = 0 } = delivery;
  if (held_by !== 'paused' && held_by !== 'source_pending') return delivery;
  const updated = Math.max(first, opened);
  return { ...delivery, held_by: 'circuit_breaker', updated, excluded_ms: excluded_ms + updated - first };
}

async function fateOf(
  delivery: Delivery | undefined,
  { destination: { livemode, delivery_shards }, opened, pauses, now }: Circumstances,
): Promise<Fate> {
  if (delivery?.status !== 'pending') return 'over';
  const windowStart = windowStartOfHeld(chargedWithout(pauses, heldByBreaker(delivery, opened), now), now);
  if (windowEnd({ windowStart, livemode }) > now) return 'waits';
  const key = deliveryKey(delivery.destination, delivery.event, delivery_shards);
  const failed = ended(delivery, delivery, { status: 'failed', reason: 'retry_window_over' }, now);
  // Else somebody else has just written it: the next round sees what.
  return (await recordDelivery(key, delivery, failed)) ? 'fails' : 'waits';
}
