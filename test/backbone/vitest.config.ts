import { defineConfig } from 'vitest/config';

// The processes of a cluster on a real broker: needs Java, Maven and the built program, and so is no part
// of `npm test`. Each file has a cluster of its own; one at a time, for they fill the machine.
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
    include: ['test/backbone/**/*.backbone.ts'],
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
