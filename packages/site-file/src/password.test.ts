import { scryptSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { hashPassword, passwordHashFault } from './password.js';

const PASSWORD = 'correct-horse-battery';

describe('hashPassword', () => {
  test('the hash carries all that a check needs', async () => {
    const [scheme, N, r, p, salt, hash] = (await hashPassword(PASSWORD)).split('$');
    expect([scheme, N, r, p]).toEqual(['scrypt', '16384', '8', '1']);
    const expected = Buffer.from(hash ?? '', 'base64');
    const again = scryptSync(PASSWORD, Buffer.from(salt ?? '', 'base64'), expected.length, {
      N: 16_384,
      r: 8,
      p: 1,
    });
    expect(again.equals(expected)).toBe(true);
  });

  test('the same password hashes differently, the same salt alike', async () => {
    expect(await hashPassword(PASSWORD)).not.toBe(await hashPassword(PASSWORD));
    const salt = new Uint8Array(16).fill(7);
    expect(await hashPassword(PASSWORD, salt)).toBe(await hashPassword(PASSWORD, salt));
  });

  test('what it makes is accepted', async () => {
    expect(passwordHashFault(await hashPassword('ä'.repeat(16)))).toBeUndefined();
    expect(passwordHashFault(await hashPassword('F'.repeat(40)))).toBeUndefined();
  });

  test.each([
    ['x'.repeat(15), 'PASSWORD_LENGTH'],
    ['x'.repeat(41), 'PASSWORD_LENGTH'],
    ['', 'PASSWORD_LENGTH'],
    [`${'x'.repeat(20)}\n`, 'PASSWORD_CHARACTERS'],
  ])('refuses %j', async (password, code) => {
    await expect(hashPassword(password)).rejects.toMatchObject({ code });
  });
});

describe('passwordHashFault', () => {
  const salt = 'A'.repeat(22);
  const hash = 'B'.repeat(43);
  test.each([
    ['hunter2', /ampledger hash-password/],
    [`scrypt$16384$8$1$${salt}==`, /damaged/],
    [`scrypt$16383$8$1$${salt}==$${hash}=`, /damaged/],
    [`scrypt$0$8$1$${salt}==$${hash}=`, /damaged/],
    [`scrypt$16384$8$1$${salt}==$not base64`, /damaged/],
    [`scrypt$1048576$32$1$${salt}==$${hash}=`, /more work/],
    [`scrypt$16384$8$99$${salt}==$${hash}=`, /more work/],
  ])('%s', (text, message) => {
    expect(passwordHashFault(text)).toMatch(message);
    expect(passwordHashFault(text)).not.toContain(text);
  });
});
