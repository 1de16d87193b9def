// What runs in the browser takes nothing but types from the other workspaces: they are written for Node.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const isPageCode = (path: string): boolean => /\.tsx?$/.test(path) && !/(?:\.test|testing)\.ts$/.test(path);
const RUNTIME_IMPORT = /^(?:import|export)(?! type\b)[^;]*? from '(?:@ampledger\/|node:)/gm;

test('the page imports only types from workspaces, and nothing of Node', () => {
  const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).filter(isPageCode);
  expect(files.length).toBeGreaterThan(30);
  const offenders = files.filter((file) =>
    readFileSync(join(import.meta.dirname, file), 'utf8').match(RUNTIME_IMPORT),
  );
  expect(offenders).toEqual([]);
});
