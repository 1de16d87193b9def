#!/usr/bin/env node
// The `ampledger` command: the built program, or a word on how to build it.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const program = new URL('../dist/main.js', import.meta.url);

if (existsSync(fileURLToPath(program))) {
  const { runProcess } = await import(program.href);
  await runProcess(process.argv.slice(2));
} else {
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  process.stderr.write(`ampledger is not built yet. Run "npm run build" in ${root} first.\n`);
  process.exitCode = 3;
}
