import { defineConfig } from 'vitest/config';

// A real broker: needs Java and Maven, and so is no part of `npm test`. One broker for all files;
// a test that harms its broker starts its own.
export default defineConfig({
  root: new URL('../..', import.meta.url).pathname,
  resolve: { conditions: ['ampledger-source'] },
  ssr: {
    resolve: {
      conditions: ['ampledger-source', 'node', 'import', 'default'],
      externalConditions: ['ampledger-source', 'node'],
    },
  },
  test: {
    include: ['test/kafka/**/*.kafka.ts'],
    globalSetup: ['test/kafka/shared-broker.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
