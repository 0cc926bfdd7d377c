import { type Expression, type Item, type Key, registry } from '../aws/table.ts';
import type { Destination } from '../destinations/destination.ts';
import { waitsFor } from '../sources/source.ts';
import { oldestReadable } from '../time.ts';

/**
 * The operator's switch: what is paused is held (`paused`) until it is resumed, and the time counts against no retry
 * window. One item says what is paused globally and by Region; a single destination says it of itself. Both say when, for
 * what the circuit breaker had held already.
 */
export interface Pauses {
  readonly all: boolean;
  /** AWS Regions of amazon_eventbridge destinations. */
  readonly regions: readonly string[];
  /** When everything (`all`) and each Region (its name) was paused, as far back as it may count. */
  readonly history: Readonly<Record<string, readonly Pause[]>>;
  /** Grows with each write. */
  readonly revision: number;
}

/** From an instant until another, ms; without one it goes on. */
export interface Pause {
  readonly from: number;
  readonly until?: number;
}

/** Of each scope. */
const MOST_KEPT = 50;

export const PAUSES_KEY: Key = { pk: 'pauses', sk: 'pauses' };

export const toPauses = (item: Item | undefined): Pauses => ({
  all: item?.all === true,
  regions: (item?.regions as string[] | undefined) ?? [],
  history: (item?.history as Pauses['history'] | undefined) ?? {},
  revision: Number(item?.revision ?? 0),
});

export const findPauses = async (): Promise<Pauses> => toPauses(await registry().get(PAUSES_KEY));

/** Records what was made of them. False when there are others by now. */
export function recordPauses({ revision }: Pauses, after: Omit<Pauses, 'revision'>): Promise<boolean> {
  const condition: Expression =
    revision === 0
      ? { expression: 'attribute_not_exists(revision)' }
      : { expression: 'revision = :seen', values: { ':seen': revision } };
  return registry().put({ ...PAUSES_KEY, ...after, revision: revision + 1 }, condition);
}

const regionOf = (destination: Destination): string | undefined =>
  destination.type === 'amazon_eventbridge' ? destination.amazon_eventbridge.aws_region : undefined;

export const isPaused = ({ all, regions }: Pick<Pauses, 'all' | 'regions'>, destination: Destination): boolean =>
  all || destination.paused === true || regions.includes(regionOf(destination) ?? '');

/** When the destination was paused, by whichever scope, or waited for its source: neither is charged to it. */
export const pausesOf = ({ history }: Pauses, destination: Destination): Pause[] => [
  ...(destination.type === 'amazon_eventbridge' ? waitsFor(destination.source) : []),
  ...(history.all ?? []),
  ...(history[regionOf(destination) ?? ''] ?? []),
  ...(destination.pauses ?? []),
];

/** The history once a pause has begun, or ended. */
export function historyAfter(history: readonly Pause[] = [], paused: boolean, now: number): Pause[] {
  // Nothing is pending for longer than events are kept.
  const recent = history.filter(({ until = now }) => until >= oldestReadable(now)).slice(-MOST_KEPT);
  const last = recent.at(-1);
  const isOn = last !== undefined && last.until === undefined;
  if (paused) return isOn ? recent : [...recent, { from: now }];
  return isOn ? [...recent.slice(0, -1), { from: last.from, until: now }] : recent;
}

/** How long it was paused between two instants, ms. */
export function pausedBetween(pauses: readonly Pause[], from: number, until: number): number {
  let [paused, counted] = [0, from];
  for (const pause of pauses.toSorted((a, b) => a.from - b.from)) {
    const begin = Math.max(pause.from, counted);
    const end = Math.min(pause.until ?? until, until);
    if (end <= begin) continue;
    paused += end - begin;
    counted = end;
  }
  return paused;
}
