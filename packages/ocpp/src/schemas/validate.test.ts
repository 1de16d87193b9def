import type { Protocol } from '@ampledger/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { engineActions, stationActions } from './actions.js';
import { RAW_SCHEMAS } from './oca.js';
import { mutatedMessages, validMessages } from './schema-arbitrary.js';
import { validateCall, validateOutgoing, validateResult, warmSchemas } from './validate.js';

const AT = '2024-05-01T12:00:00Z';
const PROTOCOLS: readonly Protocol[] = ['ocpp1.6', 'ocpp2.0.1'];
const sample16 = (sampled: object) => ({
  connectorId: 1,
  meterValue: [{ timestamp: AT, sampledValue: [sampled] }],
});
const sample201 = (sampled: object) => ({
  evseId: 1,
  meterValue: [{ timestamp: AT, sampledValue: [sampled] }],
});

const codeOf = (protocol: Protocol, action: string, payload: unknown): string => {
  const outcome = validateCall(protocol, action, payload);
  return outcome.ok ? 'ok' : outcome.error.code;
};

describe('validateCall', () => {
  it.each<[Protocol, string, unknown, string]>([
    ['ocpp1.6', 'Heartbeat', {}, 'ok'],
    ['ocpp1.6', 'Heartbeat', null, 'FormationViolation'],
    ['ocpp1.6', 'Heartbeat', [], 'FormationViolation'],
    ['ocpp2.0.1', 'Heartbeat', undefined, 'FormatViolation'],
    ['ocpp1.6', 'Authorize', {}, 'OccurenceConstraintViolation'],
    ['ocpp2.0.1', 'Authorize', {}, 'OccurrenceConstraintViolation'],
    ['ocpp1.6', 'Authorize', { idTag: 5 }, 'TypeConstraintViolation'],
    ['ocpp1.6', 'Authorize', { idTag: 'x'.repeat(21) }, 'PropertyConstraintViolation'],
    ['ocpp1.6', 'Authorize', { idTag: '🔌'.repeat(20) }, 'ok'],
    ['ocpp1.6', 'Authorize', { idTag: 'x', more: 1 }, 'FormationViolation'],
    ['ocpp2.0.1', 'Heartbeat', { more: 1 }, 'FormatViolation'],
    [
      'ocpp1.6',
      'StatusNotification',
      { connectorId: 1, errorCode: 'NoError', status: 'Resting' },
      'PropertyConstraintViolation',
    ],
    [
      'ocpp1.6',
      'StatusNotification',
      { connectorId: 1.5, errorCode: 'NoError', status: 'Available' },
      'TypeConstraintViolation',
    ],
    [
      'ocpp1.6',
      'StatusNotification',
      { connectorId: 1e300, errorCode: 'NoError', status: 'Available' },
      'PropertyConstraintViolation',
    ],
    // The same, for a message without a hand-written schema.
    ['ocpp1.6', 'FirmwareStatusNotification', null, 'FormationViolation'],
    ['ocpp1.6', 'FirmwareStatusNotification', {}, 'OccurenceConstraintViolation'],
    ['ocpp1.6', 'FirmwareStatusNotification', { status: 'Resting' }, 'PropertyConstraintViolation'],
    [
      'ocpp2.0.1',
      'ReservationStatusUpdate',
      { reservationId: 1e300, reservationUpdateStatus: 'Expired' },
      'PropertyConstraintViolation',
    ],
    [
      'ocpp2.0.1',
      'ReservationStatusUpdate',
      { reservationId: 'x', reservationUpdateStatus: 'Expired' },
      'TypeConstraintViolation',
    ],
    [
      'ocpp2.0.1',
      'ReservationStatusUpdate',
      { reservationId: 1, reservationUpdateStatus: 'Expired', x: 1 },
      'FormatViolation',
    ],
    // Actions.
    ['ocpp1.6', 'Hearbeat', {}, 'NotImplemented'],
    ['ocpp1.6', '__proto__', {}, 'NotImplemented'],
    ['ocpp2.0.1', 'constructor', {}, 'NotImplemented'],
    ['ocpp1.6', 'SetChargingProfile', {}, 'NotSupported'],
    ['ocpp1.6', 'TransactionEvent', {}, 'NotSupported'],
    ['ocpp2.0.1', 'StartTransaction', {}, 'NotSupported'],
    // What stations get wrong and mean well.
    ['ocpp1.6', 'MeterValues', sample16({ value: '50', measurand: 'Frequency', unit: 'Hertz' }), 'ok'],
    ['ocpp1.6', 'MeterValues', sample16({ value: 50 }), 'ok'],
    ['ocpp1.6', 'MeterValues', sample16({ value: '50', unit: 5 }), 'TypeConstraintViolation'],
    [
      'ocpp1.6',
      'MeterValues',
      sample16({ value: '50', unit: 'x'.repeat(500) }),
      'PropertyConstraintViolation',
    ],
    ['ocpp2.0.1', 'MeterValues', sample201({ value: '50' }), 'ok'],
    ['ocpp2.0.1', 'MeterValues', sample201({ value: Number.POSITIVE_INFINITY }), 'ok'],
    ['ocpp2.0.1', 'MeterValues', sample201({ value: 1, unitOfMeasure: { unit: 'furlong' } }), 'ok'],
    [
      'ocpp2.0.1',
      'MeterValues',
      { evseId: 1, meterValue: [{ timestamp: '2024-05-01T12:00:00', sampledValue: [{ value: 1 }] }] },
      'ok',
    ],
    [
      'ocpp1.6',
      'StartTransaction',
      { connectorId: 1, idTag: 'x', meterStart: 0, timestamp: 'noon' },
      'PropertyConstraintViolation',
    ],
  ])('%s %s %j → %s', (protocol, action, payload, expected) => {
    expect(codeOf(protocol, action, payload)).toBe(expected);
  });

  it('names the path, in few words, whatever the peer wrote', () => {
    const outcome = validateCall(
      'ocpp1.6',
      'MeterValues',
      sample16({ value: '1', [`\u001b[31m${'é'.repeat(900)}`]: 1 }),
    );
    expect(outcome).toMatchObject({ ok: false });
    const description = outcome.ok ? '' : outcome.error.description;
    expect(description).toMatch(
      /^payload\/meterValue\/0\/sampledValue\/0\/[\x20-\x7e]{40}: is not a known field$/,
    );
  });

  it('hands on the payload itself', () => {
    const payload = sample16({ value: '50', unit: 'Hertz' });
    const outcome = validateCall('ocpp1.6', 'MeterValues', payload);
    expect(outcome.ok && outcome.value).toBe(payload);
  });
});

const every = (actions: (protocol: Protocol) => readonly string[]) =>
  PROTOCOLS.flatMap((protocol) => actions(protocol).map((action) => ({ protocol, action })));
const schemaOf = (protocol: Protocol, name: string) => RAW_SCHEMAS[protocol].get(name) ?? {};

describe('every message of the standard', () => {
  it.each(every(stationActions))('$protocol $action from a station', ({ protocol, action }) => {
    fc.assert(
      fc.property(validMessages(schemaOf(protocol, `${action}Request`)), (message) => {
        expect(validateCall(protocol, action, message).ok).toBe(true);
      }),
      { numRuns: 50 },
    );
    fc.assert(
      fc.property(
        fc.oneof(mutatedMessages(schemaOf(protocol, `${action}Request`)), fc.jsonValue()),
        (message) => {
          const outcome = validateCall(protocol, action, message);
          if (!outcome.ok) expect(outcome.error.description.length).toBeLessThanOrEqual(255);
        },
      ),
      { numRuns: 100 },
    );
  });

  it.each(every(engineActions))('$protocol $action to a station, and its answer', ({ protocol, action }) => {
    fc.assert(
      fc.property(validMessages(schemaOf(protocol, `${action}Request`)), (message) => {
        expect(validateOutgoing(protocol, action, message).ok).toBe(true);
      }),
      { numRuns: 30 },
    );
    fc.assert(
      fc.property(validMessages(schemaOf(protocol, `${action}Response`)), (message) => {
        expect(validateResult(protocol, action, message).ok).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('is in one direction only, but for data transfer', () => {
    for (const protocol of PROTOCOLS) {
      const both = stationActions(protocol).filter((action) => engineActions(protocol).includes(action));
      expect(both).toEqual(['DataTransfer']);
      const requests = [...RAW_SCHEMAS[protocol].keys()].filter((name) => name.endsWith('Request'));
      expect(stationActions(protocol).length + engineActions(protocol).length - 1).toBe(requests.length);
    }
  });
});

const profile16 = (limit: number) => ({
  connectorId: 1,
  csChargingProfiles: {
    chargingProfileId: 1,
    stackLevel: 0,
    chargingProfilePurpose: 'TxDefaultProfile',
    chargingProfileKind: 'Absolute',
    chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit }] },
  },
});

describe('what we send', () => {
  it('may have any limit of one decimal, and none of two (field lesson L9)', () => {
    for (let tenths = 0; tenths <= 10_000; tenths += 1) {
      expect(validateOutgoing('ocpp1.6', 'SetChargingProfile', profile16(tenths / 10)).ok).toBe(true);
    }
    expect(validateOutgoing('ocpp1.6', 'SetChargingProfile', profile16(8.15)).ok).toBe(false);
  });

  it.each<[Protocol, string, unknown, string]>([
    ['ocpp1.6', 'Heartbeat', {}, 'NotSupported'],
    ['ocpp1.6', 'SetVariables', {}, 'NotSupported'],
    ['ocpp1.6', 'Dance', {}, 'NotImplemented'],
    ['ocpp2.0.1', 'SetChargingProfile', {}, 'OccurrenceConstraintViolation'],
    ['ocpp1.6', 'SetChargingProfile', profile16(8.15), 'PropertyConstraintViolation'],
  ])('%s %s %j is refused with %s', (protocol, action, payload, code) => {
    expect(validateOutgoing(protocol, action, payload)).toMatchObject({ ok: false, error: { code } });
  });

  it('gets an answer that fits its schema, or a sentence', () => {
    expect(validateResult('ocpp1.6', 'SetChargingProfile', { status: 'Accepted' }).ok).toBe(true);
    expect(validateResult('ocpp1.6', 'SetChargingProfile', {})).toEqual({
      ok: false,
      error: 'payload/status: is required',
    });
    expect(validateResult('ocpp1.6', 'Dance', {})).toMatchObject({ ok: false });
  });
});

it('warmSchemas may be called twice', () => {
  warmSchemas();
  warmSchemas();
});
