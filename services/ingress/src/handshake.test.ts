import { stationId } from '@ampledger/kernel';
import { describe, expect, it } from 'vitest';
import { chooseProtocol, credentialsOf, identityOf, offeredProtocols } from './handshake.js';

describe('identityOf', () => {
  it.each([
    ['/ocpp/CP-1', 'CP-1'],
    ['/ocpp/CP%2D1', 'CP-1'],
    ['/ocpp/a:b|c@d', 'a:b|c@d'],
    ['/ocpp/cp1?token=x', 'cp1'],
  ])('%s is the station %s', (url, station) => {
    expect(identityOf(url)).toEqual({ kind: 'station', station });
  });

  it.each([
    ['nothing', '/ocpp/'],
    ['a dot', '/ocpp/.'],
    ['two dots', '/ocpp/..'],
    ['encoded dots', '/ocpp/%2e%2e'],
    ['a path', '/ocpp/a/b'],
    ['an encoded slash', '/ocpp/a%2Fb'],
    ['twice encoded', '/ocpp/a%252Fb'],
    ['NUL', '/ocpp/a%00b'],
    ['a newline', '/ocpp/a%0Ab'],
    ['a homoglyph', '/ocpp/%D0%A1P-1'],
    ['a malformed escape', '/ocpp/%E0%A4%A'],
    ['a bare percent', '/ocpp/%'],
    ['49 characters', `/ocpp/${'x'.repeat(49)}`],
    ['10 kB', `/ocpp/${'x'.repeat(10_000)}`],
  ])('refuses %s', (_name, url) => {
    expect(identityOf(url)).toEqual({ kind: 'invalid' });
  });

  it.each(['/', '/ocpp', '/other/CP-1', '/OCPP/CP-1', ''])('knows nothing of %s', (url) => {
    expect(identityOf(url)).toEqual({ kind: 'foreign' });
  });

  it('takes another case for another station', () => {
    expect(identityOf('/ocpp/cp-1')).not.toEqual(identityOf('/ocpp/CP-1'));
  });
});

describe('chooseProtocol', () => {
  it.each([
    ['ocpp1.6', 'ocpp1.6'],
    ['ocpp1.6, ocpp2.0.1', 'ocpp2.0.1'],
    ['ocpp2.1,ocpp2.0.1', 'ocpp2.0.1'],
    ['OCPP1.6', undefined],
    ['ocpp1.5', undefined],
    [undefined, undefined],
  ])('of %s takes %s', (header, protocol) => {
    expect(chooseProtocol(offeredProtocols(header))).toBe(protocol);
  });
});

describe('credentialsOf', () => {
  const basic = (text: string | Buffer) => `Basic ${Buffer.from(text).toString('base64')}`;
  const station = stationId('a:b');

  it('takes everything after the station’s own name for the password', () => {
    expect(credentialsOf(basic('a:b:pass:word'), station)).toEqual({
      kind: 'password',
      password: Buffer.from('pass:word'),
    });
  });

  it.each([
    ['another user', basic('a:c:password')],
    ['a user without a password', basic('a:b')],
    ['another scheme', 'Bearer abc'],
    ['no base64', 'Basic %%%'],
    ['nothing in it', 'Basic '],
  ])('%s is foreign', (_name, header) => {
    expect(credentialsOf(header, station).kind).toBe('foreign');
  });

  it('says when there are none', () => {
    expect(credentialsOf(undefined, station)).toEqual({ kind: 'none' });
  });
});
