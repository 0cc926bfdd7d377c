import { DAY, MINUTE } from '../time.ts';

/** How far from its publishing an event may be dated, ms: a queue of its producer's was stuck, or its clock is ahead. */
export const DATED = { back: DAY, ahead: 5 * MINUTE } as const;

/** The instant nearest to `at` by which what was published at `publishedAt` may be dated. */
export const nearestDate = (at: number, publishedAt: number): number =>
  Math.min(Math.max(at, publishedAt - DATED.back), publishedAt + DATED.ahead);
