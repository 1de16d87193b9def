// `ampledger events`: what happened, in order.

import { Command, Option } from 'commander';
import type { EventsOptions } from '../actions/events.js';
import { collect, directoryPath, examples, instant, webAddress, wholeNumber } from '../arguments.js';
import type { End } from '../end.js';

const POSITION_MAX = Number.MAX_SAFE_INTEGER;

export const eventsCommand = (_end: End): Command =>
  new Command('events')
    .description('Prints recorded events, one a line.')
    .option('--data <directory>', 'the data directory of an engine that does not run', directoryPath)
    .option('--url <address>', 'the API of a running engine', webAddress)
    .option('--token <token>', 'API token (or AMPLEDGER_TOKEN)')
    .option('--site <id>', 'only this site')
    .option('--station <id>', 'only about this station')
    .addOption(new Option('--type <type>', 'only this type; may be repeated').argParser(collect))
    .option('--from <time>', 'received at this moment or later', instant)
    .option('--to <time>', 'received at this moment or earlier', instant)
    .option('--after <position>', 'only after this place in the log', wholeNumber(0, POSITION_MAX))
    .option('--limit <count>', 'at most so many', wholeNumber(1, POSITION_MAX))
    .option('--follow', 'go on with what happens from now on (with --url)')
    .option('--json', 'print each event whole, as one line of JSON')
    .addHelpText(
      'after',
      examples(
        'ampledger events --data .ampledger/demo --type LimitsAllocated --limit 20',
        'ampledger events --url http://127.0.0.1:8220 --station A1 --follow',
        'ampledger events --data .ampledger/demo --json --from 2026-03-01T17:00:00Z | jq .data',
      ),
    )
    .action(async (options: EventsOptions) => (await import('../actions/events.js')).events(options));
