import type { Grant, Protocol } from '@ampledger/domain';
import { connectorKey } from '@ampledger/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LimitCall } from '../contract.js';
import { openSession, STATION } from '../meaning/test-context.js';
import { validateOutgoing } from '../schemas/validate.js';
import { encodeLimit } from './encode-limit.js';
import { floorTenth } from './tenths.js';

const NOW = Date.UTC(2024, 4, 1, 12, 0, 0, 700);
const grantOf = (change: Partial<Grant> = {}): Grant => ({
  connector: connectorKey(STATION, 1),
  kind: 'session',
  limitA: 16,
  tailA: 6,
  leaseEndsAt: NOW + 600_000,
  session: openSession('77', 1).session,
  profileId: 12,
  ...change,
});
const callOf = (change: Partial<LimitCall> = {}): LimitCall => ({
  protocol: 'ocpp1.6',
  evseId: 1,
  grant: grantOf(),
  transaction: '77',
  rateUnit: 'A',
  phases: 3,
  wattsPerA: 3 * 230,
  stackLevel: 0,
  now: NOW,
  ...change,
});
const idle = grantOf({ kind: 'idle', limitA: 6, tailA: 6, leaseEndsAt: null, session: null });

const schedule = {
  startSchedule: '2024-05-01T11:59:00Z',
  chargingRateUnit: 'A',
  chargingSchedulePeriod: [
    { startPeriod: 0, limit: 16, numberPhases: 3 },
    { startPeriod: 660, limit: 6, numberPhases: 3 },
  ],
};

describe('encodeLimit', () => {
  it('gives a session in OCPP 1.6 a TxProfile that ends in its tail', () => {
    const { action, payload, grant } = encodeLimit(callOf());
    expect(action).toBe('SetChargingProfile');
    expect(payload).toEqual({
      connectorId: 1,
      csChargingProfiles: {
        chargingProfileId: 12,
        transactionId: 77,
        stackLevel: 0,
        chargingProfilePurpose: 'TxProfile',
        chargingProfileKind: 'Absolute',
        chargingSchedule: schedule,
      },
    });
    expect(grant).toEqual(grantOf());
  });

  it('gives a session in OCPP 2.0.1 the same', () => {
    const { payload } = encodeLimit(callOf({ protocol: 'ocpp2.0.1', transaction: 'tx' }));
    expect(payload).toEqual({
      evseId: 1,
      chargingProfile: {
        id: 12,
        stackLevel: 0,
        chargingProfilePurpose: 'TxProfile',
        chargingProfileKind: 'Absolute',
        transactionId: 'tx',
        chargingSchedule: [{ id: 12, ...schedule }],
      },
    });
  });

  it.each<[Protocol, unknown]>([
    [
      'ocpp1.6',
      {
        connectorId: 1,
        csChargingProfiles: {
          chargingProfilePurpose: 'TxDefaultProfile',
          chargingSchedule: { chargingSchedulePeriod: [{ startPeriod: 0, limit: 6 }] },
        },
      },
    ],
    [
      'ocpp2.0.1',
      {
        evseId: 1,
        chargingProfile: {
          chargingProfilePurpose: 'TxDefaultProfile',
          chargingSchedule: [{ chargingSchedulePeriod: [{ startPeriod: 0, limit: 6 }] }],
        },
      },
    ],
  ])('gives an idle connector in %s a default without an end', (protocol, expected) => {
    const { payload } = encodeLimit(callOf({ protocol, grant: idle, transaction: null }));
    expect(payload).toMatchObject(expected as object);
    expect(JSON.stringify(payload)).not.toMatch(/duration|transactionId/);
  });

  const periodsOf = (change: Partial<LimitCall>): unknown => {
    const { csChargingProfiles } = encodeLimit(callOf(change)).payload as {
      csChargingProfiles: { chargingSchedule: { chargingSchedulePeriod: unknown } };
    };
    return csChargingProfiles.chargingSchedule.chargingSchedulePeriod;
  };

  it.each<[string, Partial<LimitCall>, unknown]>([
    [
      'has one period when the tail is the limit',
      { grant: grantOf({ tailA: 16 }) },
      [{ startPeriod: 0, limit: 16, numberPhases: 3 }],
    ],
    [
      'has one period when both round to the same',
      { grant: grantOf({ limitA: 6.09 }) },
      [{ startPeriod: 0, limit: 6, numberPhases: 3 }],
    ],
    [
      'has only the tail when the lease is over long ago',
      { grant: grantOf({ leaseEndsAt: NOW - 70_000 }) },
      [{ startPeriod: 0, limit: 6, numberPhases: 3 }],
    ],
    [
      'rises to a higher tail not too early',
      { grant: grantOf({ limitA: 0, leaseEndsAt: NOW + 300 + 1 }) },
      [
        { startPeriod: 0, limit: 0, numberPhases: 3 },
        { startPeriod: 62, limit: 6, numberPhases: 3 },
      ],
    ],
    [
      'falls to a lower tail not too late',
      { grant: grantOf({ leaseEndsAt: NOW + 300 - 1 }) },
      [
        { startPeriod: 0, limit: 16, numberPhases: 3 },
        { startPeriod: 60, limit: 6, numberPhases: 3 },
      ],
    ],
    [
      'is in watts of all phases',
      { rateUnit: 'W', grant: grantOf({ limitA: 10.01, tailA: 6 }) },
      [
        { startPeriod: 0, limit: 6906.9, numberPhases: 3 },
        { startPeriod: 660, limit: 4140, numberPhases: 3 },
      ],
    ],
    [
      'is in watts of one phase',
      { rateUnit: 'W', phases: 1, wattsPerA: 230 },
      [
        { startPeriod: 0, limit: 3680, numberPhases: 1 },
        { startPeriod: 660, limit: 1380, numberPhases: 1 },
      ],
    ],
    [
      'is in watts at the car for DC, and names no phases',
      { rateUnit: 'W', phases: null, wattsPerA: 648.6, grant: grantOf({ limitA: 50.05 }) },
      [
        { startPeriod: 0, limit: 32_462.4 },
        { startPeriod: 660, limit: 3_891.6 },
      ],
    ],
    [
      'is in amperes at the highest voltage for a DC station that takes nothing else',
      { phases: null, wattsPerA: 648.6, grant: grantOf({ limitA: 50 }) },
      [
        { startPeriod: 0, limit: 32.4 },
        { startPeriod: 660, limit: 3.8 },
      ],
    ],
    [
      'loses no step to the rounding of a product',
      { rateUnit: 'W', phases: null, wattsPerA: 648.6, grant: grantOf({ limitA: 30_000 / 648.6, tailA: 0 }) },
      [
        { startPeriod: 0, limit: 30_000 },
        { startPeriod: 660, limit: 0 },
      ],
    ],
  ])('%s', (_, change, expected) => {
    expect(periodsOf(change)).toEqual(expected);
  });

  it.each<[string, Partial<LimitCall>]>([
    ['a session limit without a transaction', { transaction: null }],
    ['an OCPP 1.6 transaction that is no number', { transaction: 'tx' }],
    ['a limit for the whole station', { evseId: 0 }],
    ['a limit below zero', { grant: grantOf({ limitA: -1 }) }],
  ])('breaks on %s', (_, change) => {
    expect(() => encodeLimit(callOf(change))).toThrow('Broken invariant');
  });

  const amperes = fc.oneof(
    fc.double({ min: 0, max: 1000, noNaN: true }),
    fc.integer({ min: 0, max: 10_000 }).map((tenths) => tenths / 10),
  );
  const calls = fc.record({
    protocol: fc.constantFrom<Protocol[]>('ocpp1.6', 'ocpp2.0.1'),
    rateUnit: fc.constantFrom<('A' | 'W')[]>('A', 'W'),
    phases: fc.constantFrom<(1 | 2 | 3 | null)[]>(1, 2, 3, null),
    wattsPerA: fc.constantFrom(120, 230.94, 360.27, 648.6, 690),
    now: fc.integer({ min: 1.6e12, max: 4e12 }),
    stackLevel: fc.integer({ min: 0, max: 9 }),
    limitA: amperes,
    tailA: amperes,
    leaseS: fc.oneof(fc.constant(null), fc.integer({ min: -100, max: 86_400 })),
    kind: fc.constantFrom<Grant['kind'][]>('session', 'idle'),
  });

  it('never sends more than was granted, says what it sent, and always fits the schema', () => {
    fc.assert(
      fc.property(calls, ({ limitA, tailA, leaseS, kind, ...rest }) => {
        const leaseEndsAt = leaseS === null ? null : rest.now + leaseS * 1000;
        const grant = grantOf({ limitA, tailA, leaseEndsAt, kind });
        const encoded = encodeLimit(callOf({ ...rest, grant }));
        expect(validateOutgoing(rest.protocol, encoded.action, encoded.payload).ok).toBe(true);
        expect(encoded.grant.limitA).toBeLessThanOrEqual(limitA);
        expect(encoded.grant.tailA).toBeLessThanOrEqual(tailA);
        // A tenth of the unit that is sent: at least 120 W an ampere, or 0.12 A of DC.
        const tenthA = rest.phases === null && rest.rateUnit === 'A' ? 100 / rest.wattsPerA : 0.1;
        expect(encoded.grant.limitA).toBeGreaterThanOrEqual(Math.max(0, limitA - tenthA));
        expect(encoded.grant).toEqual({ ...grant, limitA: encoded.grant.limitA, tailA: encoded.grant.tailA });
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('floorTenth', () => {
  it('leaves every tenth as it is', () => {
    const tenths = Array.from({ length: 1_000_001 }, (_, count) => count / 10);
    expect(tenths.filter((value) => floorTenth(value) !== value)).toEqual([]);
  });

  it('is at most the value, and within a tenth of it', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e6, noNaN: true }), (value) => {
        expect(floorTenth(value)).toBeLessThanOrEqual(value);
        expect(value - floorTenth(value)).toBeLessThan(0.1 + 1e-9);
      }),
    );
  });
});
