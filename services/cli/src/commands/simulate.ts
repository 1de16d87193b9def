// `ampledger simulate`: stations and cars for an engine elsewhere.

import { BEHAVIOURS } from '@ampledger/simulator';
import { Command, InvalidArgumentError, Option } from 'commander';
import { collect, examples, positiveNumber, stationAddress, webAddress, wholeNumber } from '../arguments.js';
import type { End } from '../end.js';
import type { SimulateOptions } from '../simulate/simulate.js';
import { PROTOCOL_CHOICES } from '../simulated-site.js';

const STATIONS_MAX = 20_000;

function share(value: string): number {
  const number = Number(value);
  if (number >= 0 && number <= 1) return number;
  throw new InvalidArgumentError('expected a share from 0 to 1');
}

const behaviours = `\nBehaviours: ${Object.keys(BEHAVIOURS).join(', ')}.
A probability, where wanted, follows after a colon: --behave noAnswers:0.1

Ctrl-C (SIGINT) or SIGTERM ends it as --for does: with a line that sums up, and exit code 0; a second one ends at
once. The exit code is 3 when no station ever could connect.`;

export const simulateCommand = (end: End): Command =>
  new Command('simulate')
    .description('Connects simulated stations, with cars that come and go, to an engine.')
    .option('--stations <count>', 'how many stations', wholeNumber(1, STATIONS_MAX))
    .option('--site <file>', 'the stations of this site file instead, with its connectors')
    .option('--url <address>', 'where the engine takes stations', stationAddress, 'ws://127.0.0.1:9220/ocpp')
    .addOption(new Option('--protocol <version>', 'of OCPP').choices(PROTOCOL_CHOICES).default('both'))
    .option('--prefix <text>', 'of the station ids: CP001, CP002, ...', 'CP')
    .option('--password <text>', 'for HTTP Basic, the same for all')
    .addOption(
      new Option('--cars <pattern>', 'when cars come').choices(['busy', 'garage', 'workday']).default('busy'),
    )
    .option('--tell <share>', 'how many drivers say what they want and when they leave', share, 0.5)
    .option(
      '--api <address>',
      'where drivers at OCPP 1.6 stations say so, which has no message for it: `http://127.0.0.1:8220`',
      webAddress,
    )
    .option('--seed <text>', 'the same seed gives the same stations and cars (default: the time)')
    .option('--speed <factor>', 'how many times faster than life cars come, charge and go', positiveNumber, 1)
    .option('--meter <seconds>', 'between meter values', wholeNumber(1, 3_600), 15)
    .option('--behave <name[:probability]>', 'a misbehaviour; may be repeated', collect)
    .option('--behave-share <share>', 'how many of the stations misbehave', share, 1)
    .option('--for <seconds>', 'ends after this long (default: with Ctrl-C)', positiveNumber)
    .option('--json', 'print what happens at the stations, one line of JSON each')
    .addHelpText('after', behaviours)
    .addHelpText(
      'after',
      examples(
        'ampledger simulate --stations 60 --speed 60',
        'ampledger simulate --site depot.yaml --url ws://127.0.0.1:9220/ocpp --cars garage --api http://127.0.0.1:8220',
        'ampledger simulate --stations 20 --protocol 1.6 --behave disobeys:0.2 --behave goesOffline --behave-share 0.3',
      ),
    )
    .action(async (options: SimulateOptions) =>
      end(await (await import('../simulate/simulate.js')).simulate(options)),
    );
