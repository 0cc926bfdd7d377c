import { createHash } from 'node:crypto';
import { HOUR, MINUTE } from '../time.ts';

/**
 * A retry that is more than a quarter of an hour ahead is due at the end of a slot: one wake-up serves every delivery of
 * a destination that is due then, so that the cost of waiting does not grow with the number of failing events.
 *
 * The widths divide each other, and a destination's grids are shifted by a hash of its id: it has some twenty slots ahead
 * of it at most, and destinations do not all wake at once.
 */
const WIDTHS = [15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR] as const;
const [NARROWEST] = WIDTHS;
const WIDEST = 8 * HOUR;

/** A delay up to this is waited for in a queue. SQS's longest. */
export const LONGEST_QUEUE_DELAY = 15 * MINUTE;

/** The largest width that is at most a quarter of the delay. */
const widthFor = (delay: number): number => WIDTHS.findLast((width) => width <= delay / 4) ?? NARROWEST;

/** The end (ms) of the destination's slot that `at` lies in; the delay until then says how wide the slot is. */
export function slotEnd(destination: string, at: number, delay: number): number {
  const width = widthFor(delay);
  const shift = shiftOf(destination);
  return Math.ceil((at - shift) / width) * width + shift;
}

/** The end of the last narrow slot that ends by `at`. */
export function lastSlotEndBy(destination: string, at: number): number {
  const shift = shiftOf(destination);
  return Math.floor((at - shift) / NARROWEST) * NARROWEST + shift;
}

/** Whole seconds, so that what is kept and shown is what an execution can wait for. */
function shiftOf(destination: string): number {
  const seconds = createHash('sha256').update(destination).digest().readUInt32BE() % (WIDEST / 1000);
  return seconds * 1000;
}
