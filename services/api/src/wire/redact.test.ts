import { REDACTED } from '@ampledger/ocpp';
import { describe, expect, it } from 'vitest';
import { redactedData } from './redact.js';

const call = (payload: object) => ({ station: 'CP1', call: 'c1', action: 'x', payload });

describe('what events show', () => {
  it.each([
    [
      'a password hash in a site',
      'SiteConfigured',
      {
        site: {
          stations: [
            { id: 'CP1', passwordHash: 'scrypt$x' },
            { id: 'CP2', passwordHash: null },
          ],
        },
      },
      {
        site: {
          stations: [
            { id: 'CP1', passwordHash: REDACTED },
            { id: 'CP2', passwordHash: null },
          ],
        },
      },
    ],
    [
      'an OCPP 1.6 key',
      'OperatorCallRequested',
      call({ key: 'AuthorizationKey', value: 'hush' }),
      call({ key: 'AuthorizationKey', value: REDACTED }),
    ],
    [
      'an OCPP 2.0.1 variable',
      'CallRequested',
      call({
        setVariableData: [
          {
            component: { name: 'SecurityCtrlr' },
            variable: { name: 'BasicAuthPassword' },
            attributeValue: 'hush',
          },
          {
            component: { name: 'OCPPCommCtrlr' },
            variable: { name: 'HeartbeatInterval' },
            attributeValue: '60',
          },
        ],
      }),
      call({
        setVariableData: [
          {
            component: { name: 'SecurityCtrlr' },
            variable: { name: 'BasicAuthPassword' },
            attributeValue: REDACTED,
          },
          {
            component: { name: 'OCPPCommCtrlr' },
            variable: { name: 'HeartbeatInterval' },
            attributeValue: '60',
          },
        ],
      }),
    ],
    [
      'an id token that an operator sends',
      'CallRequested',
      call({ connectorId: 1, idTag: '04AB' }),
      call({ connectorId: 1, idTag: REDACTED }),
    ],
    [
      'a password in an address',
      'CallRequested',
      call({ location: 'ftp://me:hush@files.example/fw' }),
      call({ location: `ftp://${REDACTED}@files.example/fw` }),
    ],
    [
      'what a station reads out',
      'StationCapabilitiesRead',
      { station: 'CP1', raw: { AuthorizationKey: 'hush', MeterValueSampleInterval: '10' } },
      { station: 'CP1', raw: { AuthorizationKey: REDACTED, MeterValueSampleInterval: '10' } },
    ],
    ['nothing else', 'EnvelopeSet', { source: 'password' }, { source: 'password' }],
  ])('%s', (_what, type, data, shown) => {
    expect(redactedData({ type, data })).toEqual(shown);
  });

  it('an answer without payload', () => {
    const data = { station: 'CP1', call: 'c1', outcome: 'timeout', payload: null };
    expect(redactedData({ type: 'CallAnswered', data })).toEqual(data);
  });

  it('does not follow nesting without end', () => {
    let payload: object = {};
    for (let depth = 0; depth < 150; depth++) payload = { payload };
    expect(JSON.stringify(redactedData({ type: 'SiteConfigured', data: payload }))).toContain(REDACTED);
  });
});
