// A data directory that no engine runs on, opened to be read.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type EmbeddedLog, openEmbeddedLog } from '@ampledger/embedded-log';
import { PortError } from '@ampledger/ports';
import { CliError, EXIT } from './exit.js';

/** Whether an engine ever kept its log there. */
export const holdsLog = (directory: string): boolean => existsSync(join(directory, 'log.sqlite'));

/** Opens the log of `directory`; `whileRunning` says what to do instead when an engine has it open. */
export async function openLog(directory: string, whileRunning: string): Promise<EmbeddedLog> {
  if (!holdsLog(directory)) {
    throw new CliError(
      EXIT.badInput,
      `${directory} holds no log. Name the data directory of an engine with --data.`,
    );
  }
  const onWarning = (message: string): void => void process.stderr.write(`warning: ${message}\n`);
  try {
    return await openEmbeddedLog({ directory, onWarning });
  } catch (error) {
    if (!(error instanceof PortError && error.code === 'UNAVAILABLE')) throw error;
    throw new CliError(EXIT.cannotStart, `${error.message}\n${whileRunning}`, error);
  }
}
