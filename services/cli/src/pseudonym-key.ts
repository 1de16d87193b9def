// The secret behind the pseudonyms of id tokens: made once for each data directory, readable by its
// owner alone. Who loses it can no longer tell which new token equals an old one.

import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { CliError, EXIT } from './exit.js';

const KEY_BYTES = 32;

export function pseudonymKey(directory: string): Buffer {
  const path = join(directory, 'pseudonym.key');
  try {
    return makeKey(path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  const key = readFileSync(path);
  if (key.length === KEY_BYTES) return key;
  throw new CliError(
    EXIT.cannotStart,
    `${path} has ${key.length} bytes instead of ${KEY_BYTES}. Restore it from a backup, or delete it: id tokens will then get new pseudonyms.`,
  );
}

function makeKey(path: string): Buffer {
  const file = openSync(path, 'wx', 0o600);
  try {
    const key = randomBytes(KEY_BYTES);
    writeSync(file, key);
    fsyncSync(file);
    return key;
  } finally {
    closeSync(file);
  }
}
