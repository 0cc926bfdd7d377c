import { describe, expect, it } from 'vitest';
import { parseWakeUp } from '../../../shared/deliveries/slot.ts';
import { slotEnd } from '../../../shared/retry/slots.ts';
import { HOUR, MINUTE } from '../../../shared/time.ts';

const now = Date.UTC(2026, 10, 21, 10, 17, 3);
const end = (destination: string, delay: number) => slotEnd(destination, now + delay, delay);

describe('the slots of scheduled retries', () => {
  it('end at or after the time that they are for, by no more than a quarter of the delay or 15 minutes', () => {
    for (let minutes = 15; minutes < 16 * 60; minutes += 7) {
      const delay = minutes * MINUTE;
      const late = end('ed_1', delay) - (now + delay);
      expect(late).toBeGreaterThanOrEqual(0);
      expect(late).toBeLessThan(Math.max(15 * MINUTE, delay / 4));
    }
  });

  it('are few ahead of a destination at any time, because their grids are nested', () => {
    const ends = new Set(
      Array.from({ length: 5000 }, (_, index) => end('ed_1', 15 * MINUTE + (index * 13.2 * HOUR) / 5000)),
    );
    expect(ends.size).toBeLessThanOrEqual(40);
  });

  it('end at whole seconds, and at other times for other destinations', () => {
    const ends = Array.from({ length: 100 }, (_, index) => end(`ed_${index}`, HOUR));
    expect(ends.every((at) => at % 1000 === 0)).toBe(true);
    expect(new Set(ends).size).toBeGreaterThan(80);
  });
});

describe('the input of a wake-up', () => {
  const input = { v: 1, destination: 'ed_1', type: 'webhook_endpoint', owner: 'acct_1', livemode: true, slot: now };

  it('is refused when another version wrote it: the machine keeps it until that version is deployed', () => {
    const until = '2026-11-21T10:17:03Z';
    expect(parseWakeUp({ ...input, until })).toEqual({ ...input, until });
    expect(() => parseWakeUp({ ...input, until, v: 2 })).toThrow();
  });
});
