import { describe, expect, it } from 'vitest';
import { createPasswordVerifier, hashPassword, verifyPassword } from './password.js';

const cost = 1024;

describe('passwords', () => {
  it('knows the right one from a wrong one', async () => {
    const hash = await hashPassword('correct horse', { cost });
    expect(await verifyPassword(hash, 'correct horse')).toBe(true);
    expect(await verifyPassword(hash, 'correct horsf')).toBe(false);
    expect(await verifyPassword(hash, '')).toBe(false);
  });

  it('takes passwords of any bytes', async () => {
    const password = Buffer.from([0xff, 0x00, 0xfe, 0x3a]);
    expect(await verifyPassword(await hashPassword(password, { cost }), password)).toBe(true);
  });

  it('knows a hash made elsewhere (RFC 7914, section 12)', async () => {
    const key =
      '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887';
    const salt = Buffer.from('SodiumChloride').toString('base64');
    const hash = `scrypt$16384$8$1$${salt}$${Buffer.from(key, 'hex').toString('base64')}`;
    expect(await verifyPassword(hash, 'pleaseletmein')).toBe(true);
  });

  it.each([
    ['empty', ''],
    ['another scheme', '$2b$10$abcdefghijklmnopqrstuv'],
    ['a cost that is no power of two', 'scrypt$1000$8$1$c2FsdHNhbHQ=$aGFzaGhhc2hoYXNoaGFzaA=='],
    ['more memory than allowed', 'scrypt$8388608$99$1$c2FsdHNhbHQ=$aGFzaGhhc2hoYXNoaGFzaA=='],
  ])('refuses a hash that is %s', async (_name, hash) => {
    expect(await verifyPassword(hash, 'x')).toBe(false);
  });

  it('verifies what it has verified before without hashing again', async () => {
    const hash = await hashPassword('secret', { cost });
    const verifier = createPasswordVerifier({ concurrentMax: 1, waitingMax: 0 });
    expect(await verifier.verify(hash, Buffer.from('secret'))).toBe('right');
    const verifications = [
      verifier.verify(hash, Buffer.from('guess')),
      // While the one place for hashing is taken and nobody may wait for it.
      ...Array.from({ length: 100 }, () => verifier.verify(hash, Buffer.from('secret'))),
    ];
    const [guess, ...rest] = await Promise.all(verifications);
    expect(guess).toBe('wrong');
    expect(new Set(rest)).toEqual(new Set(['right']));
  });

  it('says so when too many passwords wait', async () => {
    const hash = await hashPassword('secret', { cost });
    const verifier = createPasswordVerifier({ concurrentMax: 1, waitingMax: 1 });
    const verdicts = await Promise.all(
      ['a', 'b', 'c'].map((guess) => verifier.verify(hash, Buffer.from(guess))),
    );
    expect(verdicts).toEqual(['wrong', 'wrong', 'overloaded']);
    expect(await verifier.verify(hash, Buffer.from('secret'))).toBe('right');
  });
});
