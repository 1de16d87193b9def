// Reads a station's password and prints its hash.

import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { CodedError } from '@ampledger/kernel';
import { hashPassword } from '@ampledger/site-file';
import { CliError, EXIT } from '../exit.js';
import { print, printJson } from '../output.js';

export async function printPasswordHash(json: boolean): Promise<void> {
  const hash = await hashPassword(await readPassword()).catch((error: unknown) => {
    throw error instanceof CodedError ? new CliError(EXIT.badInput, error.message) : error;
  });
  if (json) await printJson({ password: hash });
  else await print(`${hash}\n`);
}

const LINE_CHARS_MAX = 1_000;

/** One line; what is typed is not shown. */
async function readPassword(): Promise<string> {
  const isTyped = process.stdin.isTTY === true;
  if (isTyped) process.stderr.write('Password: ');
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: isTyped });
  try {
    for await (const line of lines) {
      if (isTyped) process.stderr.write('\n');
      if (line.length <= LINE_CHARS_MAX) return line;
      break;
    }
  } finally {
    lines.close();
  }
  throw new CliError(EXIT.badInput, 'Expected a password, as one line on stdin.');
}
