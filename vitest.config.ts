import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Boots of the embedded cloud share two cores with everything else.
    maxWorkers: 2,
    // A boot on a busy machine takes seconds; the crash tests have a limit of their own.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    globalSetup: ['test/support/synthesize.ts'],
  },
});
