// What is known of cars: how much they need, and until when. Where it is not known a car is taken for an
// average one of those that are there.

import type { Network } from '../solver/network.js';

/** By leaf. */
export interface Needs {
  /** What the car can still take; Infinity where nobody said. */
  readonly remainingWh: ArrayLike<number>;
  /** Until it leaves; 0 or less when it has stayed longer than it said; Infinity where nobody said. */
  readonly hoursLeft: ArrayLike<number>;
  readonly deliveredWh: ArrayLike<number>;
}

/** By leaf, all finite and above 0 but for `hadAh`, which may be 0. */
export interface Estimate {
  readonly needAh: Float64Array;
  readonly hadAh: Float64Array;
  readonly hours: Float64Array;
  /** What it needs on average until it leaves, at most what it can take. */
  readonly rateA: Float64Array;
}

/** Who is about to leave, or stays longer than was said, is taken to leave in five minutes. */
const HOURS_LEAST = 1 / 12;
/** A working day's half, where no departure is known at all. */
const HOURS_TYPICAL = 4;
const AH_LEAST = 1e-3;

/** @param leaves those that are to share. */
export function estimate(network: Network, needs: Needs, leaves: readonly number[]): Estimate {
  const [needAh, hadAh] = [new Float64Array(network.leaves), new Float64Array(network.leaves)];
  const [hours, rateA] = [new Float64Array(network.leaves), new Float64Array(network.leaves)];
  const typicalHours = meanOf(leaves, needs.hoursLeft) ?? HOURS_TYPICAL;
  const typicalWh = meanOf(leaves, needs.remainingWh);
  for (const leaf of leaves) {
    const most = Math.max(network.minA[leaf] as number, network.maxA[leaf] as number);
    const left = needs.hoursLeft[leaf] as number;
    const h = Math.max(HOURS_LEAST, left === Number.POSITIVE_INFINITY ? typicalHours : left);
    const wattsPerA = network.wattsPerA[leaf] as number;
    const perAh = (wh: number): number => (wattsPerA > 0 ? Math.max(0, wh) / wattsPerA : 0);
    const wh = needs.remainingWh[leaf] as number;
    const known = wh === Number.POSITIVE_INFINITY ? typicalWh : wh;
    // Half of what it could take: nobody's needs are known, so that only stays tell cars apart.
    const ah = known === null || wattsPerA === 0 ? (most * h) / 2 : perAh(known);
    needAh[leaf] = Math.max(AH_LEAST, ah);
    hadAh[leaf] = perAh(needs.deliveredWh[leaf] as number);
    hours[leaf] = h;
    rateA[leaf] = Math.min((needAh[leaf] as number) / h, most);
  }
  return { needAh, hadAh, hours, rateA };
}

function meanOf(leaves: readonly number[], values: ArrayLike<number>): number | null {
  let [sum, count] = [0, 0];
  for (const leaf of leaves) {
    const value = values[leaf] as number;
    if (value === Number.POSITIVE_INFINITY) continue;
    sum += Math.max(0, value);
    count += 1;
  }
  return count === 0 ? null : sum / count;
}
