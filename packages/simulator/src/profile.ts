// A charging profile in the station's own words, the same for every OCPP version.
// Instants are epoch milliseconds by the station's clock, offsets and durations are seconds.

export type Purpose = 'external' | 'stationMax' | 'txDefault' | 'tx';
export type RateUnit = 'A' | 'W';

export interface ChargingPeriod {
  readonly startS: number;
  /** Amperes per phase, or watts in total. */
  readonly limit: number;
  readonly numberPhases: number;
  readonly phaseToUse: number | null;
}

export interface ChargingProfile {
  readonly id: number;
  readonly stackLevel: number;
  readonly purpose: Purpose;
  readonly kind: 'Absolute' | 'Recurring' | 'Relative';
  readonly recurrency: 'Daily' | 'Weekly' | null;
  readonly validFrom: number | null;
  readonly validTo: number | null;
  readonly transactionId: string | null;
  readonly startAt: number | null;
  readonly durationS: number | null;
  readonly unit: RateUnit;
  readonly minRate: number | null;
  readonly periods: readonly ChargingPeriod[];
  /** How many schedules came with it: OCPP 2.0.1 allows up to three, of which a station takes one. */
  readonly schedules: number;
}

export interface InstalledProfile extends ChargingProfile {
  readonly evseId: number;
  readonly installedAt: number;
}

/** What the station can take. */
export interface ProfileLimits {
  readonly rateUnits: readonly RateUnit[];
  readonly maxStackLevel: number;
  readonly maxPeriods: number;
  readonly maxProfiles: number;
  readonly phaseSwitching: boolean;
}

export const DEFAULT_LIMITS: ProfileLimits = {
  rateUnits: ['A', 'W'],
  maxStackLevel: 99,
  maxPeriods: 24,
  maxProfiles: 20,
  phaseSwitching: false,
};
