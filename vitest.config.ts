import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// Tests run on the sources: the `ampledger-source` condition of every
// workspace's package.json points at src/, so no build is needed first.
export default defineConfig({
  resolve: { conditions: ['ampledger-source'] },
  ssr: {
    resolve: {
      conditions: ['ampledger-source', 'node', 'import', 'default'],
      externalConditions: ['ampledger-source', 'node'],
    },
  },
  test: {
    include: [
      'packages/**/*.test.ts',
      'optimizer/**/*.test.ts',
      'services/**/*.test.ts',
      'test/**/*.test.ts',
    ],
    exclude: ['**/node_modules/**', '**/dist/**', 'test/interop/**'],
    testTimeout: 60_000,
    // Vitest leaves one core to itself: of two that is half of them.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
});
