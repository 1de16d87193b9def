// All commands of the command line, in the order of the help.

import { Command } from 'commander';
import { checkCommand } from './commands/check.js';
import { demoCommand } from './commands/demo.js';
import { eventsCommand } from './commands/events.js';
import { explainCommand } from './commands/explain.js';
import { exportCommand } from './commands/export.js';
import { hashPasswordCommand } from './commands/hash-password.js';
import { importCommand } from './commands/import.js';
import {
  apiCommand,
  commandCommand,
  ingressCommand,
  optimizerCommand,
  recorderCommand,
} from './commands/processes.js';
import { rebuildCommand } from './commands/rebuild.js';
import { serveCommand } from './commands/serve.js';
import { simulateCommand } from './commands/simulate.js';
import { stateCommand } from './commands/state.js';
import { tokenCommand } from './commands/token.js';
import { verifyCommand } from './commands/verify.js';
import { whatifCommand } from './commands/whatif.js';
import type { End } from './end.js';
import { EXIT_CODES_HELP } from './exit.js';
import { VERSION } from './version.js';

const COMMANDS = [
  demoCommand,
  serveCommand,
  checkCommand,
  simulateCommand,
  eventsCommand,
  stateCommand,
  explainCommand,
  verifyCommand,
  whatifCommand,
  rebuildCommand,
  exportCommand,
  importCommand,
  ingressCommand,
  recorderCommand,
  optimizerCommand,
  commandCommand,
  apiCommand,
  hashPasswordCommand,
  tokenCommand,
];

export function createProgram(end: End): Command {
  const program = new Command('ampledger')
    .description('Keeps the electric cars of a site under its limits, fairly, and can prove it.')
    .version(VERSION)
    .showHelpAfterError('(--help shows how to use it)')
    .addHelpText('after', EXIT_CODES_HELP)
    .exitOverride();
  for (const make of COMMANDS) {
    program.addCommand(make(end).exitOverride().showHelpAfterError('(--help shows how to use it)'));
  }
  return program;
}
