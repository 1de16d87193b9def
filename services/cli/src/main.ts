// The way in: arguments to an exit code. Data goes to stdout, everything else to stderr.

import { CommanderError } from 'commander';
import { EXIT, type ExitCode, endOf } from './exit.js';
import { createProgram } from './program.js';

/** Runs one command line, without the program's name, and says how the process should end. */
export async function main(argv: readonly string[]): Promise<ExitCode> {
  const end: { code: ExitCode } = { code: EXIT.ok };
  try {
    const program = createProgram((code) => {
      end.code = code;
    });
    await program.parseAsync([...argv], { from: 'user' });
    return end.code;
  } catch (error) {
    // Commander has printed its own message.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.badInput;
    const { exitCode, message } = endOf(error);
    process.stderr.write(`${message}\n`);
    return exitCode;
  }
}

/** `main` for a process of its own: ends it, also when a reader of our output went away. */
export async function runProcess(argv: readonly string[]): Promise<void> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.cannotStart);
  });
  const code = await main(argv);
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  process.exit(code);
}

/** A pipe whose reader is slower than we are still has our last words in it. */
const flushed = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => {
    stream.write('', () => resolve());
  });
