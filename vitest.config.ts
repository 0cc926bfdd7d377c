import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/**
 * What V8 compiled of node_modules, and of what the operator's CLI strips the types of, is kept for the next test file:
 * new processes would compile the SDKs anew, as would every call of the CLI.
 */
process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'event-destinations-compile-cache');

/** What takes minutes by itself has a script of its own: `npm run test:long` runs these, and kills at every call. */
const LONG = ['test/e2e/crash-resend.test.ts'];
const all = process.env.CRASHES === 'all';

/**
 * What these test keeps nothing in its modules that another would see: the files share processes, and each process imports
 * the SDKs once.
 */
const SHARING = ['api', 'bench', 'docs', 'functions', 'shared', 'support'].map(
  (folder) => `test/unit/${folder}/**/*.test.ts`,
);

/**
 * They boot embedded clouds or synthesize the CDK app, one after the other: a cloud replaces its process's `Date` and puts it
 * back when it is closed. What they import, more than half of a boot, and the engine that validates templates are ready from
 * the second file on. None sets a variable of its process's environment. The SDKs that test/conformance tests are no part of it:
 * stripe@18 keeps in its modules which page it fetched last.
 */
const BOOTING = ['e2e', 'infra', 'unit/local'].map((folder) => `test/${folder}/**/*.test.ts`);

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: 'alone', include: ['test/**/*.test.ts'], exclude: [...BOOTING, ...SHARING] } },
      { extends: true, test: { name: 'booting', include: BOOTING, exclude: all ? [] : LONG, isolate: false } },
      { extends: true, test: { name: 'sharing', include: SHARING, isolate: false } },
    ],
    // Boots of the embedded cloud share two cores with everything else.
    maxWorkers: 2,
    // A boot on a busy machine takes seconds; the crash tests have a limit of their own.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    globalSetup: ['test/support/synthesize.ts'],
  },
});
