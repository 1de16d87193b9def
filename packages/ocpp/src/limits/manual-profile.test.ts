import type { Protocol } from '@ampledger/domain';
import { describe, expect, it } from 'vitest';
import { manualClears, manualProfile, UNBOUNDED_A } from './manual-profile.js';

const OPTIONS = { wattsPerA: 230, isDc: false };
const schedule = (limits: readonly number[], more: object = {}) => ({
  chargingRateUnit: 'A',
  chargingSchedulePeriod: limits.map((limit, index) => ({ startPeriod: index * 60, limit })),
  ...more,
});
const profile16 = (chargingSchedule: object, more: object = {}) => ({
  connectorId: 1,
  csChargingProfiles: {
    chargingProfileId: 5,
    stackLevel: 2,
    chargingProfilePurpose: 'TxProfile',
    chargingProfileKind: 'Absolute',
    transactionId: 7,
    chargingSchedule,
    ...more,
  },
});
const profile201 = (chargingSchedule: readonly object[], more: object = {}) => ({
  evseId: 0,
  chargingProfile: {
    id: 5,
    stackLevel: 2,
    chargingProfilePurpose: 'TxDefaultProfile',
    chargingProfileKind: 'Absolute',
    chargingSchedule,
    ...more,
  },
});
const session = {
  evseId: 1,
  kind: 'session',
  worstCaseA: 16,
  profileId: 5,
  transaction: '7',
  stackLevel: 2,
  endless: true,
};
const standing = { ...session, evseId: 0, kind: 'idle', transaction: null };

describe('manualProfile', () => {
  it.each<[string, Protocol, unknown, unknown]>([
    ['counts the highest period', 'ocpp1.6', profile16(schedule([6, 16, 10])), session],
    ['counts the highest schedule', 'ocpp2.0.1', profile201([schedule([6]), schedule([16])]), standing],
    ['counts watts', 'ocpp1.6', profile16(schedule([3680], { chargingRateUnit: 'W' })), session],
    ['counts nothing below zero', 'ocpp2.0.1', profile201([schedule([-5])]), { ...standing, worstCaseA: 0 }],
    [
      'counts no periods as no limit',
      'ocpp1.6',
      profile16(schedule([])),
      { ...session, worstCaseA: UNBOUNDED_A, endless: false },
    ],
    ['counts no schedule as no limit', 'ocpp2.0.1', profile201([]), { ...standing, worstCaseA: UNBOUNDED_A }],
    [
      'counts at most what no limit counts',
      'ocpp1.6',
      profile16(schedule([1e9])),
      { ...session, worstCaseA: UNBOUNDED_A },
    ],
    [
      'sees a duration',
      'ocpp1.6',
      profile16(schedule([16], { duration: 60 })),
      { ...session, endless: false },
    ],
    [
      'sees an expiry',
      'ocpp1.6',
      profile16(schedule([16]), { validTo: '2024-05-01T12:00:00Z' }),
      { ...session, endless: false },
    ],
    [
      'sees a recurrence',
      'ocpp2.0.1',
      profile201([schedule([16])], { chargingProfileKind: 'Recurring' }),
      { ...standing, endless: false },
    ],
    [
      'leaves out a maximum',
      'ocpp1.6',
      profile16(schedule([16]), { chargingProfilePurpose: 'ChargePointMaxProfile' }),
      null,
    ],
    [
      'leaves out a maximum',
      'ocpp2.0.1',
      profile201([schedule([16])], { chargingProfilePurpose: 'ChargingStationMaxProfile' }),
      null,
    ],
    ['leaves out what is no profile', 'ocpp1.6', { key: 'x', value: 'y' }, null],
    ['leaves out what is no payload', 'ocpp1.6', null, null],
  ])('%s (%s)', (_, protocol, payload, expected) => {
    expect(manualProfile(protocol, payload, OPTIONS)).toEqual(expected);
  });
});

describe('manualClears', () => {
  it.each<[Protocol, unknown, unknown]>([
    ['ocpp1.6', { id: 5 }, [5]],
    ['ocpp1.6', {}, 'all'],
    ['ocpp1.6', { connectorId: 1, stackLevel: 0 }, 'all'],
    ['ocpp1.6', { chargingProfilePurpose: 'ChargePointMaxProfile' }, []],
    ['ocpp1.6', null, null],
    ['ocpp2.0.1', { chargingProfileId: 5 }, [5]],
    ['ocpp2.0.1', { id: 5 }, 'all'],
    ['ocpp2.0.1', { chargingProfileCriteria: { chargingProfilePurpose: 'TxProfile' } }, 'all'],
    [
      'ocpp2.0.1',
      { chargingProfileCriteria: { chargingProfilePurpose: 'ChargingStationExternalConstraints' } },
      [],
    ],
  ])('%s %j → %j', (protocol, payload, expected) => {
    expect(manualClears(protocol, payload)).toEqual(expected);
  });
});

describe('manualProfile at a DC outlet', () => {
  const DC = { wattsPerA: 648.6, isDc: true };
  const worst = (schedules: object) => manualProfile('ocpp1.6', profile16(schedules), DC)?.worstCaseA;

  it('counts watts with the losses', () => {
    expect(worst(schedule([32_430], { chargingRateUnit: 'W' }))).toBeCloseTo(50);
  });

  it('cannot tell what amperes at the car take from the grid', () => {
    expect(worst(schedule([50]))).toBe(UNBOUNDED_A);
  });
});
