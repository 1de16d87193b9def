// `ampledger serve`: an engine for real stations.

import { Command } from 'commander';
import { examples } from '../arguments.js';
import type { End } from '../end.js';
import { type ServeOptions, withServeOptions } from '../serve-options.js';

const SIGNALS_HELP = `
Signals:
  SIGHUP          reads the site files anew; a bad file changes nothing
  SIGINT, SIGTERM end in order, within two seconds, with exit code 0; a second one ends at once`;

export const serveCommand = (end: End): Command =>
  withServeOptions(new Command('serve').description('Runs the engine for the sites of the given files.'))
    .addHelpText('after', SIGNALS_HELP)
    .addHelpText(
      'after',
      examples(
        'ampledger serve --site depot.yaml --data /var/lib/ampledger',
        'ampledger serve --site depot.yaml --ocpp-host 0.0.0.0        # stations from the network, API from here only',
        'ampledger serve --site depot.yaml --host 0.0.0.0 --tokens tokens.txt',
      ),
    )
    .action(async (options: ServeOptions) => end(await (await import('../serve.js')).serve(options)));
