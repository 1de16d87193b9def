// `ampledger check`: reads a site file as the engine would.

import { Command } from 'commander';
import { examples } from '../arguments.js';
import type { End } from '../end.js';

export const checkCommand = (_end: End): Command =>
  new Command('check')
    .description('Checks site files, and shows the tree with its limits as the engine understands it.')
    .argument('<files...>', 'site files')
    .option('--json', 'print the sites as the engine keeps them')
    .addHelpText(
      'after',
      examples('ampledger check examples/garage.yaml', 'ampledger check --json site.yaml'),
    )
    .action(async (files: readonly string[], { json = false }: { json?: boolean }) =>
      (await import('../actions/check.js')).check(files, json),
    );
