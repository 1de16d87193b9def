// One decimal, rounded down: the most precision that a charging profile may have (OCPP 1.6
// ChargingSchedulePeriod.limit), and never more than was granted (field lesson L9).

/** The largest multiple of 0.1 that is at most `value`, as the nearest double: 8.1 stays 8.1. */
export function floorTenth(value: number): number {
  const tenths = Math.round(value * 10);
  return tenths / 10 <= value ? tenths / 10 : (tenths - 1) / 10;
}
