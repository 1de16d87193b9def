// Writes docs/settings.md. Run after a build: node packages/process/dist/generate-settings-doc.js

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { settingsReference } from './settings/reference.js';

writeFileSync(fileURLToPath(new URL('../../../docs/settings.md', import.meta.url)), settingsReference());
