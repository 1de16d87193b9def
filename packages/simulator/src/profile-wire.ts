// Charging profiles as OCPP 1.6 and OCPP 2.0.1 write them.

import type { ChargingPeriod, ChargingProfile, InstalledProfile, Purpose } from './profile.js';
import {
  instant,
  int,
  list,
  nat,
  object,
  oneDecimal,
  oneOf,
  optional,
  type Read,
  type Reader,
  text,
} from './shape.js';

const DEFAULT_PHASES = 3;

const period16 = object({ startPeriod: nat, limit: oneDecimal, numberPhases: optional(int) });
const schedule16 = object({
  duration: optional(nat),
  startSchedule: optional(instant),
  chargingRateUnit: oneOf('A', 'W'),
  chargingSchedulePeriod: list(period16, 1, 1024),
  minChargingRate: optional(oneDecimal),
});
const profile16 = object({
  chargingProfileId: int,
  transactionId: optional(int),
  stackLevel: nat,
  chargingProfilePurpose: oneOf('ChargePointMaxProfile', 'TxDefaultProfile', 'TxProfile'),
  chargingProfileKind: oneOf('Absolute', 'Recurring', 'Relative'),
  recurrencyKind: optional(oneOf('Daily', 'Weekly')),
  validFrom: optional(instant),
  validTo: optional(instant),
  chargingSchedule: schedule16,
});

const period201 = object({
  startPeriod: nat,
  limit: oneDecimal,
  numberPhases: optional(int),
  phaseToUse: optional(int),
});
const schedule201 = object({
  id: int,
  startSchedule: optional(instant),
  duration: optional(nat),
  chargingRateUnit: oneOf('A', 'W'),
  minChargingRate: optional(oneDecimal),
  // Signed price tables are for the car; the station hands them on unread.
  salesTariff: optional((value: unknown) => value),
  chargingSchedulePeriod: list(period201, 1, 1024),
});
const profile201 = object({
  id: int,
  stackLevel: nat,
  chargingProfilePurpose: oneOf(
    'ChargingStationExternalConstraints',
    'ChargingStationMaxProfile',
    'TxDefaultProfile',
    'TxProfile',
  ),
  chargingProfileKind: oneOf('Absolute', 'Recurring', 'Relative'),
  recurrencyKind: optional(oneOf('Daily', 'Weekly')),
  validFrom: optional(instant),
  validTo: optional(instant),
  transactionId: optional(text(36)),
  chargingSchedule: list(schedule201, 1, 3),
});

const PURPOSE_16 = {
  ChargePointMaxProfile: 'stationMax',
  TxDefaultProfile: 'txDefault',
  TxProfile: 'tx',
} as const;
const PURPOSE_201 = {
  ChargingStationExternalConstraints: 'external',
  ChargingStationMaxProfile: 'stationMax',
  TxDefaultProfile: 'txDefault',
  TxProfile: 'tx',
} as const;

export const purposeOf = (name: string): Purpose | null =>
  name === 'ChargePointMaxProfile' ? 'stationMax' : (PURPOSE_201[name as keyof typeof PURPOSE_201] ?? null);

const period = (p: Read<typeof period16> & { readonly phaseToUse?: number | null }): ChargingPeriod => ({
  startS: p.startPeriod,
  limit: p.limit,
  numberPhases: p.numberPhases ?? DEFAULT_PHASES,
  phaseToUse: p.phaseToUse ?? null,
});

const scheduleOf = (s: Read<typeof schedule16>) => ({
  startAt: s.startSchedule,
  durationS: s.duration,
  unit: s.chargingRateUnit,
  minRate: s.minChargingRate,
  periods: s.chargingSchedulePeriod.map(period),
});

export const readProfile16: Reader<ChargingProfile> = (value, path) => {
  const p = profile16(value, path);
  return {
    id: p.chargingProfileId,
    stackLevel: p.stackLevel,
    purpose: PURPOSE_16[p.chargingProfilePurpose],
    kind: p.chargingProfileKind,
    recurrency: p.recurrencyKind,
    validFrom: p.validFrom,
    validTo: p.validTo,
    transactionId: p.transactionId === null ? null : String(p.transactionId),
    schedules: 1,
    ...scheduleOf(p.chargingSchedule),
  };
};

export const readProfile201: Reader<ChargingProfile> = (value, path) => {
  const p = profile201(value, path);
  return {
    id: p.id,
    stackLevel: p.stackLevel,
    purpose: PURPOSE_201[p.chargingProfilePurpose],
    kind: p.chargingProfileKind,
    recurrency: p.recurrencyKind,
    validFrom: p.validFrom,
    validTo: p.validTo,
    transactionId: p.transactionId,
    schedules: p.chargingSchedule.length,
    // The list has at least one item: the reader saw to it.
    ...scheduleOf(p.chargingSchedule[0] as Read<typeof schedule201>),
  };
};

const iso = (at: number): string => new Date(at).toISOString();
const present = (entries: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== null));

const purposeName201 = (purpose: Purpose): string =>
  Object.entries(PURPOSE_201).find(([, p]) => p === purpose)?.[0] ?? 'TxProfile';

/** The profile as ReportChargingProfiles carries it. */
export const writeProfile201 = (p: InstalledProfile): Record<string, unknown> =>
  present({
    id: p.id,
    stackLevel: p.stackLevel,
    chargingProfilePurpose: purposeName201(p.purpose),
    chargingProfileKind: p.kind,
    recurrencyKind: p.recurrency,
    validFrom: p.validFrom === null ? null : iso(p.validFrom),
    validTo: p.validTo === null ? null : iso(p.validTo),
    transactionId: p.transactionId,
    chargingSchedule: [
      present({
        id: p.id,
        startSchedule: p.startAt === null ? null : iso(p.startAt),
        duration: p.durationS,
        chargingRateUnit: p.unit,
        minChargingRate: p.minRate,
        chargingSchedulePeriod: p.periods.map((q) =>
          present({
            startPeriod: q.startS,
            limit: q.limit,
            numberPhases: q.numberPhases,
            phaseToUse: q.phaseToUse,
          }),
        ),
      }),
    ],
  });
