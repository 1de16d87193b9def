import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { cliDoc } from './cli-doc.js';

it('docs/cli.md says what the commands say (npm run docs)', () => {
  expect(readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8')).toBe(cliDoc());
});
