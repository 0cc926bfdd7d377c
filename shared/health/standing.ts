import { type Item, type Key, nameOf, registry } from '../aws/table.ts';
import { type Destination, type DestinationRef, destinationKey, toDestination } from '../destinations/destination.ts';
import { type Health, WELL } from './health.ts';
import { isPaused, PAUSES_KEY, type Pause, pausesOf, toPauses } from './pauses.ts';
import { healthKey, toHealth } from './store.ts';

/** Everything about a destination that decides whether it is attempted. */
export interface Standing {
  /** Absent when it was deleted. */
  readonly destination: Destination | undefined;
  readonly health: Health;
  readonly paused: boolean;
  /** When it was, or waited for its source, as far back as it may count. */
  readonly pauses: readonly Pause[];
}

export const GONE: Standing = { destination: undefined, health: WELL, paused: false, pauses: [] };

/** Reads the standings of many destinations strongly, by id, in one request for up to fifty of them. */
export async function findStandings(refs: readonly DestinationRef[]): Promise<Map<string, Standing>> {
  const items = await registry().getAll([PAUSES_KEY, ...refs.flatMap((ref) => [destinationKey(ref), healthKey(ref)])]);
  const found = new Map(items.map((item) => [nameOf(item), item]));
  const at = (key: Key): Item | undefined => found.get(nameOf(key));
  const pauses = toPauses(at(PAUSES_KEY));
  return new Map(
    refs.map((ref): [string, Standing] => {
      const item = at(destinationKey(ref));
      const destination = item && toDestination(item);
      const health = toHealth(at(healthKey(ref)));
      if (!destination) return [ref.id, { ...GONE, health }];
      const paused = isPaused(pauses, destination);
      return [ref.id, { destination, health, paused, pauses: pausesOf(pauses, destination) }];
    }),
  );
}

export const findStanding = async (ref: DestinationRef): Promise<Standing> =>
  (await findStandings([ref])).get(ref.id) ?? GONE;
