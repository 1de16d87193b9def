// What the plan minimises, in the problem's money: drawn energy by its price (with emissions and wear), the new
// peak, what is not served, and a hair of preference for early. All of it linear or piecewise linear.

import { hash } from 'node:crypto';
import { series } from './by-period.js';
import type { PlanProblem, PlanSession } from './problem.js';

/** Steps of the penalty for what is not served: two alike that fall short differ by at most one step's share. */
export const STEPS = 8;
/** The last watt-hour of a need that is not served costs this many times more than the first, on top of it. */
const STEEPER = 2;
/** Between the classes of priority that are kept apart. */
const CLASS_RATIO = 10;
const CLASSES = 3;
/** An hour later costs this share of the reference price per kWh: enough to decide, not enough to move load between prices. */
const HAIR_PER_HOUR = 2e-4;
const HOURS_OF_URGENCY = 12;

/** Prices by period, money per kWh. */
export interface Prices {
  readonly draw: Float64Array;
  /** What a kWh that is fed back earns less than one that is drawn costs: at least 0. */
  readonly loss: Float64Array;
  /** The largest price, and 1 where all are 0: what small things are measured against. */
  readonly reference: number;
  /** Lowest marginal cost of a kWh that is not served. */
  readonly unserved: number;
}

export function pricesOf(problem: PlanProblem): Prices {
  const { periods, prices, weights, demand, periodS } = problem;
  const co2 = series(prices.co2KgPerKwh, periods);
  const draw = series(prices.importPerKwh, periods).map((p, t) => p + weights.co2PerKg * (co2[t] ?? 0));
  const feed = series(prices.exportPerKwh, periods);
  const loss = draw.map((p, t) => Math.max(0, p - (feed[t] ?? 0)));
  const largest = Math.max(...draw.map(Math.abs), ...feed.map(Math.abs));
  const reference = largest > 0 ? largest : 1;
  // One kWh within one interval raises its mean power by an interval's worth of kW at most.
  const intervalH = demand === null ? 1 : (demand.intervalPeriods * periodS) / 3600;
  const unserved = weights.unservedPerKwh ?? 10 * reference + (1.5 * (demand?.perKw ?? 0)) / intervalH;
  return { draw, loss, reference, unserved };
}

/** A number in [0, 1) that follows from an id: it tells apart what is alike, the same way in every solve. */
export function fractionOf(id: string): number {
  return Number.parseInt(hash('sha1', id, 'hex').slice(0, 12), 16) / 2 ** 48;
}

/** One step of the penalty: for so many of the watt-hours not served, money per kWh. */
export interface Step {
  readonly widthWh: number;
  readonly perKwh: number;
}

/**
 * The penalty of a session, ascending. It rises with the share of the need that is not served, so that a
 * shortage is spread. Where the steps begin follows from the id: sessions alike would otherwise all step at the
 * same place, any of them could be the one that falls short, and the simplex would wander among them for ten
 * times as long.
 */
export function stepsOf(energyWh: number, id: string, base: number, steepness: number): readonly Step[] {
  const offset = fractionOf(id);
  const steps: Step[] = [];
  let from = 0;
  for (let k = 0; k <= STEPS && from < 1; k++) {
    const to = Math.min(1, (k + offset) / STEPS);
    if (to <= from) continue;
    const middle = (from + to) / 2;
    steps.push({ widthWh: (to - from) * energyWh, perKwh: base * (1 + STEEPER * steepness * middle) });
    from = to;
  }
  return steps;
}

/** What a shortage costs, money. */
export function penaltyOf(steps: readonly Step[], unservedWh: number): number {
  let left = unservedWh;
  let cost = 0;
  for (const { widthWh, perKwh } of steps) {
    const within = Math.min(left, widthWh);
    cost += (within / 1000) * perKwh;
    left -= within;
    if (left <= 0) break;
  }
  // More than the need can only be missing by rounding.
  return cost + (Math.max(0, left) / 1000) * (steps.at(-1)?.perKwh ?? 0);
}

/** By session: how its penalty is scaled by class and weight. */
export interface Standing {
  readonly base: number;
  readonly steepness: number;
}

export function standings(sessions: readonly PlanSession[], unserved: number): readonly Standing[] {
  const classes = [...new Set(sessions.map(({ priority }) => priority))].sort((a, b) => b - a);
  const heaviest = new Map<number, number>();
  for (const { priority, weight } of sessions)
    heaviest.set(priority, Math.max(weight, heaviest.get(priority) ?? 0));
  const lowest = Math.min(classes.length, CLASSES) - 1;
  return sessions.map(({ priority, weight }) => {
    const rank = Math.min(classes.indexOf(priority), lowest);
    return {
      base: unserved * CLASS_RATIO ** (lowest - rank),
      steepness: weight / (heaviest.get(priority) ?? weight),
    };
  });
}

/**
 * Money per kWh and hour of waiting. Who leaves earlier has more of it and so goes first; the id decides
 * between those alike, so that the answer is unique where nothing else decides.
 */
export function hairOf(reference: number, id: string, hoursLeft: number): number {
  const urgency = 0.5 * Math.exp(-Math.max(0, hoursLeft) / HOURS_OF_URGENCY);
  return HAIR_PER_HOUR * reference * (1 + urgency + 0.05 * fractionOf(id));
}

/**
 * On top of the wear, per kWh fed out: what makes charging and discharging at once lose money in every period.
 * Where energy is worth less than nothing, burning it in a storage's losses would pay otherwise. A hair
 * where there are no losses.
 */
export function againstBurning(price: number, roundTrip: number, reference: number): number {
  return Math.max(0, -price) * (1 / roundTrip - 1) + HAIR_PER_HOUR * reference;
}

/** A battery that ends below `finalWh` costs this share of what a session's kWh costs. */
export const FINAL_LEVEL_SHARE = 0.5;

/** Money per kWh into or out of the battery in a period. */
export function batteryCost(
  problem: PlanProblem,
  prices: Prices,
  t: number,
  side: 'import' | 'export',
): number {
  const { battery, periodS } = problem;
  const price = prices.draw[t] ?? 0;
  const early = (hairOf(prices.reference, 'battery', Number.POSITIVE_INFINITY) * t * periodS) / 3600;
  if (side === 'import') return price + early;
  const guard = againstBurning(price - (prices.loss[t] ?? 0), battery?.efficiency ?? 1, prices.reference);
  return (battery?.wearPerKwh ?? 0) + guard + early - price;
}
