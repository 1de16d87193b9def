// The options of every command that runs an engine.

import { join } from 'node:path';
import type { Command } from 'commander';
import { collect, directoryPath, portNumber } from './arguments.js';

export const OCPP_PORT_DEFAULT = 9220;
export const API_PORT_DEFAULT = 8220;
/** Where engines keep their logs when nothing is said, under the current directory. */
export const DATA_ROOT = '.ampledger';

export interface ServeOptions {
  readonly site?: readonly string[];
  readonly data?: string;
  readonly host: string;
  readonly ocppHost?: string;
  readonly ocppPort: number;
  readonly port: number;
  readonly tokens?: string;
}

export const withServeOptions = (command: Command): Command =>
  command
    .option('--site <file>', 'a site file; may be repeated', collect)
    .option(
      '--data <directory>',
      `where the log is kept (default: ${join(DATA_ROOT, '<site id>')})`,
      directoryPath,
    )
    .option('--host <address>', 'where the API and the stations’ door listen', '127.0.0.1')
    .option('--ocpp-host <address>', 'where the stations’ door listens, if elsewhere')
    .option('--ocpp-port <port>', 'for stations (OCPP); 0 is any free one', portNumber, OCPP_PORT_DEFAULT)
    .option('--port <port>', 'for the API and the page; 0 is any free one', portNumber, API_PORT_DEFAULT)
    .option('--tokens <file>', 'API tokens; needed on an address that others can reach');
