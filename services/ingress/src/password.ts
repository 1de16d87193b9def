// Stations' passwords: scrypt hashes, compared in constant time. A cache of what was verified makes a
// thousand stations that reconnect at once cheap; a bound on concurrent hashing keeps guesses cheap too.

import { createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { BoundedMap } from './bounded-map.js';

interface ScryptHash {
  readonly cost: number;
  readonly blockSize: number;
  readonly parallelization: number;
  readonly salt: Buffer;
  readonly key: Buffer;
}

const MEMORY_MAX_BYTES = 256 * 1024 * 1024;
const HASH =
  /^scrypt\$(\d{1,8})\$(\d{1,3})\$(\d{1,3})\$([A-Za-z0-9+/]{8,172}={0,2})\$([A-Za-z0-9+/]{22,172}={0,2})$/;

function parseHash(hash: string): ScryptHash | undefined {
  const match = HASH.exec(hash);
  if (match === null) return undefined;
  const [, cost, blockSize, parallelization, salt = '', key = ''] = match;
  return {
    cost: Number(cost),
    blockSize: Number(blockSize),
    parallelization: Number(parallelization),
    salt: Buffer.from(salt, 'base64'),
    key: Buffer.from(key, 'base64'),
  };
}

const derive = (password: string | Buffer, hash: ScryptHash): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const { cost, blockSize, parallelization, salt, key } = hash;
    const options = { N: cost, r: blockSize, p: parallelization, maxmem: MEMORY_MAX_BYTES };
    scrypt(password, salt, key.length, options, (error, derived) =>
      error ? reject(error) : resolve(derived),
    );
  });

/**
 * Whether the password is the one behind `scrypt$N$r$p$saltBase64$hashBase64`. False also for a hash
 * that cannot be read or asks for more than 256 MiB.
 */
export async function verifyPassword(hash: string, password: string | Buffer): Promise<boolean> {
  const parsed = parseHash(hash);
  if (parsed === undefined) return false;
  try {
    return timingSafeEqual(await derive(password, parsed), parsed.key);
  } catch {
    return false;
  }
}

/** A hash for the site file. */
export async function hashPassword(
  password: string | Buffer,
  options: { readonly cost?: number; readonly salt?: Buffer } = {},
): Promise<string> {
  const { cost = 16_384, salt = randomBytes(16) } = options;
  const key = await derive(password, { cost, blockSize: 8, parallelization: 1, salt, key: Buffer.alloc(32) });
  return `scrypt$${cost}$8$1$${salt.toString('base64')}$${key.toString('base64')}`;
}

/** `overloaded`: too many passwords wait to be verified; try again later. */
export type Verdict = 'right' | 'wrong' | 'overloaded';

export interface PasswordVerifier {
  verify(hash: string, password: Buffer): Promise<Verdict>;
}

export interface VerifierOptions {
  /** Verified passwords remembered. */
  readonly cacheMax?: number;
  readonly concurrentMax?: number;
  readonly waitingMax?: number;
}

export function createPasswordVerifier(options: VerifierOptions = {}): PasswordVerifier {
  const { cacheMax = 20_000, concurrentMax = 2, waitingMax = 2_000 } = options;
  // Only keyed digests are kept, and only of what was right.
  const cacheKey = randomBytes(32);
  const verified = new BoundedMap<string, true>(cacheMax);
  const waiting: (() => void)[] = [];
  let running = 0;

  const enter = (): Promise<void> => {
    if (running < concurrentMax) {
      running += 1;
      return Promise.resolve();
    }
    return new Promise((resolve) => waiting.push(resolve));
  };
  const leave = (): void => {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  };
  return {
    async verify(hash, password) {
      const digest = createHmac('sha256', cacheKey)
        .update(hash)
        .update('\0')
        .update(password)
        .digest('base64');
      if (verified.has(digest)) return 'right';
      if (running >= concurrentMax && waiting.length >= waitingMax) return 'overloaded';
      await enter();
      try {
        if (!(await verifyPassword(hash, password))) return 'wrong';
        verified.set(digest, true);
        return 'right';
      } finally {
        leave();
      }
    },
  };
}
