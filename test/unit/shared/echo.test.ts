import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  confirmedBy,
  type Echo,
  observationOf,
  probeIsDue,
  withoutProbe,
  withProbe,
} from '../../../shared/sources/modes/echo.ts';

const START = Date.UTC(2026, 10, 21);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('an echo', () => {
  it('is asked for every minute until it comes, then once a day', () => {
    expect(probeIsDue(undefined, START)).toBe(true);
    const probed = withProbe(undefined, 'a', START);
    expect(probeIsDue(probed, START + 30_000)).toBe(false);
    expect(probeIsDue(probed, START + MINUTE)).toBe(true);
    const confirmed = confirmedBy(probed, 'a', START + 1000);
    expect(probeIsDue(confirmed, START + DAY - 1)).toBe(false);
    expect(probeIsDue(confirmed, START + DAY)).toBe(true);
  });

  it('confirms what was put before its probe was sent, not before it came back', () => {
    const confirmed = confirmedBy(withProbe(undefined, 'a', START), 'a', START + 5 * MINUTE);
    expect(observationOf(confirmed, START + 5 * MINUTE)).toEqual({ state: 'ACTIVE', confirmedAt: START });
  });

  it('is missed only when it was asked for: a day in which nobody probed says nothing', () => {
    const confirmed = confirmedBy(withProbe(undefined, 'a', START), 'a', START);
    const late = START + 3 * DAY;
    expect(observationOf(confirmed, late)).toMatchObject({ state: 'ACTIVE' });
    const probed = withProbe(confirmed, 'b', late);
    expect(observationOf(probed, late + HOUR - 1)).toMatchObject({ state: 'ACTIVE' });
    expect(observationOf(probed, late + HOUR)).toEqual({ state: 'SILENT' });
  });

  it('is not missed for a probe that could not be put: a Region in trouble for hours says nothing of the bus', () => {
    const confirmed = confirmedBy(withProbe(undefined, 'a', START), 'a', START);
    const failed = withoutProbe(confirmed, withProbe(confirmed, 'b', START + DAY));
    expect(confirmedBy(failed, 'b', START + DAY)).toBeUndefined();
    const hoursLater = START + DAY + 5 * HOUR;
    expect(observationOf(withProbe(failed, 'c', hoursLater), hoursLater)).toMatchObject({ state: 'ACTIVE' });
  });

  it('takes no token twice, none that is older than ten minutes, and none that it never sent', () => {
    const steps = fc.array(
      fc.record({ wait: fc.integer({ min: 0, max: 15 * MINUTE }), back: fc.option(fc.integer({ min: 0, max: 9 })) }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(steps, (all) => {
        let now = START;
        let echo: Echo | undefined;
        const sent: { hash: string; at: number }[] = [];
        const used = new Set<string>();
        for (const { wait, back } of all) {
          now += wait;
          const probe = back === null ? undefined : sent.at(-1 - back);
          if (!probe || !echo) {
            const hash = `token ${sent.length}`;
            echo = withProbe(echo, hash, now);
            sent.push({ hash, at: now });
            continue;
          }
          expect(confirmedBy(echo, 'never sent', now)).toBeUndefined();
          const after = confirmedBy(echo, probe.hash, now);
          if (after) {
            expect(used.has(probe.hash)).toBe(false);
            expect(now - probe.at).toBeLessThan(10 * MINUTE);
            expect(observationOf(after, now)).toEqual({ state: 'ACTIVE', confirmedAt: probe.at });
            used.add(probe.hash);
            echo = after;
          }
        }
      }),
    );
  });
});
