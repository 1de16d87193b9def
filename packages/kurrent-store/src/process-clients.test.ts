import { describe, expect, it } from 'vitest';
import { addressOf } from './address.js';
import { leaseAppends } from './process-clients.js';

const inTheClear = addressOf({ url: 'esdb://a:1?tls=false' });

describe('the appends of one process', () => {
  it('share one stream for one store, and are calls of their own for any other', () => {
    const first = leaseAppends(inTheClear);
    const second = leaseAppends(inTheClear);
    expect(first.appendCredentials).toBeUndefined();
    expect(second.appendCredentials).toBeDefined();
    second.release();
    expect(leaseAppends(inTheClear).appendCredentials).toBeDefined();
    first.release();
    first.release();
    const next = leaseAppends(inTheClear);
    expect(next.appendCredentials).toBeUndefined();
    first.release();
    expect(leaseAppends(inTheClear).appendCredentials).toBeDefined();
    next.release();
  });

  it('need real credentials for that over TLS', () => {
    const first = leaseAppends(inTheClear);
    expect(() => leaseAppends(addressOf({ url: 'esdb://a:1' }))).toThrow(
      expect.objectContaining({ code: 'INVALID' }),
    );
    expect(leaseAppends(addressOf({ url: 'esdb://u:p@a:1' })).appendCredentials).toEqual({
      username: 'u',
      password: 'p',
    });
    first.release();
  });

  it('need nothing of it with the newer client', () => {
    const leases = [1, 2].map(() => leaseAppends(addressOf({ url: 'kurrentdb://a:1' })));
    for (const lease of leases) expect(lease.appendCredentials).toBeUndefined();
  });
});
