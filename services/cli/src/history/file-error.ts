// What is wrong with a file, as the end of a command.

import { HistoryError } from '@ampledger/history';
import { CliError, EXIT } from '../exit.js';
import { systemCode, systemWords } from '../system-error.js';

/** For what reading or writing `path` threw. */
export function fileError(path: string, error: unknown): unknown {
  if (error instanceof HistoryError) {
    return new CliError(EXIT.badInput, `${path}: ${error.message}`, error);
  }
  const exitCode = SYSTEM_ERRORS[systemCode(error) ?? ''];
  if (exitCode === undefined) return error;
  return new CliError(exitCode, `${path}: ${systemWords(error)}.`, error);
}

const SYSTEM_ERRORS: Readonly<Record<string, 2 | 3>> = {
  ENOENT: EXIT.badInput,
  EISDIR: EXIT.badInput,
  EEXIST: EXIT.badInput,
  ENOTDIR: EXIT.badInput,
  EACCES: EXIT.badInput,
  EPERM: EXIT.badInput,
  EROFS: EXIT.badInput,
  ENOSPC: EXIT.cannotStart,
  EDQUOT: EXIT.cannotStart,
  EFBIG: EXIT.cannotStart,
  EIO: EXIT.cannotStart,
};
