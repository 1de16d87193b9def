// `ampledger explain`: why a connector had the limit that it had.

import { Command } from 'commander';
import type { ExplainOptions } from '../actions/explain.js';
import { directoryPath, examples, instant, webAddress } from '../arguments.js';
import type { End } from '../end.js';

export const explainCommand = (_end: End): Command =>
  new Command('explain')
    .description('Tells why a connector has its limit: the chain back to the raw frames that caused it.')
    .argument('<connector>', 'station and EVSE, such as CP001/1')
    .option('--data <directory>', 'the data directory of an engine that does not run', directoryPath)
    .option('--url <address>', 'the API of a running engine', webAddress)
    .option('--token <token>', 'API token (or AMPLEDGER_TOKEN)')
    .option('--at <time>', 'the moment (default: now, or where the log ends)', instant)
    .option('--json', 'print the chain as JSON, each event whole')
    .addHelpText(
      'after',
      examples(
        'ampledger explain A1/1 --data .ampledger/demo --at 2026-03-01T17:30:00Z',
        'ampledger explain A1/1 --url http://127.0.0.1:8220',
      ),
    )
    .action(async (connector: string, options: ExplainOptions) =>
      (await import('../actions/explain.js')).explain(connector, options),
    );
