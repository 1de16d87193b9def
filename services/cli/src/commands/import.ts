// `ampledger import`: an exported history into a log.

import { addSettingsOptions, toolSettings } from '@ampledger/process';
import { Command } from 'commander';
import type { ImportCommandOptions } from '../actions/import.js';
import { directoryPath, examples } from '../arguments.js';
import type { End } from '../end.js';

const NOTES = `
The whole file is checked before anything is imported. Events keep their ids, so that an import may be
stopped and begun again: it goes on where it was, and says how much was there. A site that has another
history in the log is refused. Where stations were connected at the end of a history, an EngineStarted after it
records that they no longer are. Id tokens are pseudonyms in a history: copy pseudonym.key from the old data
directory to the new one, and a token goes on having the same.

Without --data the target is a cluster: its recorder must run, its optimizers and command services must not, and
the import waits until everything is in the event store.`;

export const importCommand = (_end: End): Command => {
  const command = new Command('import')
    .description('Reads an exported history into a log.')
    .argument('<file>', 'what `ampledger export` wrote, in any of its formats')
    .option(
      '--data <directory>',
      'a data directory that no engine runs on; created where there is none',
      directoryPath,
    )
    .option('--json', 'print the report as JSON');
  addSettingsOptions(command, toolSettings);
  return command
    .addHelpText('after', NOTES)
    .addHelpText(
      'after',
      examples(
        'ampledger import history.ndjson.gz --data /var/lib/ampledger',
        'ampledger import garage.parquet --data /tmp/copy && ampledger verify --data /tmp/copy',
        'ampledger import history.ndjson.gz --kafka-brokers kafka:9092 --event-store-url esdb://store:2113?tls=false',
      ),
    )
    .action(async (file: string, options: ImportCommandOptions) =>
      (await import('../actions/import.js')).importFile(file, options),
    );
};
