// The API's tokens, from their file.

import { readFileSync } from 'node:fs';
import { type ApiToken, parseTokenFile } from '@ampledger/api';
import { CliError, EXIT } from './exit.js';
import { systemWords } from './system-error.js';

/** null without a file: the API then asks for none, and listens on loopback only. */
export function tokensOrExit(path: string | undefined): readonly ApiToken[] | null {
  if (path === undefined) return null;
  const tokens = parseTokenFile(readText(path));
  if (tokens.ok) return tokens.value;
  throw new CliError(
    EXIT.badInput,
    tokens.error.map(({ line, message }) => `${path}:${line}: ${message}`).join('\n'),
  );
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new CliError(EXIT.badInput, `${path} cannot be read: ${systemWords(error)}.`);
  }
}
