import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const rows = readFileSync('docs/threat-model.md', 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| threat'));

describe('the threat model', () => {
  it('names for every threat tests that exist', () => {
    expect(rows.length).toBeGreaterThanOrEqual(15);
    for (const row of rows) {
      const tests = (row.split('|').at(-2) ?? '').split(',').map((name) => name.trim());
      for (const test of tests) {
        expect(test).toMatch(/^test\/.+\.test\.ts$/);
        expect(existsSync(test), test).toBe(true);
      }
    }
  });
});
