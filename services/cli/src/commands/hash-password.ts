// `ampledger hash-password`: a station's password to what the site file keeps of it.

import { Command } from 'commander';
import { examples } from '../arguments.js';
import type { End } from '../end.js';

export const hashPasswordCommand = (_end: End): Command =>
  new Command('hash-password')
    .description(
      "Prints the hash of a station's password, for the site file. Asks for it, or reads one line of stdin.",
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples('ampledger hash-password', 'openssl rand -hex 16 | tee /dev/tty | ampledger hash-password'),
    )
    .action(async ({ json = false }: { json?: boolean }) =>
      (await import('../actions/hash-password.js')).printPasswordHash(json),
    );
