import { DATED } from '../../../shared/events/publishing-time.ts';
import type { TimeRange } from '../../../shared/lists/stretch.ts';
import { oldestReadable } from '../../../shared/time.ts';

/** What can be read at all: thirty days back, and as far ahead as a producer's clock may be. */
export const readable = (now: number): TimeRange => ({ from: oldestReadable(now), until: now + DATED.ahead + 1 });
