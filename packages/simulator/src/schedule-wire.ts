// The composite schedule as GetCompositeSchedule.conf carries it, in either version.

import type { StationControl } from './dialect.js';
import type { RateUnit } from './profile.js';

const DURATION_S_MAX = 7 * 86_400;

export interface ScheduleRequest {
  readonly evseId: number;
  readonly durationS: number;
  /** null: the station's first. */
  readonly unit: RateUnit | null;
}

/** Limits have one decimal and are rounded down, so that none reads higher than it is. */
const oneDecimalDown = (value: number): number => Math.floor(value * 10 + 1e-9) / 10;

/** null where the station cannot say: an unknown EVSE, or a unit that it does not know. */
export function writeSchedule(control: StationControl, request: ScheduleRequest) {
  const unit = request.unit ?? control.limits.rateUnits[0] ?? 'A';
  const evse = control.charging.evse(request.evseId);
  if ((evse === undefined && request.evseId !== 0) || !control.limits.rateUnits.includes(unit)) return null;
  const durationS = Math.max(1, Math.min(request.durationS, DURATION_S_MAX));
  const numberPhases = evse?.phasesInUse.length ?? 3;
  const factor = unit === 'A' ? 1 : control.voltageV * numberPhases;
  return {
    scheduleStart: control.stamp(),
    duration: durationS,
    chargingRateUnit: unit,
    chargingSchedulePeriod: control.charging
      .schedule(request.evseId, durationS)
      .map(({ startS, limitA }) => ({
        startPeriod: startS,
        limit: oneDecimalDown(limitA * factor),
        numberPhases,
      })),
  };
}
