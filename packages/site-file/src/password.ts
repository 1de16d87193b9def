// Station passwords: how they are hashed for the site file, and what a hash must look like.
// The form is `scrypt$N$r$p$salt$hash`, salt and hash in base64.

import { randomBytes, scrypt } from 'node:crypto';
import { CodedError } from '@ampledger/kernel';

const COST = { N: 16_384, r: 8, p: 1 } as const;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** A hash in a file must not make its reader spend more than this (128·N·r bytes). */
const MEMORY_BYTES_MAX = 128 * 1024 * 1024;
const HASH =
  /^scrypt\$(\d{1,7})\$(\d{1,2})\$(\d{1,2})\$([A-Za-z0-9+/]{11,88}={0,2})\$([A-Za-z0-9+/]{22,88}={0,2})$/;

// OCPP 2.0.1 A00.FR.205 and the BasicAuthPassword variable: 16 to 40 characters. The AuthorizationKey of
// OCPP 1.6 (security whitepaper, section 4) is 16 to 20 bytes written as up to 40 hexadecimal characters.
export const PASSWORD_CHARS_MIN = 16;
export const PASSWORD_CHARS_MAX = 40;

export type PasswordErrorCode = 'PASSWORD_LENGTH' | 'PASSWORD_CHARACTERS';

/** Hashes a station's password for the site file. Throws a CodedError for a password that no station could hold. */
export async function hashPassword(
  password: string,
  salt: Uint8Array = randomBytes(SALT_BYTES),
): Promise<string> {
  checkPassword(password);
  const hash = await new Promise<Buffer>((resolve, reject) => {
    scrypt(password, salt, HASH_BYTES, COST, (error, key) => (error ? reject(error) : resolve(key)));
  });
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  return `scrypt$${COST.N}$${COST.r}$${COST.p}$${base64(salt)}$${base64(hash)}`;
}

function checkPassword(password: string): void {
  const characters = [...password].length;
  if (characters < PASSWORD_CHARS_MIN || characters > PASSWORD_CHARS_MAX) {
    throw new CodedError<PasswordErrorCode>(
      'PASSWORD_LENGTH',
      `A station's password has ${PASSWORD_CHARS_MIN} to ${PASSWORD_CHARS_MAX} characters (OCPP); this one has ${characters}.`,
    );
  }
  if (/\p{Cc}/u.test(password)) {
    throw new CodedError<PasswordErrorCode>(
      'PASSWORD_CHARACTERS',
      "A station's password has no control characters: no line break and no tab.",
    );
  }
}

/** What is wrong with a hash in the site file, or undefined. Never repeats the text: it may be a password. */
export function passwordHashFault(text: string): string | undefined {
  if (!text.startsWith('scrypt$')) {
    return 'is no password hash; a plain password does not belong in the file: hash it with `ampledger hash-password`';
  }
  const match = HASH.exec(text);
  if (!match) return 'is a damaged password hash';
  const [cost, blockSize, parallel] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const powerOfTwo = cost >= 2 && Number.isInteger(Math.log2(cost));
  if (!powerOfTwo || blockSize < 1 || parallel < 1)
    return 'is a damaged password hash: its cost makes no sense';
  if (128 * cost * blockSize > MEMORY_BYTES_MAX || parallel > 16)
    return 'asks for more work than a login may cost';
  return undefined;
}
