// Charging profiles that an operator sends by hand, as the ledger must count them: the worst that
// the station may make of them.

import type { Protocol } from '@ampledger/domain';
import type { ManualProfile } from '../contract.js';

/** What a profile counts as that names no limit at all: a station without a limit gives its full rating. */
export const UNBOUNDED_A = 100_000;

export interface ManualProfileOptions {
  /** Watts at the car for one ampere of the grid: those of one phase while the car's are unknown. */
  readonly wattsPerA: number;
  /** A limit in amperes is then the car's current, and what it takes from the grid cannot be told. */
  readonly isDc: boolean;
}

interface ScheduleLike {
  readonly duration?: number;
  readonly chargingRateUnit?: string;
  readonly chargingSchedulePeriod?: readonly { readonly startPeriod?: number; readonly limit?: number }[];
}

interface ProfileLike {
  readonly chargingProfileId?: number;
  readonly id?: number;
  readonly transactionId?: number | string;
  readonly stackLevel?: number;
  readonly chargingProfilePurpose?: string;
  readonly chargingProfileKind?: string;
  readonly validFrom?: string;
  readonly validTo?: string;
  readonly chargingSchedule?: ScheduleLike | readonly ScheduleLike[];
}

interface Addressed {
  readonly evseId: number;
  readonly profile: ProfileLike;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

function addressedOf(protocol: Protocol, payload: unknown): Addressed | null {
  if (!isRecord(payload)) return null;
  const [evseId, profile] =
    protocol === 'ocpp1.6'
      ? [payload.connectorId, payload.csChargingProfiles]
      : [payload.evseId, payload.chargingProfile];
  return typeof evseId === 'number' && isRecord(profile) ? { evseId, profile } : null;
}

const schedulesOf = ({ chargingSchedule = [] }: ProfileLike): readonly ScheduleLike[] =>
  Array.isArray(chargingSchedule) ? chargingSchedule : [chargingSchedule as ScheduleLike];

function worstOf(schedule: ScheduleLike, options: ManualProfileOptions): number {
  const limits = (schedule.chargingSchedulePeriod ?? []).map(({ limit }) => limit ?? UNBOUNDED_A);
  if (limits.length === 0) return UNBOUNDED_A;
  const worst = Math.max(0, ...limits);
  if (schedule.chargingRateUnit === 'W') return Math.min(UNBOUNDED_A, worst / options.wattsPerA);
  return options.isDc ? UNBOUNDED_A : Math.min(UNBOUNDED_A, worst);
}

/** True when the profile holds at every moment from now on: nothing in it begins late or ends. */
function isEndless(profile: ProfileLike, schedules: readonly ScheduleLike[]): boolean {
  const dated = profile.validFrom !== undefined || profile.validTo !== undefined;
  return (
    !dated &&
    profile.chargingProfileKind !== 'Recurring' &&
    schedules.every(({ duration, chargingSchedulePeriod: periods }) => {
      return duration === undefined && periods?.[0]?.startPeriod === 0;
    })
  );
}

// ChargePointMaxProfile, ChargingStationMaxProfile and ChargingStationExternalConstraints are a
// minimum over everything else: they lower limits and never raise them (OCPP 1.6 section 3.13.1,
// 2.0.1 K01.FR.22 even refuses the last).
const KINDS: ReadonlyMap<string, ManualProfile['kind']> = new Map([
  ['TxProfile', 'session'],
  ['TxDefaultProfile', 'idle'],
]);

/** A valid SetChargingProfile payload in the ledger's terms; null when it can only lower limits, or is none. */
export function manualProfile(
  protocol: Protocol,
  payload: unknown,
  options: ManualProfileOptions,
): ManualProfile | null {
  const addressed = addressedOf(protocol, payload);
  if (addressed === null) return null;
  const { evseId, profile } = addressed;
  const kind = KINDS.get(profile.chargingProfilePurpose ?? '');
  const profileId = profile.chargingProfileId ?? profile.id;
  if (kind === undefined || profileId === undefined) return null;
  const schedules = schedulesOf(profile);
  return {
    evseId,
    kind,
    worstCaseA:
      schedules.length === 0
        ? UNBOUNDED_A
        : Math.max(...schedules.map((schedule) => worstOf(schedule, options))),
    profileId,
    transaction: profile.transactionId === undefined ? null : String(profile.transactionId),
    stackLevel: profile.stackLevel ?? 0,
    endless: isEndless(profile, schedules),
  };
}

const LOWERING = new Set([
  'ChargePointMaxProfile',
  'ChargingStationMaxProfile',
  'ChargingStationExternalConstraints',
]);

/**
 * What an accepted ClearChargingProfile takes from the station: profile ids, or `all` when criteria
 * decide (OCPP 1.6 section 5.5, 2.0.1 K10). An empty list: only profiles that lower limits. Null: no
 * such payload.
 */
export function manualClears(protocol: Protocol, payload: unknown): 'all' | number[] | null {
  if (!isRecord(payload)) return null;
  const id = protocol === 'ocpp1.6' ? payload.id : payload.chargingProfileId;
  if (typeof id === 'number') return [id];
  const criteria = protocol === 'ocpp1.6' ? payload : payload.chargingProfileCriteria;
  const purpose = isRecord(criteria) ? criteria.chargingProfilePurpose : undefined;
  return typeof purpose === 'string' && LOWERING.has(purpose) ? [] : 'all';
}
