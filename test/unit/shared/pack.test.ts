import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pack } from '../../../shared/pack.ts';

describe('packing batches', () => {
  it('keeps every item once and in order, within both limits, and never splits needlessly', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 300 })),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 256 }),
        (sizes, count, bytes) => {
          const batches = pack(sizes, { count, bytes }, (size) => size);
          const total = (batch: number[]) => batch.reduce((sum, size) => sum + size, 0);
          expect(batches.flat()).toEqual(sizes);
          for (const [index, batch] of batches.entries()) {
            expect(batch.length).toBeLessThanOrEqual(count);
            if (batch.length > 1) expect(total(batch)).toBeLessThanOrEqual(bytes);
            const next = batches[index + 1]?.[0];
            if (next !== undefined) expect(batch.length === count || total(batch) + next > bytes).toBe(true);
          }
        },
      ),
    );
  });
});
