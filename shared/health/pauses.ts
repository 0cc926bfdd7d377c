import { type Item, type Key, registry } from '../aws/table.ts';
import type { Destination } from '../destinations/destination.ts';

/**
 * The operator's switch: what is paused is held (`paused`) until it is resumed, and the time counts against no retry
 * window. One item says what is paused globally and by Region; a single destination says it of itself.
 */
export interface Pauses {
  readonly all: boolean;
  /** AWS Regions of amazon_eventbridge destinations. */
  readonly regions: readonly string[];
}

export const PAUSES_KEY: Key = { pk: 'pauses', sk: 'pauses' };

export const toPauses = (item: Item | undefined): Pauses => ({
  all: item?.all === true,
  regions: (item?.regions as string[] | undefined) ?? [],
});

export const findPauses = async (): Promise<Pauses> => toPauses(await registry().get(PAUSES_KEY));

export async function recordPauses({ all, regions }: Pauses): Promise<void> {
  await registry().put({ ...PAUSES_KEY, all, regions });
}

export const isPaused = ({ all, regions }: Pauses, destination: Destination): boolean =>
  all ||
  destination.paused === true ||
  (destination.type === 'amazon_eventbridge' && regions.includes(destination.amazon_eventbridge.aws_region));
