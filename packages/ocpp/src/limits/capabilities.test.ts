import type { Protocol } from '@ampledger/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { validateOutgoing } from '../schemas/validate.js';
import { meterIntervalCalls, readCapabilities, readingCalls } from './capabilities.js';
import { resultStatus } from './result-status.js';

const PROTOCOLS: readonly Protocol[] = ['ocpp1.6', 'ocpp2.0.1'];

it.each(PROTOCOLS)('what we ask a station of %s fits its schema', (protocol) => {
  for (const { action, payload } of [...readingCalls(protocol), ...meterIntervalCalls(protocol, 10.5)]) {
    expect(validateOutgoing(protocol, action, payload)).toEqual({ ok: true, value: payload });
  }
});

const configuration = (values: Record<string, unknown>) => ({
  configurationKey: Object.entries(values).map(([key, value]) => ({ key, readonly: true, value })),
});
const read16 = (values: Record<string, unknown>) =>
  readCapabilities('ocpp1.6', 'GetConfiguration', configuration(values));

describe('readCapabilities, OCPP 1.6', () => {
  it.each<[string, string[]]>([
    ['Current', ['A']],
    ['Power', ['W']],
    ['Current,Power', ['A', 'W']],
    ['power', ['W']],
    ['W', ['W']],
    ['A,W', ['A', 'W']],
    [' Current , Current ', ['A']],
    ['', []],
    ['Amperage', []],
  ])('rate unit "%s" (field lesson L1)', (text, rateUnits) => {
    expect(read16({ ChargingScheduleAllowedChargingRateUnit: text })).toMatchObject({ rateUnits });
  });

  it('reads figures, and leaves out absurd ones (field lesson L24)', () => {
    expect(
      read16({
        ChargeProfileMaxStackLevel: '9',
        ChargingScheduleMaxPeriods: '24.0',
        MaxChargingProfilesInstalled: '-1',
        ConnectorSwitch3to1PhaseSupported: 'TRUE',
        NumberOfConnectors: '1850027108',
        Secret: 'x',
      }),
    ).toEqual({
      rateUnits: [],
      maxStackLevel: 9,
      maxPeriods: 24,
      maxProfiles: null,
      phaseSwitching: true,
      connectorCount: null,
      raw: {
        ChargeProfileMaxStackLevel: '9',
        ChargingScheduleMaxPeriods: '24.0',
        MaxChargingProfilesInstalled: '-1',
        ConnectorSwitch3to1PhaseSupported: 'TRUE',
        NumberOfConnectors: '1850027108',
      },
    });
    expect(read16({ numberofconnectors: '2' })).toMatchObject({ connectorCount: 2 });
    expect(read16({ NumberOfConnectors: 'x'.repeat(2000) })?.raw.NumberOfConnectors?.length).toBe(500);
  });
});

it('readCapabilities, OCPP 2.0.1', () => {
  const of = (name: string, attributeValue: string | undefined, component = 'SmartChargingCtrlr') => ({
    attributeStatus: 'Accepted',
    component: { name: component },
    variable: { name },
    attributeValue,
  });
  const getVariableResult = [
    of('RateUnit', 'A,W'),
    of('ProfileStackLevel', '3'),
    of('PeriodsPerSchedule', undefined),
    of('ACPhaseSwitchingSupported', 'false'),
    of('RateUnit', 'W', 'SomeoneElse'),
  ];
  expect(readCapabilities('ocpp2.0.1', 'GetVariables', { getVariableResult })).toEqual({
    rateUnits: ['A', 'W'],
    maxStackLevel: 3,
    maxPeriods: null,
    maxProfiles: null,
    phaseSwitching: false,
    connectorCount: null,
    raw: {
      'SmartChargingCtrlr.RateUnit': 'A,W',
      'SmartChargingCtrlr.ProfileStackLevel': '3',
      'SmartChargingCtrlr.ACPhaseSwitchingSupported': 'false',
    },
  });
});

it('readCapabilities of anything else is null, and nothing breaks it', () => {
  expect(readCapabilities('ocpp1.6', 'GetVariables', {})).toBeNull();
  expect(readCapabilities('ocpp1.6', 'GetConfiguration', { unknownKey: ['NumberOfConnectors'] })).toBeNull();
  const records = fc.array(
    fc.record({
      key: fc.jsonValue(),
      value: fc.jsonValue(),
      component: fc.jsonValue(),
      variable: fc.jsonValue(),
    }),
  );
  fc.assert(
    fc.property(
      fc.oneof(fc.jsonValue(), fc.record({ configurationKey: records, getVariableResult: records })),
      (payload) => {
        readCapabilities('ocpp1.6', 'GetConfiguration', payload);
        readCapabilities('ocpp2.0.1', 'GetVariables', payload);
        resultStatus(payload);
      },
    ),
  );
});

it.each<[unknown, string | null]>([
  [{ status: 'Accepted' }, 'Accepted'],
  [{ status: 'x'.repeat(100) }, 'x'.repeat(64)],
  [{ setVariableResult: [{ attributeStatus: 'Accepted' }, { attributeStatus: 'Rejected' }] }, 'Rejected'],
  [{ setVariableResult: [{ attributeStatus: 'Accepted' }, {}] }, 'Accepted'],
  [{ setVariableResult: [] }, null],
  [{ status: 7 }, null],
  [[], null],
  [null, null],
])('resultStatus of %j is %s', (payload, expected) => {
  expect(resultStatus(payload)).toBe(expected);
});
