// Makes the secrets that a first try needs, once, into the folder that is named: a key for the
// pseudonyms of id tokens, and one operator's API token, which is printed. It never touches what is there.
// For anything but a first try make your own: see docs/deploying.md.

import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = process.argv[2];
if (folder === undefined) {
  process.stderr.write('Usage: node first-try.mjs <folder>\n');
  process.exit(2);
}
const say = (text) => process.stdout.write(`${text}\n`);
const program = fileURLToPath(new URL('../../services/cli/bin/ampledger.mjs', import.meta.url));

function makeOnce(name, make) {
  const path = join(folder, name);
  if (existsSync(path)) {
    say(`${path} is there and stays as it is.`);
    return;
  }
  writeFileSync(path, make(path), { mode: 0o440, flag: 'wx' });
}

makeOnce('pseudonym-key', (path) => {
  say(`${path}: made a random key. FOR A FIRST TRY ONLY: it lives and dies with this volume.`);
  return `${randomBytes(32).toString('hex')}\n`;
});
makeOnce('tokens', (path) => {
  const args = [program, 'token', 'new', '--role', 'operator', '--name', 'first-try'];
  const lines = execFileSync(process.execPath, args, { encoding: 'utf8' }).trim().split('\n');
  say(`${path}: made an operator's token. FOR A FIRST TRY ONLY; it is shown this once:`);
  say(lines.slice(0, -1).join('\n'));
  return `${lines.at(-1)}\n`;
});
