// `ampledger state`: a site as it was at a moment.

import { Command } from 'commander';
import type { StateOptions } from '../actions/state.js';
import { directoryPath, examples, instant, webAddress } from '../arguments.js';
import type { End } from '../end.js';

export const stateCommand = (_end: End): Command =>
  new Command('state')
    .description('Shows the state of a site at a moment, rebuilt from the events up to then.')
    .option('--data <directory>', 'the data directory of an engine that does not run', directoryPath)
    .option('--url <address>', 'the API of a running engine', webAddress)
    .option('--token <token>', 'API token (or AMPLEDGER_TOKEN)')
    .option('--at <time>', 'the moment (default: now, or where the log ends)', instant)
    .option('--site <id>', 'only this site')
    .option('--json', 'print the whole state as JSON')
    .addHelpText(
      'after',
      examples(
        'ampledger state --data .ampledger/demo --at 2026-03-01T17:30:00Z',
        'ampledger state --url http://127.0.0.1:8220 --site garage --json',
      ),
    )
    .action(async (options: StateOptions) => (await import('../actions/state.js')).state(options));
