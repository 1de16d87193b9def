import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS, type InstalledProfile } from './profile.js';
import { installed, type Protocol, type RuleContext, refusalOf } from './profile-rules.js';
import { readProfile16, readProfile201 } from './profile-wire.js';
import { Malformed } from './shape.js';

const T = '2026-03-02T12:00:00Z';
const context = (protocol: Protocol, about: Partial<RuleContext> = {}): RuleContext => ({
  protocol,
  evseId: 1,
  evseIds: [1, 2],
  transaction: { id: '17' },
  withStart: false,
  limits: DEFAULT_LIMITS,
  installed: [],
  ...about,
});

const p16 = (about: object = {}, schedule: object = {}) =>
  readProfile16(
    {
      chargingProfileId: 1,
      stackLevel: 0,
      chargingProfilePurpose: 'TxProfile',
      chargingProfileKind: 'Absolute',
      chargingSchedule: {
        chargingRateUnit: 'A',
        startSchedule: T,
        chargingSchedulePeriod: [{ startPeriod: 0, limit: 10 }],
        ...schedule,
      },
      ...about,
    },
    '$',
  );
const p201 = (about: object = {}, schedule: object = {}, more: readonly object[] = []) => {
  const base = {
    id: 1,
    chargingRateUnit: 'A',
    startSchedule: T,
    chargingSchedulePeriod: [{ startPeriod: 0, limit: 10 }],
    ...schedule,
  };
  const chargingSchedule = [base, ...more.map((one) => ({ ...base, ...one }))];
  return readProfile201(
    {
      id: 1,
      stackLevel: 0,
      chargingProfilePurpose: 'TxProfile',
      chargingProfileKind: 'Absolute',
      transactionId: '17',
      chargingSchedule,
      ...about,
    },
    '$',
  );
};

const DEFAULT = { chargingProfilePurpose: 'TxDefaultProfile', transactionId: undefined };
const MAX_201 = { chargingProfilePurpose: 'ChargingStationMaxProfile', transactionId: undefined };
const stored = (profile: ReturnType<typeof p201>, evseId: number): InstalledProfile => ({
  ...profile,
  evseId,
  installedAt: 0,
});
const periods = (...startPeriods: readonly number[]) => ({
  chargingSchedulePeriod: startPeriods.map((startPeriod) => ({ startPeriod, limit: 10 })),
});

type Case = readonly [
  name: string,
  profile: ReturnType<typeof p16>,
  about: Partial<RuleContext>,
  clause: string | null,
];

const CASES_16: readonly Case[] = [
  ['a TxProfile in its transaction', p16({ transactionId: 17 }), {}, null],
  ['a TxProfile without a transaction id', p16(), {}, null],
  ['a TxProfile of another transaction', p16({ transactionId: 18 }), {}, 'K01.FR.33'],
  [
    'a TxProfile whose transaction has no id yet',
    p16({ transactionId: 18 }),
    { transaction: { id: null } },
    'K01.FR.33',
  ],
  ['a TxProfile without a transaction', p16(), { transaction: null }, 'K01.FR.09'],
  ['a TxProfile for connector 0', p16(), { evseId: 0 }, 'K01.FR.16'],
  ['a TxProfile with a remote start', p16(), { transaction: null, withStart: true }, null],
  ['a TxDefaultProfile with a remote start', p16(DEFAULT), { withStart: true }, 'F01'],
  [
    'a ChargePointMaxProfile for connector 0',
    p16({ chargingProfilePurpose: 'ChargePointMaxProfile' }),
    { evseId: 0 },
    null,
  ],
  [
    'a ChargePointMaxProfile for connector 1',
    p16({ chargingProfilePurpose: 'ChargePointMaxProfile' }),
    {},
    'K01.FR.38',
  ],
  ['a connector that is not there', p16(DEFAULT), { evseId: 3 }, 'K01.FR.28'],
  [
    'watts on a station of amperes',
    p16({}, { chargingRateUnit: 'W' }),
    { limits: { ...DEFAULT_LIMITS, rateUnits: ['A'] } },
    'K01.FR.26',
  ],
  ['a stack level too high', p16({ stackLevel: 100 }), {}, 'ProfileStackLevel'],
  ['the highest stack level', p16({ stackLevel: 99 }), {}, null],
  [
    'too many periods',
    p16({}, periods(...Array.from({ length: 25 }, (_, i) => i))),
    {},
    'PeriodsPerSchedule',
  ],
  ['a first period after the start', p16({}, periods(1)), {}, 'K01.FR.31'],
  ['periods out of order', p16({}, periods(0, 60, 60)), {}, 'K01.FR.35'],
  [
    'four phases',
    p16({}, { chargingSchedulePeriod: [{ startPeriod: 0, limit: 1, numberPhases: 4 }] }),
    {},
    'K01.FR.44',
  ],
  ['a negative limit', p16({}, { chargingSchedulePeriod: [{ startPeriod: 0, limit: -1 }] }), {}, 'limit'],
  ['an end before the beginning', p16({ validFrom: T, validTo: T }), {}, 'validTo'],
  ['Recurring without its kind', p16({ chargingProfileKind: 'Recurring' }), {}, 'recurrencyKind'],
  [
    'no room',
    p16(),
    { limits: { ...DEFAULT_LIMITS, maxProfiles: 1 }, installed: [stored(p201({ id: 9, stackLevel: 5 }), 1)] },
    'Entries',
  ],
  [
    'no room, in place of another',
    p16(),
    { limits: { ...DEFAULT_LIMITS, maxProfiles: 1 }, installed: [stored(p201(), 1)] },
    null,
  ],
];

const CASES_201: readonly Case[] = [
  ['a TxProfile in its transaction', p201(), {}, null],
  ['a TxProfile without a transaction id', p201({ transactionId: undefined }), {}, 'K01.FR.03'],
  [
    'an external constraint',
    p201({ ...MAX_201, chargingProfilePurpose: 'ChargingStationExternalConstraints' }),
    { evseId: 0 },
    'K01.FR.22',
  ],
  ['two schedules', p201({}, {}, [{ id: 2 }]), {}, 'K01.FR.34'],
  ['a station maximum', p201(MAX_201), { evseId: 0 }, null],
  [
    'a relative station maximum',
    p201({ ...MAX_201, chargingProfileKind: 'Relative' }, { startSchedule: undefined }),
    { evseId: 0 },
    'K01.FR.38',
  ],
  ['Absolute without a start', p201({}, { startSchedule: undefined }), {}, 'K01.FR.40'],
  ['Relative with a start', p201({ chargingProfileKind: 'Relative' }), {}, 'K01.FR.41'],
  [
    'a phase to use without phase switching',
    p201({}, { chargingSchedulePeriod: [{ startPeriod: 0, limit: 1, numberPhases: 1, phaseToUse: 2 }] }),
    {},
    'K01.FR.48',
  ],
  [
    'the same level in the same transaction',
    p201({ id: 2 }),
    { installed: [stored(p201(), 1)] },
    'K01.FR.39',
  ],
  ['the same id in its place', p201(), { installed: [stored(p201(), 1)] }, null],
  [
    'the same level at overlapping times',
    p201({ ...DEFAULT, id: 2 }),
    { installed: [stored(p201(DEFAULT), 1)] },
    'K01.FR.06',
  ],
  [
    'the same level at another time',
    p201({ ...DEFAULT, id: 2, validFrom: '2026-03-03T00:00:00Z' }),
    { installed: [stored(p201({ ...DEFAULT, validTo: '2026-03-03T00:00:00Z' }), 1)] },
    null,
  ],
  [
    'a default for all at the level of a default for one',
    p201({ ...DEFAULT, id: 2 }),
    { evseId: 0, installed: [stored(p201(DEFAULT), 1)] },
    'K01.FR.53',
  ],
  [
    'a default for one at the level of a default for all',
    p201({ ...DEFAULT, id: 2 }),
    { installed: [stored(p201(DEFAULT), 0)] },
    'K01.FR.53',
  ],
];

describe.each([
  ['ocpp1.6' as const, CASES_16],
  ['ocpp2.0.1' as const, CASES_201],
])('%s profile rules', (protocol, cases) => {
  it.each(cases)('%s', (_name, profile, about, clause) => {
    expect(refusalOf(profile, context(protocol, about))?.clause ?? null).toBe(clause);
  });
});

describe('installing', () => {
  it('ocpp1.6: replaces the same level of the same purpose on the same connector', () => {
    const before = [
      stored(p201({ ...DEFAULT, id: 4 }), 1),
      stored(p201({ ...DEFAULT, id: 5 }), 2),
      stored(p201({ ...DEFAULT, id: 6, stackLevel: 3 }), 1),
    ];
    const after = installed(
      p16({ ...DEFAULT, chargingProfileId: 7 }),
      context('ocpp1.6', { installed: before }),
      0,
    );
    expect(after.map((p) => p.id).sort()).toEqual([5, 6, 7]);
    expect(after[0]?.stackLevel).toBe(3);
  });

  it('replaces the same id, wherever it was', () => {
    const before = [stored(p201({ ...DEFAULT, id: 7, stackLevel: 9 }), 2)];
    for (const protocol of ['ocpp1.6', 'ocpp2.0.1'] as const) {
      const after = installed(p201({ ...DEFAULT, id: 7 }), context(protocol, { installed: before }), 0);
      expect(after.map((p) => [p.id, p.evseId])).toEqual([[7, 1]]);
    }
  });
});

describe('reading profiles', () => {
  it.each([8.1, 6.9, 16.1, 0.1, 31.9, 0])('takes a limit of %d', (limit) => {
    expect(p16({}, { chargingSchedulePeriod: [{ startPeriod: 0, limit }] }).periods[0]?.limit).toBe(limit);
  });

  it.each([
    ['two decimals', { chargingSchedulePeriod: [{ startPeriod: 0, limit: 8.15 }] }],
    ['no periods', { chargingSchedulePeriod: [] }],
    ['a unit nobody knows', { chargingRateUnit: 'kW' }],
    ['a time without a zone', { startSchedule: '2026-03-02T12:00:00' }],
    ['a property of another version', { salesTariff: {} }],
  ])('refuses %s', (_name, schedule) => {
    expect(() => p16({}, schedule)).toThrow(Malformed);
  });
});
