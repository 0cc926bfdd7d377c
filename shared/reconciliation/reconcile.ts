import { findAccount, scanAccounts } from '../accounts/account.ts';
import { env } from '../aws/env.ts';
import { sendMessages } from '../aws/queue.ts';
import type { Item, Key } from '../aws/table.ts';
import { messageOfRecord } from '../deliveries/message.ts';
import { ensureWakeUp } from '../deliveries/slot.ts';
import { deliveryPartition, findNeighbours, undeliveredPartition } from '../deliveries/store.ts';
import type { Destination } from '../destinations/destination.ts';
import { findDestination, scanDestinations } from '../destinations/store.ts';
import { findTombstone, scanTombstones, type Tombstone } from '../destinations/tombstone.ts';
import { eventPartition, refOf, toRecordedHead } from '../events/store.ts';
import { probed } from '../health/health.ts';
import { findHealth, recordHealth } from '../health/store.ts';
import { dayOf } from '../ids.ts';
import { type Position, stretchOf } from '../lists/stretch.ts';
import { walkDays } from '../lists/walk.ts';
import { pack } from '../pack.ts';
import { shardOf, shardsOn } from '../shards.ts';
import { logger } from '../telemetry.ts';
import { DAY, HOUR, MINUTE, oldestReadable, SECOND } from '../time.ts';
import { examine, type Found } from './examine.ts';
import { probeIsOverdue } from './finding.ts';
import type { PartOf, ReconciliationMessage, Suspect } from './message.ts';
import { repair } from './repair.ts';
import { endExpired, oldestPending } from './retention.ts';

/** A daily round looks at the events of two days: a producer may date an event back by one. */
const EVENTS_OF = 2 * DAY + HOUR;
/** A part works for so long, then hands on. */
const BUDGET = 8 * MINUTE;
const CHUNK = 200;
/** A chunk's suspects, sixteen for each event at most, can be over what SQS takes in a message. */
const IN_MESSAGE = { count: CHUNK, bytes: 200_000 };
/** What does not look right may just be on its way. */
const LOOK_AGAIN_AFTER = 5 * MINUTE;

/** The parts of a round: two for each account and one for each destination, of which deliveries can still be read. */
export async function planReconciliation(): Promise<void> {
  const parts: ReconciliationMessage[] = [];
  for await (const { id: account, livemode } of scanAccounts()) parts.push({ v: 1, kind: 'events', account, livemode });
  for await (const { id, account, livemode } of scanDestinations())
    parts.push({ v: 1, kind: 'deliveries', account, livemode, destination: id });
  for await (const { id, account, livemode } of scanTombstones(oldestReadable(Date.now())))
    parts.push({ v: 1, kind: 'deliveries', account, livemode, destination: id });
  await send(parts);
}

/** Works on a part. Returns how many deliveries, or breakers, there were that nothing would have brought back. */
export async function reconcile(part: ReconciliationMessage): Promise<number> {
  switch (part.kind) {
    case 'events':
      await reconcileEvents(part);
      return 0;
    case 'deliveries':
      return reconcileDeliveries(part);
    case 'suspects': {
      const found = await examine(part.suspects, { now: Date.now() });
      await repair(found);
      return found.length;
    }
  }
}

async function reconcileEvents(part: PartOf<'events'>): Promise<void> {
  const account = await findAccount(part.account, part.livemode);
  if (!account) return;
  const now = Date.now();
  const range = { from: now - EVENTS_OF, until: now - HOUR };
  const partition = (day: string, shard: number) => eventPartition(part, day, shard);
  const items = walkDays(
    { shards: account.event_shards, partition, pageSize: CHUNK, eventually: true },
    stretchOf({ prefix: 'evt', livemode: part.livemode }, range, positionOf(part)),
  );
  await inChunks(items, part, async (chunk) => {
    const suspects = chunk.flatMap((item) => suspectsOf(item, account.event_shards));
    // Of all else the part of their destination takes care.
    const found = await examine(suspects, { now: Date.now(), eventually: true, attemptsOnly: true });
    await lookAgain(found.filter(({ finding }) => finding === 'never_attempted'));
  });
}

/** Of each destination that matched the event and was to get it, the first attempt. */
function suspectsOf(item: Item, shards: Parameters<typeof shardsOn>[0]): Suspect[] {
  const { id, account, livemode, type, destinations } = toRecordedHead(item);
  const origin = { account, shard: shardOf(id, shardsOn(shards, dayOf(id))) };
  return destinations
    .filter(({ disabled }) => !disabled)
    .map((to) => ({
      type: to.type,
      message: messageOfRecord({ event: id, event_type: type, origin, next: 1 }, refOf(to, livemode)),
    }));
}

/** Also of a destination that was deleted: there is something on its way to it until that is canceled. */
type Whose = Destination | Tombstone;

async function reconcileDeliveries(part: PartOf<'deliveries'>): Promise<number> {
  const ref = { ...part, id: part.destination };
  const destination = await findDestination(ref);
  const whose: Whose | undefined = destination ?? (await findTombstone(ref));
  if (!whose) return 0;
  const { id, livemode, delivery_shards: shards } = whose;
  const now = Date.now();
  const overdue = destination ? await reviveProbes(destination, now) : 0;
  const range = { from: oldestPending(now), until: now };
  const partition = (day: string, shard: number) => undeliveredPartition(deliveryPartition(id, day, shard));
  const keys = walkDays(
    { shards, partition, index: 'undelivered', pageSize: CHUNK },
    stretchOf({ prefix: 'evt', livemode }, range, positionOf(part)),
  );
  await inChunks(keys, part, async (chunk) => {
    await lookAgain(await examinePending(chunk, whose));
  });
  return overdue;
}

/** The index says what is not delivered; of that, only what is pending is anybody's to bring back. */
async function examinePending(keys: readonly Key[], destination: Whose): Promise<Found[]> {
  const known = await findNeighbours(
    keys.map(({ pk, sk }) => ({ pk, sk })),
    { eventually: true },
  );
  const pending = [...known.values()].filter(({ status }) => status === 'pending');
  const left = await endExpired(pending, destination);
  const suspects = left.map((delivery) => ({
    type: destination.type,
    message: messageOfRecord(delivery, destination),
  }));
  return examine(suspects, { now: Date.now(), eventually: true, known });
}

/** An open breaker without a wake-up ahead of it gets a new one. A disabled destination holds nothing, and needs none. */
async function reviveProbes(destination: Destination, now: number): Promise<number> {
  if (destination.status === 'disabled') return 0;
  const health = await findHealth(destination);
  if (!probeIsOverdue(health, now)) return 0;
  const next = probed(destination.id, health, now);
  if (next.probe_at !== undefined) await ensureWakeUp(destination, next.probe_at);
  await recordHealth(destination, health, next);
  logger.error('A circuit breaker was open without a probe to come', { destination: destination.id });
  return 1;
}

/** What does not look right is looked at again in some minutes, before anything is made of it. */
async function lookAgain(found: readonly Found[]): Promise<void> {
  const suspects = found.map(({ suspect }) => suspect);
  const together = pack(suspects, IN_MESSAGE, (suspect) => Buffer.byteLength(JSON.stringify(suspect)));
  if (together.length === 0) return;
  await send(
    together.map((of) => ({ v: 1, kind: 'suspects', suspects: of })),
    LOOK_AGAIN_AFTER,
  );
}

/** Works through the items; what is left when the time is over is another message's. */
async function inChunks<T extends Key>(
  items: AsyncIterable<T>,
  part: PartOf<'events'> | PartOf<'deliveries'>,
  work: (chunk: T[]) => Promise<void>,
): Promise<void> {
  const startedAt = Date.now();
  let chunk: T[] = [];
  for await (const item of items) {
    chunk.push(item);
    if (chunk.length < CHUNK) continue;
    await work(chunk);
    if (Date.now() - startedAt > BUDGET) return send([{ ...part, after: item.sk }]);
    chunk = [];
  }
  if (chunk.length > 0) await work(chunk);
}

const positionOf = ({ after }: { readonly after?: string | undefined }): Position | undefined =>
  after === undefined ? undefined : { direction: 'older', id: after };

async function send(parts: readonly ReconciliationMessage[], delay = 0): Promise<void> {
  const failed = await sendMessages(
    env('RECONCILIATIONS_QUEUE_URL'),
    parts.map((part) => ({
      body: JSON.stringify(part),
      group: part.kind === 'suspects' ? 'suspects' : part.account,
      delaySeconds: delay / SECOND,
    })),
  );
  if (failed.size > 0) throw new Error(`SQS did not take ${failed.size} parts of the reconciliation`);
}
