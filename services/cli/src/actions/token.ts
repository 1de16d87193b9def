// Makes an API token and prints it once.

import { newToken, type Role } from '@ampledger/api';
import { CliError, EXIT } from '../exit.js';
import { print, printJson } from '../output.js';

export interface TokenOptions {
  readonly role: Role;
  readonly name: string;
  readonly json?: true;
}

export async function printNewToken({ role, name, json }: TokenOptions): Promise<void> {
  const made = newToken(name, role);
  if (!made.ok) throw new CliError(EXIT.badInput, `--name: ${made.error}`);
  const { token, line } = made.value;
  if (json) return printJson({ token, line });
  process.stderr.write('The token, shown only now:\n');
  await print(`${token}\n`);
  process.stderr.write('Its line for the tokens file:\n');
  await print(`${line}\n`);
}
