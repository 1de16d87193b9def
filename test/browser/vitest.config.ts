import { defineConfig } from 'vitest/config';

// The page in a real browser: needs Chromium, and so is no part of `npm test`.
export default defineConfig({
  root: new URL('../..', import.meta.url).pathname,
  resolve: { conditions: ['ampledger-source'] },
  ssr: {
    resolve: {
      conditions: ['ampledger-source', 'node', 'import', 'default'],
      externalConditions: ['ampledger-source', 'node'],
    },
  },
  test: { include: ['test/browser/**/*.browser.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
});
