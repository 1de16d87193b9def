// What a contested link is worth: multipliers of the relaxation in which a car may be let in by parts,
// by subgradient steps of Polyak's length (Held, Wolfe and Crowder, "Validation of subgradient
// optimization", 1974). They need not be exact: they only say which links are scarce.

import type { Contest } from './contest.js';

/** Steps without a better bound after which the step's length is halved. */
const PATIENCE = 4;
const FIRST_STEP = 1;

export interface Prices {
  /** By contested link, for all that is left on it. At least 0. */
  readonly price: Float64Array;
  /** By contested link: the part of it that those who are worth more than they cost would use. */
  readonly used: Float64Array;
  /** By contested link: the price at the best bound so far. */
  readonly best: Float64Array;
  /** No set is worth more than this. */
  bound: number;
  step: number;
  failed: number;
}

export const createPrices = (links: number): Prices => ({
  price: new Float64Array(links),
  used: new Float64Array(links),
  best: new Float64Array(links),
  bound: Number.POSITIVE_INFINITY,
  step: FIRST_STEP,
  failed: 0,
});

/** One step from the present prices; `reached` is the worth of a set that fits. False when nothing is left to gain. */
export function stepPrices(contest: Contest, prices: Prices, reached: number): boolean {
  const { price, used, best } = prices;
  const bound = relax(contest, prices);
  if (bound < prices.bound) {
    prices.bound = bound;
    best.set(price);
    prices.failed = 0;
  } else if (++prices.failed >= PATIENCE) {
    prices.step /= 2;
    prices.failed = 0;
  }
  if (bound - reached <= 1e-9 * reached) return false;
  let square = 0;
  for (let l = 0; l < price.length; l++) {
    const left = 1 - (used[l] as number);
    // A free link that is not used up stays free: it is no direction.
    if (left < 0 || (price[l] as number) > 0) square += left * left;
  }
  if (square === 0) return false;
  const length = (prices.step * (bound - reached)) / square;
  for (let l = 0; l < price.length; l++)
    price[l] = Math.max(0, (price[l] as number) - length * (1 - (used[l] as number)));
  return true;
}

/** The value of the relaxation at the present prices, and what it uses of each link. */
function relax({ members, entries }: Contest, { price, used }: Prices): number {
  used.fill(0);
  let bound = 0;
  for (let l = 0; l < price.length; l++) bound += price[l] as number;
  for (let m = 0; m < members.count; m++) {
    const from = members.first[m] as number;
    const to = members.first[m + 1] as number;
    let gain = members.value[m] as number;
    for (let e = from; e < to; e++) {
      const l = entries.link[e] as number;
      gain -= (price[l] as number) * (entries.part[e] as number);
    }
    if (gain <= 0) continue;
    bound += gain;
    for (let e = from; e < to; e++) {
      const l = entries.link[e] as number;
      used[l] = (used[l] as number) + (entries.part[e] as number);
    }
  }
  return bound;
}

/** What each member costs at prices by contested link; written by member. */
export function writeCosts(
  { members, entries }: Contest,
  price: ArrayLike<number>,
  cost: Float64Array,
): void {
  for (let m = 0; m < members.count; m++) {
    const to = members.first[m + 1] as number;
    let sum = 0;
    for (let e = members.first[m] as number; e < to; e++) {
      const l = entries.link[e] as number;
      sum += (price[l] as number) * (entries.part[e] as number);
    }
    cost[m] = sum;
  }
}
