import { defineConfig } from 'vitest/config';

/** Installs the built package on this machine and starts it: one test after the other. */
export default defineConfig({
  test: {
    include: ['test/package/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 600_000,
  },
});
