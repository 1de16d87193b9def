// How a process ends: the exit codes, and the error that carries one to the outside.

import { CodedError } from '@ampledger/kernel';

export const EXIT = {
  ok: 0,
  /** A check was made and did not hold. */
  failedCheck: 1,
  /** Wrong usage, settings or an input file with problems. */
  badInput: 2,
  /** Could not start or go on: a port in use, a directory locked, no disk, no network. */
  cannotStart: 3,
  /** The log is damaged. */
  corruptLog: 4,
  /** A defect of ours (EX_SOFTWARE of sysexits.h): to be started again, and reported. */
  defect: 70,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends the process with a message for people and no stack trace. */
export class ExitError extends CodedError<'EXIT'> {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, cause?: unknown) {
    super('EXIT', message, { cause });
    this.name = 'ExitError';
    this.exitCode = exitCode;
  }
}

/** Codes of errors, whoever throws them, that mean something else than that we cannot start. */
const EXIT_OF_CODE: Readonly<Record<string, ExitCode>> = {
  CORRUPT: EXIT.corruptLog,
  TOKENS_REQUIRED: EXIT.badInput,
};

export interface End {
  readonly exitCode: ExitCode;
  readonly message: string;
}

/** What an error that reached the top means for whoever started the process. */
export function endOf(error: unknown): End {
  if (error instanceof ExitError) return { exitCode: error.exitCode, message: error.message };
  if (error instanceof CodedError && error.code !== 'INVARIANT') {
    return { exitCode: EXIT_OF_CODE[error.code] ?? EXIT.cannotStart, message: error.message };
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { exitCode: EXIT.cannotStart, message: `Unexpected failure: ${text}` };
}

export interface Door {
  /** Whom it is for: "stations". */
  readonly what: string;
  readonly host: string;
  readonly port: number;
  /** The flag that chooses another port. */
  readonly option: string;
}

/** An error of listening in words; others come back as they are. */
export function cannotListen(error: unknown, { what, host, port, option }: Door): unknown {
  switch (error instanceof Error && 'code' in error ? error.code : undefined) {
    case 'EADDRINUSE':
      return new ExitError(
        EXIT.cannotStart,
        `Port ${port} on ${host}, for ${what}, is in use by another program. Stop that one, or choose another port with ${option}.`,
        error,
      );
    case 'EACCES':
      return new ExitError(
        EXIT.cannotStart,
        `This user may not listen on ${host}:${port}. Choose a port above 1023 with ${option}.`,
        error,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new ExitError(
        EXIT.cannotStart,
        `This machine has no address ${host} to listen on for ${what}.`,
        error,
      );
    default:
      return error;
  }
}
