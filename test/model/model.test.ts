import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { SMALL, STEPPING } from './instances.ts';
import { RULES } from './rules.ts';

// Some twenty thousand worlds a second on a machine that has nothing else to do.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

interface Outcome {
  readonly code: number | null;
  readonly output: string;
}

/** Each process loads the product anew, and most of that is compiling. */
const NODE_COMPILE_CACHE = fileURLToPath(new URL('../../node_modules/.cache/model', import.meta.url));

/** The checker in a process of its own: it takes AWS and the clock away from whatever is loaded there. */
const check = (...args: string[]): Promise<Outcome> =>
  new Promise((resolve) => {
    const options = { env: { ...process.env, NODE_COMPILE_CACHE } };
    const child = execFile(process.execPath, ['test/model/main.ts', ...args], options, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode, output: stdout + stderr }),
    );
  });

describe.each([
  { what: 'the order of writes', instances: SMALL, args: [] },
  { what: 'what is done in steps', instances: STEPPING, args: ['--steps'] },
])('$what, in every interleaving of a small world', ({ instances, args }) => {
  let all: Outcome;
  beforeAll(async () => {
    all = await check(...args);
  });

  it.each(instances)('loses nothing, ends everything and repeats nothing for nothing: $name', ({ name }) => {
    const explored = all.output.split('\n').find((line) => line.startsWith(`${name}: `));
    expect(explored, all.output).toContain('"complete":true');
  });

  it('has no counter-example', () => {
    expect(all.code, all.output).toBe(0);
  });
});

describe('without one of its rules the checker finds what goes wrong', () => {
  it.each(RULES)('$name', async ({ name, violates }) => {
    const { code, output } = await check('--without', name);
    expect(code, output).toBe(1);
    expect(output.trimEnd().split('\n').at(-1)).toMatch(violates);
  });
});
