// What a plan costs, reckoned from its currents alone and not by the programme that found them.

import { intervalsOf, planTree } from './by-period.js';
import { baseKw, type Leaf, leavesOf } from './flows.js';
import type { PlanProblem } from './problem.js';
import { againstBurning, batteryCost, FINAL_LEVEL_SHARE, type Prices, penaltyOf, pricesOf } from './value.js';

/** What is decided: amperes of sessions and then expected groups, from their first period on; watts of the battery. */
export interface Decided {
  readonly limitA: readonly (readonly number[])[];
  readonly batteryW: readonly number[] | null;
}

export interface Worth {
  readonly objective: number;
  readonly energyCost: number;
  readonly demandCost: number;
  /** By leaf, watt-hours in the car. */
  readonly unservedWh: readonly number[];
  /** The site's flow, kW by period. */
  readonly flowKw: Float64Array;
}

export function worthOf(problem: PlanProblem, decided: Decided): Worth {
  const prices = pricesOf(problem);
  const leaves = leavesOf(problem, planTree(problem), prices);
  const hours = problem.periodS / 3600;
  const flowKw = baseKw(problem);
  let besides = 0;
  const unservedWh = leaves.map((leaf, i) => {
    const limitA = decided.limitA[i] ?? [];
    limitA.forEach((a, k) => {
      const t = leaf.first + k;
      const kw = a * leaf.kwPerA * (leaf.presence[k] ?? 0);
      flowKw[t] = (flowKw[t] ?? 0) + kw;
      besides += kw > 0 ? kw * hours * leaf.hair * t * hours : -kw * hours * feedingCost(leaf, prices, t);
    });
    const unserved = unservedOf(leaf, limitA, hours);
    besides += penaltyOf(leaf.steps, unserved);
    return unserved;
  });
  const { cost, wear } = batteryWorth(problem, prices, decided.batteryW, flowKw);
  besides += cost;
  let energyCost = wear;
  leaves.forEach(({ v2x, first, kwPerA, presence }, i) => {
    if (v2x === null) return;
    decided.limitA[i]?.forEach((a, k) => {
      if (a < 0 && first + k < problem.periods)
        energyCost += -a * kwPerA * (presence[k] ?? 0) * hours * v2x.wearPerKwh;
    });
  });
  flowKw.forEach((kw, t) => {
    energyCost += hours * (kw * (prices.draw[t] ?? 0) + Math.max(0, -kw) * (prices.loss[t] ?? 0));
  });
  const demandCost = demandCostOf(problem, flowKw);
  return { objective: energyCost + demandCost + besides, energyCost, demandCost, unservedWh, flowKw };
}

/** Beside price and wear, money per kWh fed back. */
const feedingCost = ({ v2x, efficiency }: Leaf, prices: Prices, t: number): number =>
  againstBurning(
    (prices.draw[t] ?? 0) - (prices.loss[t] ?? 0),
    (v2x?.efficiency ?? 1) * efficiency,
    prices.reference,
  );

/** Watt-hours that are in the car after so many periods more than at its arrival. */
export function gainedWh(leaf: Leaf, limitA: readonly number[], hours: number): Float64Array {
  let sum = 0;
  return Float64Array.from({ length: leaf.count }, (_, k) => {
    const gridWh = (limitA[k] ?? 0) * leaf.kwPerA * (leaf.presence[k] ?? 0) * hours * 1000;
    sum += gridWh > 0 ? gridWh * leaf.efficiency : gridWh / (leaf.v2x?.efficiency ?? 1);
    return sum;
  });
}

function unservedOf(leaf: Leaf, limitA: readonly number[], hours: number): number {
  const gained = leaf.count === 0 ? 0 : (gainedWh(leaf, limitA, hours).at(-1) ?? 0);
  const { v2x, energyWh } = leaf;
  const fits =
    v2x === null || leaf.count === 0
      ? energyWh
      : Math.min(energyWh, Math.max(0, v2x.capacityWh - v2x.storedWh));
  return Math.max(0, fits - gained);
}

/** Watt-hours in the battery after each period. */
export function batteryLevels(problem: PlanProblem, batteryW: readonly number[]): Float64Array {
  const { battery, periodS } = problem;
  const oneWay = Math.sqrt(battery?.efficiency ?? 1);
  let level = battery?.startWh ?? 0;
  return Float64Array.from(batteryW, (w) => {
    level += ((w > 0 ? w * oneWay : w / oneWay) * periodS) / 3600;
    return level;
  });
}

function batteryWorth(
  problem: PlanProblem,
  prices: Prices,
  batteryW: readonly number[] | null,
  flowKw: Float64Array,
): { readonly cost: number; readonly wear: number } {
  const { battery } = problem;
  if (battery === null || batteryW === null) return { cost: 0, wear: 0 };
  const hours = problem.periodS / 3600;
  let cost = 0;
  let wear = 0;
  batteryW.forEach((w, t) => {
    const kwh = (Math.abs(w) / 1000) * hours;
    const price = prices.draw[t] ?? 0;
    flowKw[t] = (flowKw[t] ?? 0) + w / 1000;
    if (w > 0) cost += kwh * (batteryCost(problem, prices, t, 'import') - price);
    else {
      cost += kwh * (batteryCost(problem, prices, t, 'export') + price - battery.wearPerKwh);
      wear += kwh * battery.wearPerKwh;
    }
  });
  const short = Math.max(0, battery.finalWh - (batteryLevels(problem, batteryW).at(-1) ?? 0));
  return { cost: cost + (short / 1000) * FINAL_LEVEL_SHARE * prices.unserved, wear };
}

function demandCostOf(problem: PlanProblem, flowKw: Float64Array): number {
  const { demand, periods, from, periodS } = problem;
  if (demand === null) return 0;
  const at = Math.floor(from / (periodS * 1000));
  let peakKw = demand.peakSoFarW / 1000;
  for (const { from: first, to, length, flowedKw } of intervalsOf(at, periods, demand)) {
    const sum = flowKw.subarray(first, to).reduce((all, kw) => all + kw, 0);
    peakKw = Math.max(peakKw, flowedKw + sum / length);
  }
  return demand.perKw * (peakKw - demand.peakSoFarW / 1000);
}
