import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/**
 * What V8 compiled of node_modules, and of what the operator's CLI strips the types of, is kept for the next test file:
 * each is a process of its own and would compile the SDKs anew, as would every call of the CLI.
 */
process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'event-destinations-compile-cache');

/** What takes minutes by itself has a script of its own: `npm run test:long` runs these, and kills at every call. */
const LONG = ['test/e2e/crash-resend.test.ts'];
const all = process.env.CRASHES === 'all';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: all ? [] : LONG,
    // Boots of the embedded cloud share two cores with everything else.
    maxWorkers: 2,
    // A boot on a busy machine takes seconds; the crash tests have a limit of their own.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    globalSetup: ['test/support/synthesize.ts'],
  },
});
