// Writes what the documents say of the site file: docs/site-file.schema.json, and the reference tables between
// the markers in docs/site-file.md and README.md. Run after a build: node packages/site-file/dist/generate-docs.js

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { siteFileJsonSchema, withReference } from './reference.js';

const fromRoot = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

writeFileSync(fromRoot('docs/site-file.schema.json'), `${JSON.stringify(siteFileJsonSchema(), null, 2)}\n`);
for (const path of ['docs/site-file.md', 'README.md'].filter((name) => existsSync(fromRoot(name)))) {
  const page = withReference(readFileSync(fromRoot(path), 'utf8'));
  if (page === undefined) throw new Error(`${path} lacks the markers of the site file's reference`);
  writeFileSync(fromRoot(path), page);
}
