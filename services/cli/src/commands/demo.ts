// `ampledger demo`: what `npm start` runs.

import { Command } from 'commander';
import { examples } from '../arguments.js';
import type { End } from '../end.js';
import { type ServeOptions, withServeOptions } from '../serve-options.js';

const ABOUT = `Runs the example garage with simulated stations and cars.
With --site it runs that site instead, without simulated stations: as "serve" does.`;

export const demoCommand = (end: End): Command =>
  withServeOptions(new Command('demo').description(ABOUT))
    .addHelpText(
      'after',
      '\nThe log is kept in .ampledger/demo under the current directory unless --data says otherwise;\nstarting again goes on from it.',
    )
    .addHelpText(
      'after',
      examples('npm start', 'npm start -- --port 8300 --ocpp-port 9300', 'npm start -- --site my.yaml'),
    )
    .action(async (options: ServeOptions) => {
      if (options.site === undefined) end(await (await import('../demo/demo.js')).demo(options));
      else end(await (await import('../serve.js')).serve(options));
    });
