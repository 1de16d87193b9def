// The README's own example is a site file that works.

import { readFileSync } from 'node:fs';
import { parseSiteFile } from '@ampledger/site-file';
import { expect, it } from 'vitest';

it('the site file in README.md is sound', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const example = /```yaml\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  expect(parseSiteFile(example)).toMatchObject({ ok: true });
});
