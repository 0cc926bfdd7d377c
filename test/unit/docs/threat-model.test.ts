import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const rows = readFileSync('docs/threat-model.md', 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| threat'));

describe('the threat model', () => {
  it('names for every threat a test that exists', () => {
    expect(rows.length).toBeGreaterThanOrEqual(15);
    for (const row of rows) {
      const [test = ''] = /test\/\S+\.test\.ts/.exec(row.split('|').at(-2) ?? '') ?? [];
      expect(existsSync(test), row).toBe(true);
    }
  });
});
