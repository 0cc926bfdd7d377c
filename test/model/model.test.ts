import { execFile } from 'node:child_process';
import { describe, expect, it, vi } from 'vitest';
import { SMALL } from './instances.ts';
import { RULES } from './rules.ts';

// Some ten thousand worlds a second on a machine that has nothing else to do.
vi.setConfig({ testTimeout: 600_000 });

interface Outcome {
  readonly code: number | null;
  readonly output: string;
}

/** The checker in a process of its own: it takes AWS and the clock away from whatever is loaded there. */
const check = (...args: string[]): Promise<Outcome> =>
  new Promise((resolve) => {
    const child = execFile(process.execPath, ['test/model/main.ts', ...args], (_error, stdout, stderr) =>
      resolve({ code: child.exitCode, output: stdout + stderr }),
    );
  });

describe('the order of writes, in every interleaving of a small world', () => {
  it.each(SMALL)('loses nothing, ends everything and repeats nothing for nothing: $name', async ({ name }) => {
    const { code, output } = await check(name);
    expect(output).toContain('"complete":true');
    expect(code, output).toBe(0);
  });
});

describe('without one of its rules the checker finds what goes wrong', () => {
  it.each(RULES)('$name', async ({ name, violates }) => {
    const { code, output } = await check('--without', name);
    expect(code, output).toBe(1);
    expect(output.trimEnd().split('\n').at(-1)).toMatch(violates);
  });
});
