// What the picture of a plan's power is made of: consumption stacked above zero, what the roof and the
// battery give below it.

import type { PlanPeriod, SitePlan } from '../feed/plan.js';
import { roundUp } from './chart.js';

export type LayerKind = 'other' | 'cars' | 'expected' | 'charge' | 'pv' | 'discharge';

export interface Layer {
  readonly kind: LayerKind;
  /** Kilowatts by period, each the distance from `lower` to `upper`. */
  readonly values: readonly number[];
  readonly lower: readonly number[];
  readonly upper: readonly number[];
}

const kilowatts = (watts: number | null): number => (watts ?? 0) / 1000;

const CONSUMERS: readonly (readonly [LayerKind, (period: PlanPeriod) => number])[] = [
  ['other', ({ otherLoadW }) => kilowatts(otherLoadW)],
  ['cars', ({ carsW }) => Math.max(0, kilowatts(carsW))],
  ['expected', ({ expectedCarsW }) => kilowatts(expectedCarsW)],
  ['charge', ({ batteryW }) => Math.max(0, kilowatts(batteryW))],
];
const SUPPLIERS: typeof CONSUMERS = [
  ['pv', ({ pvW }) => kilowatts(pvW)],
  ['discharge', ({ batteryW }) => Math.max(0, -kilowatts(batteryW))],
];

/** Less than this is not seen. */
const VISIBLE_KW = 0.01;

/** From the zero line outwards; what is nothing in every period is left out. */
export function layersOf({ periods }: SitePlan): readonly Layer[] {
  return [...stack(periods, CONSUMERS, 1), ...stack(periods, SUPPLIERS, -1)];
}

function stack(periods: readonly PlanPeriod[], parts: typeof CONSUMERS, sign: 1 | -1): readonly Layer[] {
  const layers: Layer[] = [];
  let edge: readonly number[] = periods.map(() => 0);
  for (const [kind, of] of parts) {
    const values = periods.map(of);
    if (values.every((value) => value < VISIBLE_KW)) continue;
    const outer = edge.map((at, index) => at + sign * (values[index] ?? 0));
    layers.push({
      kind,
      values,
      ...(sign > 0 ? { lower: edge, upper: outer } : { lower: outer, upper: edge }),
    });
    edge = outer;
  }
  return layers;
}

/** The grid connection's limit by period, kilowatts. */
export const limitsOf = ({ periods }: SitePlan): readonly (number | null)[] =>
  periods.map(({ limitW }) => (limitW === null ? null : limitW / 1000));

/** What flows through the grid connection, kilowatts; empty where nothing but consumers are behind it. */
export function gridOf(plan: SitePlan, layers: readonly Layer[]): readonly (number | null)[] {
  if (!layers.some(({ kind }) => kind === 'pv' || kind === 'discharge')) return [];
  return plan.periods.map(({ gridW }) => (gridW === null ? null : gridW / 1000));
}

export interface Range {
  readonly top: number;
  /** Zero or below. */
  readonly bottom: number;
}

/** A picture of less shows nothing. */
const LEAST = 1e-9;

/** Round figures around all values. */
export function rangeOf(values: Iterable<number | null>): Range {
  let [highest, lowest] = [0, 0];
  for (const value of values) {
    highest = Math.max(highest, value ?? 0);
    lowest = Math.min(lowest, value ?? 0);
  }
  return {
    top: highest > LEAST ? roundUp(highest * 1.03) : lowest < -LEAST ? 0 : 1,
    bottom: lowest < -LEAST ? -roundUp(-lowest * 1.03) : 0,
  };
}
