// Which charging profiles a station takes, and what they replace. Pure: rules over plain data.

import type { ChargingProfile, InstalledProfile, ProfileLimits } from './profile.js';

export type Protocol = 'ocpp1.6' | 'ocpp2.0.1';

export interface RuleContext {
  readonly protocol: Protocol;
  readonly evseId: number;
  readonly evseIds: readonly number[];
  /** The transaction running on the EVSE; its id is null until the central system has given one (OCPP 1.6). */
  readonly transaction: { readonly id: string | null } | null;
  /** The profile comes with a remote start: its transaction is about to begin and has no id yet. */
  readonly withStart: boolean;
  readonly limits: ProfileLimits;
  readonly installed: readonly InstalledProfile[];
}

/** Why a profile is refused; OCPP 2.0.1 sends it as statusInfo. */
export interface Refusal {
  readonly clause: string;
  readonly reasonCode: string;
}

interface Rule extends Refusal {
  readonly protocol?: Protocol;
  readonly broken: (p: ChargingProfile, context: RuleContext) => boolean;
}

const INFINITE = Number.POSITIVE_INFINITY;
const overlaps = (a: ChargingProfile, b: ChargingProfile): boolean =>
  (a.validFrom ?? -INFINITE) < (b.validTo ?? INFINITE) &&
  (b.validFrom ?? -INFINITE) < (a.validTo ?? INFINITE);

/** Profiles that stay when this one comes. */
export const survivors = (p: ChargingProfile, c: RuleContext): readonly InstalledProfile[] =>
  c.installed.filter((old) => {
    if (old.id === p.id) return false; // OCPP 2.0.1 K01.FR.05, OCPP 1.6 section 5.16
    // OCPP 1.6 section 3.13.2: the same level of the same purpose on the same connector is replaced.
    const sameSlot = old.purpose === p.purpose && old.stackLevel === p.stackLevel && old.evseId === c.evseId;
    return c.protocol === 'ocpp2.0.1' || !sameSlot;
  });

const sharesLevel = (p: ChargingProfile, c: RuleContext, also: (old: InstalledProfile) => boolean): boolean =>
  survivors(p, c).some((old) => old.purpose === p.purpose && old.stackLevel === p.stackLevel && also(old));

const isTx = (p: ChargingProfile): boolean => p.purpose === 'tx';

const BOTH: readonly Rule[] = [
  {
    clause: 'K01.FR.28',
    reasonCode: 'UnknownEvse',
    broken: (_, c) => c.evseId !== 0 && !c.evseIds.includes(c.evseId),
  },
  {
    clause: 'K01.FR.38',
    reasonCode: 'InvalidProfile',
    broken: (p, c) => p.purpose === 'stationMax' && c.evseId !== 0,
  },
  { clause: 'K01.FR.16', reasonCode: 'InvalidProfile', broken: (p, c) => isTx(p) && c.evseId === 0 },
  {
    clause: 'K01.FR.09',
    reasonCode: 'TxNotFound',
    broken: (p, c) => isTx(p) && !c.withStart && c.transaction === null,
  },
  {
    clause: 'K01.FR.33',
    reasonCode: 'TxNotFound',
    broken: (p, c) =>
      isTx(p) && !c.withStart && p.transactionId !== null && p.transactionId !== c.transaction?.id,
  },
  { clause: '5.16', reasonCode: 'InvalidProfile', broken: (p) => !isTx(p) && p.transactionId !== null },
  {
    clause: 'F01',
    reasonCode: 'InvalidProfile',
    broken: (p, c) => c.withStart && (!isTx(p) || p.transactionId !== null),
  },
  {
    clause: 'K01.FR.26',
    reasonCode: 'UnsupportedRateUnit',
    broken: (p, c) => !c.limits.rateUnits.includes(p.unit),
  },
  {
    clause: 'ProfileStackLevel',
    reasonCode: 'InvalidStackLevel',
    broken: (p, c) => p.stackLevel > c.limits.maxStackLevel,
  },
  {
    clause: 'PeriodsPerSchedule',
    reasonCode: 'InvalidSchedule',
    broken: (p, c) => p.periods.length > c.limits.maxPeriods,
  },
  {
    clause: 'Entries',
    reasonCode: 'TooManyElements',
    broken: (p, c) => survivors(p, c).length >= c.limits.maxProfiles,
  },
  { clause: 'K01.FR.31', reasonCode: 'InvalidSchedule', broken: (p) => p.periods[0]?.startS !== 0 },
  {
    clause: 'K01.FR.35',
    reasonCode: 'InvalidSchedule',
    broken: (p) => p.periods.some((q, i) => i > 0 && q.startS <= (p.periods[i - 1]?.startS ?? 0)),
  },
  { clause: 'limit', reasonCode: 'InvalidSchedule', broken: (p) => p.periods.some((q) => q.limit < 0) },
  {
    clause: 'K01.FR.44',
    reasonCode: 'InvalidSchedule',
    broken: (p) => p.periods.some((q) => q.numberPhases < 1 || q.numberPhases > 3),
  },
  {
    clause: 'validTo',
    reasonCode: 'InvalidProfile',
    broken: (p) => (p.validFrom ?? -INFINITE) >= (p.validTo ?? INFINITE),
  },
  {
    clause: 'recurrencyKind',
    reasonCode: 'InvalidProfile',
    broken: (p) => p.kind === 'Recurring' && (p.recurrency === null || p.startAt === null),
  },
];

const ONLY_201: readonly Rule[] = [
  { clause: 'K01.FR.22', reasonCode: 'InvalidProfile', broken: (p) => p.purpose === 'external' },
  {
    clause: 'K01.FR.03',
    reasonCode: 'MissingParam',
    broken: (p, c) => isTx(p) && !c.withStart && p.transactionId === null,
  },
  { clause: 'K01.FR.34', reasonCode: 'InvalidSchedule', broken: (p) => p.schedules > 1 },
  {
    clause: 'K01.FR.38',
    reasonCode: 'InvalidProfile',
    broken: (p) => p.purpose === 'stationMax' && p.kind === 'Relative',
  },
  {
    clause: 'K01.FR.40',
    reasonCode: 'InvalidSchedule',
    broken: (p) => p.kind !== 'Relative' && p.startAt === null,
  },
  {
    clause: 'K01.FR.41',
    reasonCode: 'InvalidSchedule',
    broken: (p) => p.kind === 'Relative' && p.startAt !== null,
  },
  {
    clause: 'K01.FR.48',
    reasonCode: 'InvalidSchedule',
    broken: (p, c) =>
      p.periods.some((q) => q.phaseToUse !== null && (q.numberPhases !== 1 || !c.limits.phaseSwitching)),
  },
  {
    clause: 'K01.FR.39',
    reasonCode: 'DuplicateProfile',
    broken: (p, c) => isTx(p) && sharesLevel(p, c, (old) => old.evseId === c.evseId),
  },
  {
    clause: 'K01.FR.06',
    reasonCode: 'DuplicateProfile',
    broken: (p, c) => sharesLevel(p, c, (old) => old.evseId === c.evseId && overlaps(old, p)),
  },
  {
    clause: 'K01.FR.53',
    reasonCode: 'DuplicateProfile',
    broken: (p, c) =>
      p.purpose === 'txDefault' && sharesLevel(p, c, (old) => (old.evseId === 0) !== (c.evseId === 0)),
  },
];

/** The first rule that the profile breaks, or null. */
export function refusalOf(p: ChargingProfile, context: RuleContext): Refusal | null {
  const rules = context.protocol === 'ocpp2.0.1' ? [...ONLY_201, ...BOTH] : BOTH;
  const rule = rules.find((r) => r.broken(p, context));
  return rule === undefined ? null : { clause: rule.clause, reasonCode: rule.reasonCode };
}

/** The store with the profile in it. */
export const installed = (
  p: ChargingProfile,
  context: RuleContext,
  at: number,
): readonly InstalledProfile[] =>
  [...survivors(p, context), { ...p, evseId: context.evseId, installedAt: at }].sort(
    (a, b) => b.stackLevel - a.stackLevel,
  );
