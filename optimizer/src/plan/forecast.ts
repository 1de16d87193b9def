// From a site's habits to what a plan expects: cars to come, by hour of arrival, and the load of nodes.

import type { PerPhase } from '@ampledger/kernel';
import { type Habits, hourOfWeek, type LoadHabit } from './habits.js';
import type { ExpectedArrivals } from './problem.js';

/** The periods to look at: as in `PlanProblem`. */
export interface Periods {
  readonly from: number;
  readonly periodS: number;
  readonly periods: number;
}

export interface Expected {
  /** By hour of arrival, all cars of it together; fractions of a car are expectations. */
  readonly arrivals: readonly {
    /** Names the hour, so that the same hour has the same name in the next plan. */
    readonly id: string;
    /** In periods from `from`. */
    readonly arrives: number;
    readonly departs: number;
    readonly cars: number;
    /** Of all of them. */
    readonly energyWh: number;
  }[];
  /** By node: amperes on each phase by period; null where an hour has never been seen. */
  readonly loads: readonly {
    readonly node: string;
    readonly phasesA: readonly [PeriodLoads, PeriodLoads, PeriodLoads];
  }[];
}
type PeriodLoads = readonly (number | null)[];

const HOUR_MS = 3_600_000;
/** Below this an hour is not worth columns of its own. */
const CARS_MIN = 0.05;
/** A stay that ends within the hour of arrival leaves no time to charge. */
const STAY_MIN_H = 0.5;

/** Where an hour of the week has not been seen, nobody is expected in it. */
export function expected(habits: Habits, { from, periodS, periods }: Periods): Expected {
  const periodMs = periodS * 1000;
  const end = from + periods * periodMs;
  const arrivals: Expected['arrivals'][number][] = [];
  // Who comes in what is left of this hour, too.
  for (let hour = Math.floor(from / HOUR_MS); hour * HOUR_MS < end; hour++) {
    const at = hourOfWeek(hour * HOUR_MS);
    const begins = Math.max(from, hour * HOUR_MS);
    const share = (Math.min(end, (hour + 1) * HOUR_MS) - begins) / HOUR_MS;
    const cars = share * (habits.arrivalsPerHour[at] ?? 0);
    const kwh = known(habits.kwhPerSession[at], habits.meanKwh);
    const stayH = Math.max(STAY_MIN_H, known(habits.hoursPerSession[at], habits.meanHours));
    if (cars < CARS_MIN || kwh <= 0) continue;
    // On average they come in the middle of it.
    const arrives = (begins - from + (share * HOUR_MS) / 2) / periodMs;
    const departs = arrives + (stayH * HOUR_MS) / periodMs;
    arrivals.push({ id: `hour-${hour}`, arrives, departs, cars, energyWh: cars * kwh * 1000 });
  }
  return { arrivals, loads: habits.loads.map((load) => loadOf(load, { from, periodS, periods })) };
}

const known = (value: number | undefined, otherwise: number): number =>
  value === undefined || value < 0 ? Math.max(0, otherwise) : value;

function loadOf(
  { node, phasesA }: LoadHabit,
  { from, periodS, periods }: Periods,
): Expected['loads'][number] {
  const of = (values: readonly number[]): PeriodLoads =>
    Array.from({ length: periods }, (_, t) => {
      const a = values[hourOfWeek(from + (t + 0.5) * periodS * 1000)] ?? -1;
      return a < 0 ? null : a;
    });
  return { node, phasesA: [of(phasesA[0]), of(phasesA[1]), of(phasesA[2])] };
}

/**
 * Expected arrivals as soft reservations at one node: cars like the site's usual connector.
 * @param usual what one car may draw (A on each phase), loads each phase with, and watts per ampere.
 */
export function reservations(
  { arrivals }: Expected,
  usual: {
    readonly node: string;
    readonly maxA: number;
    readonly perA: PerPhase;
    readonly wattsPerA: number;
  },
): readonly ExpectedArrivals[] {
  const { node, maxA, perA, wattsPerA } = usual;
  return arrivals.map(({ id, arrives, departs, cars, energyWh }) => ({
    id,
    node,
    perA,
    wattsPerA,
    arrives,
    departs,
    energyWh,
    maxA: maxA * cars,
  }));
}
