// Writes docs/cli.md. Run after a build: node services/cli/dist/generate-cli-doc.js

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cliDoc } from './cli-doc.js';

const path = fileURLToPath(new URL('../../../docs/cli.md', import.meta.url));
mkdirSync(dirname(path), { recursive: true });
writeFileSync(path, cliDoc());
