import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayOf, derivedId, isId, newId, timeOf } from '../../../shared/ids.ts';

const instant = fc.integer({ min: 1, max: Date.UTC(2100, 0, 1) });

describe('ids', () => {
  it('say which mode they are of and when they were made', () => {
    const at = Date.UTC(2026, 10, 21, 23, 59, 59, 999);
    const id = newId('evt', false, at);
    expect(id).toMatch(/^evt_test_[0-9A-Z]{26}$/);
    expect(timeOf(id)).toBe(at);
    expect(dayOf(id)).toBe('2026-11-21');
    expect(newId('ed', true, at)).toMatch(/^ed_[0-9A-Z]{26}$/);
  });

  it('sort as text in the order of their times', () => {
    fc.assert(
      fc.property(instant, instant, (a, b) => {
        const [early, late] = [Math.min(a, b), Math.max(a, b)];
        expect(early === late || newId('evt', true, early) < newId('evt', true, late)).toBe(true);
      }),
    );
  });

  it('are derived alike from the same name and time, and differ for another', () => {
    fc.assert(
      fc.property(instant, fc.string(), fc.string(), (at, name, other) => {
        const id = derivedId('evt', true, at, name);
        expect(isId('evt', true, id)).toBe(true);
        expect(timeOf(id)).toBe(at);
        expect(derivedId('evt', true, at, name)).toBe(id);
        if (name !== other) expect(derivedId('evt', true, at, other)).not.toBe(id);
      }),
    );
  });

  it('are refused for the other mode, another kind, or a text that only looks alike', () => {
    const id = newId('evt', false, 0);
    expect(isId('evt', false, id)).toBe(true);
    expect(isId('evt', true, id)).toBe(false);
    expect(isId('ed', false, id)).toBe(false);
    expect(isId('evt', false, `${id}A`)).toBe(false);
    expect(isId('evt', false, id.replace(/.$/, 'U'))).toBe(false);
    expect(isId('evt', false, id.replace('test_0', 'test_8'))).toBe(false);
  });
});
