// How the command ends: the exit codes, and the error that carries one to the outside.

import { CodedError } from '@ampledger/kernel';
import { PortError } from '@ampledger/ports';

export const EXIT = {
  ok: 0,
  /** A check was made and did not hold. */
  failedCheck: 1,
  /** Wrong usage, or an input file with problems. */
  badInput: 2,
  /** The engine or a command could not start: a port in use, a directory locked, no disk. */
  cannotStart: 3,
  /** The log is damaged. */
  corruptLog: 4,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_CODES_HELP = `
Exit codes:
  0  done
  1  a check was made and did not hold (verify)
  2  wrong usage, or an input with problems
  3  could not start or go on: port in use, log in use, disk, network
  4  the log is damaged`;

/** Ends the command with a message for people and no stack trace. */
export class CliError extends CodedError<'CLI'> {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, cause?: unknown) {
    super('CLI', message, { cause });
    this.name = 'CliError';
    this.exitCode = exitCode;
  }
}

/** What an error that reached the top means for whoever called the command. */
export function endOf(error: unknown): { readonly exitCode: ExitCode; readonly message: string } {
  if (error instanceof CliError) return { exitCode: error.exitCode, message: error.message };
  if (error instanceof PortError) {
    return {
      exitCode: error.code === 'CORRUPT' ? EXIT.corruptLog : EXIT.cannotStart,
      message: error.message,
    };
  }
  if (error instanceof CodedError && error.code !== 'INVARIANT') {
    const exitCode = error.code === 'TOKENS_REQUIRED' ? EXIT.badInput : EXIT.cannotStart;
    return { exitCode, message: error.message };
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { exitCode: EXIT.cannotStart, message: `Unexpected failure: ${text}` };
}
