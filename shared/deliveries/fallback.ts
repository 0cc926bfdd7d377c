import * as z from 'zod/mini';
import { env } from '../aws/env.ts';
import type { EventBridgeDestination } from '../destinations/destination.ts';
import { findDestination } from '../destinations/store.ts';
import { destinationTypes } from '../destinations/types.ts';
import { stretchOf, type TimeRange } from '../lists/stretch.ts';
import { walkDays } from '../lists/walk.ts';
import { endFallback } from '../sources/store.ts';
import { logger, publishCounts } from '../telemetry.ts';
import { MINUTE, SECOND } from '../time.ts';
import { type Delivery, fallenAttempt, fellBack, SOURCE_FELL_BACK } from './delivery.ts';
import { type Done, type Return, sendReturn } from './fallback-message.ts';
import { holdMessages } from './hold.ts';
import { type DeliveryMessage, messageOfRecord } from './message.ts';
import { eventTimesOf, listLatePuts } from './puts.ts';
import { announceRelease, LONG_ANNOUNCED_SECONDS, requestRelease } from './release-message.ts';
import {
  deliveryKey,
  deliveryPartition,
  findDeliveries,
  recordAttempt,
  recordDelivery,
  recordManualAttempt,
} from './store.ts';

/**
 * When a customer deletes the event bus, its source falls back from ACTIVE to PENDING without a signal, and AWS drops what
 * is put while it still answers success. So a success is firm only once the source is confirmed ACTIVE after it, and at a
 * fallback everything that was put since the last confirmation returns to held:
 *
 *   1. the tracker sends the message that has the range returned, delayed by longer than it can live;
 *   2. it writes PENDING together with `fallback`: from the last confirmation until now. While that is set nothing is
 *      released, whatever the source becomes, and no confirmation makes anything firm;
 *   3. two minutes later, when everybody who had read ACTIVE has recorded what he put or is dead, the range is returned, in
 *      steps: each sends the message of the next, which says where to go on, if the range is still the same then;
 *   4. `fallback` is cleared, unless it grew meanwhile: whoever made it grow sent a message, too.
 *
 * Dying anywhere in 3 does it again: what is returned already is held again, which changes nothing; a copy is put twice.
 */
const ReturnMessage = z.object({
  v: z.literal(1),
  kind: z.literal('fallback'),
  destination: z.string(),
  owner: z.string(),
  livemode: z.boolean(),
  done: z.optional(z.object({ until: z.number(), list: z.enum(['events', 'late_puts']), place: z.string() })),
});
type Place = Pick<Done, 'list' | 'place'>;

/** Longer than the tracker can take to write what it saw, and then the deliver function's time-out. */
const SETTLED_AFTER = 2 * MINUTE;
const CHUNK = 100;
/** What a step looks at: it takes a minute or two of the eleven that the function has. */
const MOST_IN_STEP = 50_000;

/** The destination whose range is to be returned, if that is what the message asks for. */
export function parseFallbackMessage(body: string): Return | undefined {
  const { data } = ReturnMessage.safeParse(JSON.parse(body));
  return data && { id: data.destination, account: data.owner, livemode: data.livemode, done: data.done };
}

/** Returns what was put in the range of the destination's fallback, or as much of it as a step does. */
export async function returnFallback({ done, ...of }: Return): Promise<void> {
  const destination = await findDestination(of);
  // The tracker died before it wrote the state, or another message has done it.
  if (destination?.type !== 'amazon_eventbridge' || !destination.source.fallback) return;
  const { from, until } = destination.source.fallback;
  const early = until + SETTLED_AFTER - Date.now();
  if (early > 0) return sendReturn(of, Math.ceil(early / SECOND));
  // A range that grew meanwhile is gone through from its beginning.
  const start = done?.until === until ? done : undefined;
  const { returned, stoppedAt } = await returnRange(destination, { from, until: until + SETTLED_AFTER }, start);
  publishCounts({ fell_back: returned });
  if (stoppedAt) return sendReturn({ ...of, done: { until, ...stoppedAt } }, 0);
  logger.warn('What was put to a source that had lost its event bus is held again', { ...of, from, until, returned });
  await announceRelease(destination, LONG_ANNOUNCED_SECONDS);
  if (await endFallback(destination, until)) await requestRelease(destination);
}

/** A delivery whose event may have been put in the range. */
interface Candidate {
  readonly event: string;
  /** It was put in the range for certain, by an item of its own. */
  readonly certain: boolean;
  readonly at: Place;
}

interface Step {
  readonly returned: number;
  /** Where there was more to look at than a step does. */
  readonly stoppedAt?: Place;
}

async function returnRange(
  destination: EventBridgeDestination,
  range: TimeRange,
  start: Place | undefined,
): Promise<Step> {
  let [returned, looked] = [0, 0];
  let chunk: Candidate[] = [];
  const flush = async () => {
    returned += await returnAll(destination, chunk, range);
    looked += chunk.length;
    chunk = [];
  };
  for await (const candidate of candidatesIn(destination, range, start)) {
    chunk.push(candidate);
    if (chunk.length < CHUNK) continue;
    await flush();
    if (looked >= MOST_IN_STEP) return { returned, stoppedAt: candidate.at };
  }
  await flush();
  return { returned };
}

/** The events of the range's time, most of which were put at once, and those that were put late; from a place on. */
async function* candidatesIn(
  destination: EventBridgeDestination,
  range: TimeRange,
  start: Place | undefined,
): AsyncGenerator<Candidate> {
  const { id, livemode, delivery_shards: shards } = destination;
  if (start?.list !== 'late_puts') {
    const position = start && ({ direction: 'older', id: start.place } as const);
    const stretch = stretchOf({ prefix: 'evt', livemode }, eventTimesOf(range), position);
    const partition = (day: string, shard: number) => deliveryPartition(id, day, shard);
    for await (const { sk } of walkDays({ shards, partition, pageSize: CHUNK }, stretch))
      yield { event: sk, certain: false, at: { list: 'events', place: sk } };
  }
  const after = start?.list === 'late_puts' ? start.place : undefined;
  for await (const { event, place } of listLatePuts(id, range, after))
    yield { event, certain: true, at: { list: 'late_puts', place } };
}

async function returnAll(destination: EventBridgeDestination, candidates: readonly Candidate[], range: TimeRange) {
  const keyOf = (event: string) => deliveryKey(destination.id, event, destination.delivery_shards);
  // A delivery that was put twice is to be returned once.
  const certain = new Map(candidates.map(({ event, certain }) => [event, certain]));
  const found = await findDeliveries([...certain.keys()].map(keyOf));
  const returned = await Promise.all(
    [...found.values()].map(async (delivery) => {
      const wasFirm = delivery.status === 'delivered' && delivery.updated < range.from;
      if (wasFirm) return certain.get(delivery.event) ? returnCopy(destination, delivery, range) : undefined;
      // What succeeded after the range has been returned already, by another message, and is delivered again.
      const after = returnedFrom(delivery, delivery.updated < range.until, Date.now());
      const recorded = after && (await recordReturn(destination, delivery, after));
      return recorded ? messageOfRecord(after, destination) : undefined;
    }),
  );
  const messages = returned.filter((message) => message !== undefined);
  const { type, delivery_shards: shards } = destination;
  await holdMessages(messages, shards, env(destinationTypes[type].deliveriesQueue));
  return messages.length;
}

/**
 * The event had arrived before, and what was put in the range was a copy that somebody asked for: it stays delivered. The
 * copy's attempt is recorded as the failure that it may have been, and it is put again with what is returned.
 */
async function returnCopy(
  destination: EventBridgeDestination,
  delivery: Delivery,
  { until }: TimeRange,
): Promise<DeliveryMessage> {
  const failure = { ...fallenAttempt(0, Date.now()), manual: true } as const;
  await recordManualAttempt(destination.id, delivery.event, `fell_back_${until}`, failure);
  const message = messageOfRecord(delivery, destination);
  return { ...message, attempt: 0, manual: `again_${until}`, bulk: true } as const;
}

/** As it is after its return; itself when it was returned before. */
function returnedFrom(delivery: Delivery, put: boolean, now: number): Delivery | undefined {
  if (delivery.status === 'delivered') return put ? fellBack(delivery, now) : undefined;
  const waits = delivery.status === 'pending' && delivery.held_by === 'source_pending';
  return waits && delivery.last_attempt?.code === SOURCE_FELL_BACK ? delivery : undefined;
}

/**
 * The delivery, then the attempt; after those of all, the held items: in this order. If this is another try, what follows
 * the delivery is done again.
 */
async function recordReturn(destination: EventBridgeDestination, found: Delivery, after: Delivery): Promise<boolean> {
  const { id, delivery_shards: shards } = destination;
  if (after !== found && !(await recordDelivery(deliveryKey(id, found.event, shards), found, after))) return false;
  if (after.last_attempt) await recordAttempt(id, found.event, after.last_attempt);
  return true;
}
