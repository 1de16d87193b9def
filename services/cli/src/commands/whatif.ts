// `ampledger whatif`: recorded sessions under other rules.

import { policySchema } from '@ampledger/domain';
import { addSettingsOptions, toolSettings } from '@ampledger/process';
import { Command, Option } from 'commander';
import type { WhatIfOptions } from '../actions/whatif.js';
import { directoryPath, examples, factor, instant, wholeNumber } from '../arguments.js';
import type { End } from '../end.js';
import { collectEnvelopes } from '../whatif/envelope-wish.js';

const NOTES = `
The sessions of the log come and go once more, at stations that always do at once what they are told, and the
engine's own rules share the power: first under the rules as they were (what differs from what happened is the
model's error), then under those asked for. A car charges with the most that it was seen to take, or all that its
connector gives where it was always limited, until it has what its driver or the car itself said, or else what it
took. Who left while charging wanted at least that. Peaks are quarter-hour means. Recorded envelopes and loads
that nobody controls are the same in all. Where a site file asks for a plan, plans are made and followed as in the
engine, each worked out to its end. Without --data the source is a cluster's event store, as the recorder
keeps it.

--json: for happened, simulated and whatIf (null when nothing is to be different) the number of sessions, how many
were met, servedWh and askedWh, fairness (0 to 1), waitedMs and longestWaitMs; by node peaks (peakA on each phase,
peakW; quarter-hour means) and bound (for how long, boundMs, which phase or line of a node decided; null is power;
by is the rating or the source of an envelope); cost in its currency; then every session with wantWh, and
servedWh and waitedMs of each. --csv: a line for each session; _kwh is kilowatt-hours, _min minutes, times ISO 8601.`;

export const whatifCommand = (_end: End): Command => {
  const command = new Command('whatif')
    .description('Replays recorded sessions under other rules, side by side with what happened.')
    .option('--data <directory>', 'the data directory of an engine that does not run', directoryPath)
    .option('--id <site>', 'which site, where the log holds several')
    .option('--from <time>', 'from this moment on (default: where the log begins)', instant)
    .option('--to <time>', 'up to this moment (default: where the log ends)', instant)
    .option('--site <file>', 'what if this were the site file')
    .addOption(new Option('--policy <policy>', 'what if power were shared so').choices(policySchema.options))
    .option(
      '--scale-limit <factor>',
      "what if the grid connection's limits were so many times theirs: 0.8 or 80 %",
      factor,
    )
    .option(
      '--envelope <node=limit[@from..to]>',
      'what if this limit held too: 60 A, 60/50/60 A or 40 kW; may be repeated',
      collectEnvelopes,
    )
    .addOption(
      new Option(
        '--wants <amount>',
        'of cars that left while charging: what they took, or all that they could have',
      )
        .choices(['least', 'most'])
        .default('least'),
    )
    .option('--no-plan', 'look at the moment only, though a site file asks for plans: faster')
    .option('--step <minutes>', 'the longest time between two looks while cars charge', wholeNumber(1, 60), 5)
    .option('--csv <file>', 'write the sessions there as CSV; - is stdout, instead of the report')
    .option('--json', 'print everything as JSON');
  addSettingsOptions(command, toolSettings);
  return command
    .addHelpText('after', NOTES)
    .addHelpText(
      'after',
      examples(
        'ampledger whatif --data /var/lib/ampledger --from 2026-03-01 --to 2026-04-01 --scale-limit 0.8',
        'ampledger whatif --data .ampledger/demo --policy fair --csv sessions.csv',
        "ampledger whatif --data .ampledger/demo --envelope 'main=40 A@2026-03-02T17:00Z..2026-03-02T20:00Z'",
        'ampledger whatif --data .ampledger/demo --site bigger.yaml --wants most --json',
      ),
    )
    .action(async (options: WhatIfOptions) => (await import('../actions/whatif.js')).whatIf(options));
};
