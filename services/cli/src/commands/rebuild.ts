// `ampledger rebuild`: whether all state can be made anew from the event store alone.

import { addSettingsOptions, toolSettings } from '@ampledger/process';
import { Command } from 'commander';
import type { RebuildFlags } from '../actions/rebuild.js';
import { collect, examples } from '../arguments.js';
import type { End } from '../end.js';

const HELP = `
Every partition is read from the event store from its first event on, without snapshots. The states that come
out are compared with those that the newest snapshots lead to, and, with --against, with what runs: after the
same number of each site's events they must be equal to the bit. Exit code 1 when one is not.`;

export const rebuildCommand = (end: End): Command => {
  const command = new Command('rebuild')
    .description('Builds all states from the event store alone and compares them with what runs.')
    .option(
      '--against <url>',
      'the admin address of an optimizer, command or api process; may be repeated',
      collect,
    )
    .option('--json', 'print the report as JSON');
  addSettingsOptions(command, toolSettings);
  return command
    .addHelpText('after', HELP)
    .addHelpText(
      'after',
      examples(
        'ampledger rebuild --event-store-url esdb://store:2113?tls=false --partitions 12',
        'ampledger rebuild --against http://optimizer-0:9403 --against http://optimizer-1:9403',
      ),
    )
    .action(async (flags: RebuildFlags) => end(await (await import('../actions/rebuild.js')).rebuild(flags)));
};
