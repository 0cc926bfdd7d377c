import type { TimeRange } from '../../../shared/lists/stretch.ts';
import { SECOND } from '../../../shared/time.ts';

const BOUNDS = ['gt', 'gte', 'lt', 'lte'] as const;
type Bound = (typeof BOUNDS)[number];
export type CreatedBounds = { readonly [bound in Bound]?: string | undefined };

/** What is strictly after, or up to and with, an instant begins or ends one unit later. */
const UNITS_LATER = { gt: 1, gte: 0, lt: 0, lte: 1 } as const;

const UNIX_SECONDS = /^\d{1,11}$/;
export const isUnixSeconds = (text: string): boolean => UNIX_SECONDS.test(text);

/** `created[gte]=1735689600` in API v1, where events are created in a whole second. */
export const rangeInSeconds = (bounds: CreatedBounds): TimeRange =>
  toRange(bounds, (seconds, bound) => (Number(seconds) + UNITS_LATER[bound]) * SECOND);

/** In API v2 events are created at a millisecond, written as RFC 3339; JS Dates arrive as unix seconds. */
export const rangeInMilliseconds = (bounds: CreatedBounds): TimeRange =>
  toRange(bounds, (text, bound) => {
    if (!isUnixSeconds(text)) return Date.parse(text) + UNITS_LATER[bound];
    // The SDK cut the Date's milliseconds off: rather too much is shown than what the Date was meant to include.
    return Number(text) * SECOND + (bound === 'lte' ? SECOND : UNITS_LATER[bound]);
  });

function toRange(bounds: CreatedBounds, edge: (text: string, bound: Bound) => number): TimeRange {
  const edges = (of: readonly Bound[]) => of.flatMap((bound) => (bounds[bound] ? [edge(bounds[bound], bound)] : []));
  return { from: Math.max(0, ...edges(['gt', 'gte'])), until: Math.min(Infinity, ...edges(['lt', 'lte'])) };
}
