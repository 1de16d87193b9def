// `ampledger export`: a log's history as a file.

import { addSettingsOptions, toolSettings } from '@ampledger/process';
import { Command, Option } from 'commander';
import type { ExportOptions } from '../actions/export.js';
import { directoryPath, examples, instant } from '../arguments.js';
import type { End } from '../end.js';

const NOTES = `
A history is every event as it was published, without its place in the log, and with checksums: of each line
or row group, of each site, of the whole. The checksums of a site are the same in every format, and in every
log that holds the same history. ndjson is for taking a history elsewhere (ampledger import) and for jq;
parquet is that too, and a table for analysts: time, site, seq, type, station, evse, session, data, stream,
version, id, meta. Without --data the source is a cluster's event store, as the recorder keeps it. What was exported with --from cannot be imported: its beginning is missing.`;

export const exportCommand = (_end: End): Command => {
  const command = new Command('export')
    .description("Writes a log's history to a file.")
    .option('--data <directory>', 'the data directory of an engine that does not run', directoryPath)
    .requiredOption('--out <file>', 'the file to write; its name says the format')
    .addOption(
      new Option('--format <format>', 'the format, where the name does not say it').choices([
        'ndjson',
        'ndjson.gz',
        'parquet',
      ]),
    )
    .option('--site <id>', 'only this site')
    .option('--from <time>', "from each site's first event at this moment or later", instant)
    .option('--to <time>', "up to each site's last event before any later than this moment", instant)
    .option('--force', 'replace a file of that name')
    .option('--json', 'print the report as JSON');
  addSettingsOptions(command, toolSettings);
  return command
    .addHelpText('after', NOTES)
    .addHelpText(
      'after',
      examples(
        'ampledger export --data /var/lib/ampledger --out history.ndjson.gz',
        'ampledger export --data .ampledger/demo --site garage --to 2026-03-01 --out garage.ndjson',
        'ampledger export --data .ampledger/demo --out garage.parquet --force',
        'ampledger export --event-store-url esdb://store:2113?tls=false --out history.ndjson.gz',
      ),
    )
    .action(async (options: ExportOptions) => (await import('../actions/export.js')).exportHistory(options));
};
