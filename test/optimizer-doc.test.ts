// Tables and pictures say what the results beside them say.

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { optimizerDocs } from './generate-optimizer-doc.js';

it.each([...optimizerDocs()])('%s is fresh', (path, text) => {
  expect(readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')).toBe(text);
});
