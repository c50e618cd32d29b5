import { defineConfig } from 'vitest/config';

/** Real Electron under Xvfb, as an ordinary user: one file after the other. */
export default defineConfig({
  test: {
    include: ['test/e2e/**/*.test.ts'],
    globalSetup: ['test/e2e/harness/assemble.ts'],
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // Waiting for what a window shows: how long it takes decides nothing.
    expect: { poll: { timeout: 60_000 } },
  },
});
