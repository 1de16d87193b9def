// `ampledger verify`: whether a log keeps what it promises.

import { Command } from 'commander';
import type { VerifyOptions } from '../actions/verify.js';
import { directoryPath, examples } from '../arguments.js';
import type { End } from '../end.js';

export const verifyCommand = (end: End): Command =>
  new Command('verify')
    .description('Replays the whole log: every page, event, snapshot, decision and raise is checked again.')
    .requiredOption('--data <directory>', 'the data directory of an engine that does not run', directoryPath)
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      examples(
        'ampledger verify --data .ampledger/demo',
        'ampledger verify --data /var/lib/ampledger --json && echo sound',
      ),
    )
    .action(async (options: VerifyOptions) =>
      end(await (await import('../actions/verify.js')).verify(options)),
    );
