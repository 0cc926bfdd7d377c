import * as z from 'zod/mini';
import { startRetry } from '../aws/executions.ts';
import { legible } from '../aws/legible.ts';
import { type Item, type Key, ledger } from '../aws/table.ts';
import type { Addressee } from '../destinations/destination.ts';
import { typeNames } from '../destinations/types.ts';
import { timeOf } from '../ids.ts';
import { DAY, expiry, isoTime, unixSeconds } from '../time.ts';
import { DeliveryMessage, withoutContent } from './message.ts';

/**
 * A scheduled retry waits in its destination's slot: one item for an event, in the partition of the slot's end. The wake-up
 * is one execution of the `retry` state machine for each destination and slot. Its name is the lock; there is no lease and
 * nothing to clean up: while it runs a second start is the same execution, and once it has run it is never needed again,
 * because a slot is only chosen while it is more than 15 minutes ahead. A start that fails fails the message that asked for
 * it, and the message comes again.
 */
const partition = (destination: string, slot: number) => `${destination}#slot#${slot}`;

/** Says that the wake-up was started, which spares all but the first the call. Outside of the range of event ids. */
const markerKey = (destination: string, slot: number): Key => ({ pk: partition(destination, slot), sk: 'started' });

export interface SlotItem {
  readonly key: Key;
  /** The message to send when the slot ends; without the content, which is read from the Ledger. */
  readonly message: DeliveryMessage;
}

export async function putInSlot(message: DeliveryMessage, slot: number): Promise<void> {
  const key = { pk: partition(message.destination, slot), sk: message.event };
  await ledger().put({ ...key, message: withoutContent(message), ttl: expiry(timeOf(message.event)) });
}

/** Sent and deleted by the slot's one wake-up; a redo would put and send the same once more, so there is no condition. */
export const takeFromSlot = ({ key }: SlotItem): Promise<boolean> => ledger().delete(key);

/** Everything that waits in a slot, the oldest event first. */
export async function* listSlot(destination: string, slot: number): AsyncGenerator<SlotItem> {
  const values = { ':pk': partition(destination, slot), ':first': 'evt_', ':last': 'evt_~' };
  const expression = 'pk = :pk AND sk BETWEEN :first AND :last';
  yield* legible(ledger().query({ expression, values, pageSize: 100 }), toSlotItem);
}

const toSlotItem = (item: Item): SlotItem => ({
  key: { pk: item.pk, sk: item.sk },
  message: { ...DeliveryMessage.parse(item.message), again: true },
});

/** What the state machine `retry` is started with, and its function invoked with. `v` is the schema's version. */
const WakeUp = z.object({
  v: z.literal(1),
  destination: z.string(),
  type: z.enum(typeNames),
  owner: z.string(),
  livemode: z.boolean(),
  /** The slot's end, ms. */
  slot: z.number(),
  /** The same, as the machine waits for it. */
  until: z.string(),
});
export type WakeUp = z.infer<typeof WakeUp>;

/** Throws for what another version started: the machine asks again, until one that knows it is deployed. */
export const parseWakeUp = (input: unknown): WakeUp => WakeUp.parse(input);

/** Wake-ups that this sandbox has started or found started, or is about to: a batch starts a slot once. */
const known = new Map<string, Promise<void>>();
const MOST_KNOWN = 10_000;

/** Makes sure that the destination wakes up at the end of the slot. Throws when that is not certain. */
export function ensureWakeUp(of: Addressee, slot: number): Promise<void> {
  const name = `${of.id}-${unixSeconds(slot)}`;
  const ensuring = known.get(name) ?? ensure(name, of, slot);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(name, ensuring);
  ensuring.catch(() => known.delete(name));
  return ensuring;
}

async function ensure(name: string, { id: destination, account: owner, type, livemode }: Addressee, slot: number) {
  const marker = markerKey(destination, slot);
  if (await ledger().get(marker)) return;
  const input: WakeUp = { v: 1, destination, type, owner, livemode, slot, until: isoTime(slot) };
  await startRetry(name, input);
  await ledger().put({ ...marker, ttl: unixSeconds(slot + DAY) });
}
