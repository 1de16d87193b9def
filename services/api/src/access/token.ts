// API tokens: who may do what. A token is 256 random bits, so its SHA-256 gives nothing away and
// needs no salt or slow hash: there is no dictionary to try.

import { createHash, randomBytes } from 'node:crypto';
import { err, ok, type Result } from '@ampledger/kernel';

/** `operator`: everything. `utility`: reads, and sets envelopes. `analyst`: reads. */
export type Role = 'operator' | 'utility' | 'analyst';
export const ROLES: readonly Role[] = ['operator', 'utility', 'analyst'];

export interface ApiToken {
  readonly name: string;
  readonly role: Role;
  /** SHA-256 of the token's text. */
  readonly hash: Buffer;
}

export interface TokenFileProblem {
  readonly line: number;
  readonly message: string;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const HASH = /^sha256\$([0-9a-f]{64})$/;
const TOKENS_MAX = 1_000;
const FILE_CHARS_MAX = 1024 * 1024;

export const hashToken = (token: string): Buffer => createHash('sha256').update(token).digest();

/** A fresh token, shown once, and the line of the token file that knows it. */
export function newToken(
  name: string,
  role: Role,
  random: (bytes: number) => Buffer = randomBytes,
): Result<{ readonly token: string; readonly line: string }, string> {
  if (!NAME.test(name))
    return err('a name is 1 to 64 letters, digits, ".", "_" or "-", the first a letter or digit');
  if (!ROLES.includes(role)) return err(`a role is one of ${ROLES.join(', ')}`);
  const token = `amp_${random(32).toString('base64url')}`;
  return ok({ token, line: `${name}:${role}:sha256$${hashToken(token).toString('hex')}` });
}

/** Reads `name:role:sha256$<64 hex digits>`, one token a line; empty lines and `#` comments are skipped. */
export function parseTokenFile(text: string): Result<readonly ApiToken[], readonly TokenFileProblem[]> {
  if (text.length > FILE_CHARS_MAX) return err([{ line: 1, message: 'the file is larger than 1 MiB' }]);
  const tokens = new Map<string, ApiToken>();
  const problems: TokenFileProblem[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const token = parseLine(line);
    if (!token.ok) problems.push({ line: index + 1, message: token.error });
    else if (tokens.has(token.value.name))
      problems.push({ line: index + 1, message: `the name ${token.value.name} stands twice` });
    else tokens.set(token.value.name, token.value);
  }
  if (tokens.size > TOKENS_MAX) problems.push({ line: 1, message: `more than ${TOKENS_MAX} tokens` });
  return problems.length > 0 ? err(problems) : ok([...tokens.values()]);
}

function parseLine(line: string): Result<ApiToken, string> {
  const [name = '', role = '', hash = '', ...rest] = line.split(':');
  if (rest.length > 0 || hash === '') return err('expected name:role:sha256$<64 hex digits>');
  if (!NAME.test(name)) return err('the name may have letters, digits, ".", "_" and "-", at most 64');
  if (!isRole(role)) return err(`the role must be one of ${ROLES.join(', ')}`);
  const digest = HASH.exec(hash)?.[1];
  if (digest === undefined) return err('the hash must be sha256$ and 64 lower-case hex digits');
  return ok({ name, role, hash: Buffer.from(digest, 'hex') });
}

const isRole = (value: string): value is Role => (ROLES as readonly string[]).includes(value);
