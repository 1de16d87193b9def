import { describe, expect, it } from 'vitest';
import { addressOf } from './address.js';

describe('an address', () => {
  it.each([
    ['esdb://a:1?tls=false', 'esdb', 'esdb://a:1', false],
    ['esdb+discover://cluster.example', 'esdb', 'esdb+discover://cluster.example', true],
    [' kurrentdb://a:1,b:2/ ', 'kurrentdb', 'kurrentdb://a:1,b:2', true],
    ['kurrentdb+discover://me:secret@a?TLS=false', 'kurrentdb', 'kurrentdb+discover://a', false],
  ] as const)('reads %s', (url, client, shown, isSecure) => {
    expect(addressOf({ url })).toMatchObject({ client, shown, isSecure, deadlineMs: 10_000 });
  });

  it.each(['', 'http://a', 'esdb:/a', 'esdb://', 'kurrent://a'])('refuses %j', (url) => {
    expect(() => addressOf({ url })).toThrow(expect.objectContaining({ code: 'INVALID' }));
  });

  it('puts credentials, certificate and deadline where the clients look for them', () => {
    const address = addressOf({
      url: 'esdb://old:one@a:1?connectionName=recorder&defaultDeadline=5&THROWonappendfailure=false',
      credentials: { username: 'u', password: 'p@:/' },
      tls: { rootCertificateFile: '/etc/c a.pem' },
      deadlineMs: 1_234,
    });
    expect(address.connectionString).toBe(
      'esdb://u:p%40%3A%2F@a:1?connectionName=recorder&defaultDeadline=1234&throwOnAppendFailure=true&tlsCAFile=%2Fetc%2Fc%20a.pem',
    );
    expect(address.credentials).toEqual({ username: 'u', password: 'p@:/' });
  });

  it('takes credentials from the URL when no others are given, and shows them nowhere', () => {
    const address = addressOf({ url: 'esdb://u:p%40@a:1' });
    expect(address.credentials).toEqual({ username: 'u', password: 'p@' });
    expect(address.shown).not.toContain('u:');
  });
});
