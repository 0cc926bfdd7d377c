import { dayOf, firstIdAt, type Prefix, timeOf } from '../ids.ts';
import { DAY, isoTime } from '../time.ts';

/** From an instant up to, and without, another; ms since the epoch. */
export interface TimeRange {
  readonly from: number;
  readonly until: number;
}

/** A place in a list that runs from the newest id to the oldest: what is asked for is older or newer than this id. */
export interface Position {
  readonly direction: 'older' | 'newer';
  readonly id: string;
}

/** The part of a list that is to be read: the ids between two edges (both exclusive), and the order in which. */
export interface Stretch {
  readonly above: string;
  readonly below: string;
  readonly newestFirst: boolean;
}

/** The part of a list within a time range, from a position on: nearest to it first, so that a page is its beginning. */
export function stretchOf(
  { prefix, livemode }: { readonly prefix: Prefix; readonly livemode: boolean },
  { from, until }: TimeRange,
  position: Position | undefined,
): Stretch {
  const above = firstIdAt(prefix, livemode, from);
  const below = firstIdAt(prefix, livemode, until);
  if (!position) return { above, below, newestFirst: true };
  const { id } = position;
  return position.direction === 'older'
    ? { above, below: [id, below].toSorted()[0] ?? below, newestFirst: true }
    : { above: [id, above].toSorted()[1] ?? above, below, newestFirst: false };
}

export const intersection = (a: TimeRange, b: TimeRange): TimeRange => ({
  from: Math.max(a.from, b.from),
  until: Math.min(a.until, b.until),
});

/** The UTC days that the stretch reaches into, in its order. */
export function daysOf({ above, below, newestFirst }: Stretch): string[] {
  if (above >= below) return [];
  const first = Date.parse(dayOf(above));
  const days = Array.from({ length: Math.floor((timeOf(below) - first) / DAY) + 1 }, (_, day) =>
    isoTime(first + day * DAY).slice(0, 10),
  );
  return newestFirst ? days.reverse() : days;
}
