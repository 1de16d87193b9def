// How the command ends: as every process does, said in the help.

export { EXIT, type ExitCode, ExitError as CliError, endOf } from '@ampledger/process';

export const EXIT_CODES_HELP = `
Exit codes:
  0  done
  1  a check was made and did not hold (verify)
  2  wrong usage, or an input with problems
  3  could not start or go on: port in use, log in use, disk, network
  4  the log is damaged`;
