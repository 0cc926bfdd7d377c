import type { Destination } from '../destinations/destination.ts';
import { timeOf } from '../ids.ts';
import { type Held, peekHeld, takeOut } from './held.ts';
import type { Waiting } from './stagger.ts';

/** From how many items at an end one of another type is looked for. */
const LOOK_AT = 20;

/**
 * The held deliveries that go out as probes: the oldest, the newest and one in between, of different event types where
 * there are some, so that a receiver that chokes on one type of event does not stay closed to all.
 */
export async function chooseProbes({ id, livemode, delivery_shards }: Destination): Promise<Waiting[]> {
  const at = { destination: id, livemode, shards: delivery_shards, limit: LOOK_AT };
  const [oldest] = await peekHeld(at);
  if (!oldest) return [];
  const chosen = [oldest];
  const add = (candidates: readonly Held[]) => {
    const others = candidates.filter(({ message }) => chosen.every((one) => one.message.event !== message.event));
    const another = others.find(({ message }) => chosen.every((one) => one.message.event_type !== message.event_type));
    const next = another ?? others[0];
    if (next) chosen.push(next);
  };
  const newest = await peekHeld({ ...at, newestFirst: true });
  add(newest);
  const [from, until] = [timeOf(oldest.message.event), timeOf(chosen.at(-1)?.message.event ?? oldest.message.event)];
  const between = await peekHeld({ ...at, from: Math.floor(from + Math.random() * (until - from)) });
  // The instant may be after the first event of the last item.
  add(between.length > 0 ? between : newest);
  return [...Map.groupBy(chosen, ({ item }) => item.key.sk)].flatMap(([, of]) => toWaiting(of));
}

/** The probes from one item, which are taken out of it together. */
function toWaiting(chosen: readonly Held[]): Waiting[] {
  const [first] = chosen;
  if (!first) return [];
  const events = new Set(chosen.map(({ message }) => message.event));
  const messages = chosen.map(({ message }) => ({ ...message, probe: true as const }));
  return [{ messages, done: () => takeOut(first.item, events) }];
}
