// What a site's own history says of the week: arrivals, energy and stays by the hour, load by node and phase.
// Exponentially weighted means by hour of the week (UTC; 0 is Monday 0:00), so that the state is small and old habits
// fade. Pure reducers over plain data: they are part of a fold, and so know no clock but the events'.

export const HOURS_OF_WEEK = 168;
const HOUR_MS = 3_600_000;
/** 1970-01-01 was a Thursday. */
const EPOCH_HOUR_OF_WEEK = 3 * 24;
/** Weight of the latest week: a habit that changed is three quarters learnt after four weeks. */
const LATEST = 0.3;
/** After so much silence nothing is left of a habit, and there is no need to count more of it. */
const SILENCE_MAX_H = 10 * HOURS_OF_WEEK;
/** Nodes with a profile of their own, so that the state stays small; `observeLoad` ignores more. */
const NODES_MAX = 2;

export interface Habits {
  /** When observation began, epoch milliseconds; null: nothing was observed. Hours before are unknown, not empty. */
  readonly since: number | null;
  /** The hour (since the epoch) that is being counted, and its arrivals so far. */
  readonly hour: number;
  readonly arrivals: number;
  /** Arrivals per hour, by hour of the week; -1: not known. Rounded to hundredths. */
  readonly arrivalsPerHour: readonly number[];
  /** Energy (kWh) and stay (hours) per session, by hour of the week of its arrival; -1: not known. */
  readonly kwhPerSession: readonly number[];
  readonly hoursPerSession: readonly number[];
  /** The same over all hours: what counts where an hour has not been seen. */
  readonly meanKwh: number;
  readonly meanHours: number;
  readonly loads: readonly LoadHabit[];
}

/** Load of a node that nobody controls: amperes on each phase, by hour of the week; -1: not known. */
export interface LoadHabit {
  readonly node: string;
  readonly phasesA: readonly [readonly number[], readonly number[], readonly number[]];
  /** The hour that is being averaged: readings so far and their sums. */
  readonly hour: number;
  readonly readings: number;
  readonly sumsA: readonly [number, number, number];
}

const unknown = (): readonly number[] => new Array<number>(HOURS_OF_WEEK).fill(-1);

export const NO_HABITS: Habits = {
  since: null,
  hour: 0,
  arrivals: 0,
  arrivalsPerHour: unknown(),
  kwhPerSession: unknown(),
  hoursPerSession: unknown(),
  meanKwh: -1,
  meanHours: -1,
  loads: [],
};

export const hourOfWeek = (at: number): number =>
  (((Math.floor(at / HOUR_MS) + EPOCH_HOUR_OF_WEEK) % HOURS_OF_WEEK) + HOURS_OF_WEEK) % HOURS_OF_WEEK;

const rounded = (value: number): number => Math.round(value * 100) / 100;
const blend = (before: number, now: number): number =>
  rounded(before < 0 ? now : before + LATEST * (now - before));

function withHour(values: readonly number[], hour: number, now: number): readonly number[] {
  return values.with(hour, blend(values[hour] ?? -1, now));
}

/** Closes the hours that have passed, the empty ones too. The first hour is only seen in part and is left out. */
function advance(habits: Habits, at: number): Habits {
  const now = Math.floor(at / HOUR_MS);
  if (habits.since === null) return { ...habits, since: at, hour: now, arrivals: 0 };
  if (now <= habits.hour) return habits;
  const arrivalsPerHour = [...habits.arrivalsPerHour];
  const close = (hour: number, arrivals: number): void => {
    const of = hourOfWeek(hour * HOUR_MS);
    arrivalsPerHour[of] = blend(arrivalsPerHour[of] ?? -1, arrivals);
  };
  const isFirst = habits.hour === Math.floor(habits.since / HOUR_MS);
  if (!isFirst) close(habits.hour, habits.arrivals);
  for (let hour = Math.max(habits.hour + 1, now - SILENCE_MAX_H); hour < now; hour++) close(hour, 0);
  return { ...habits, arrivalsPerHour, hour: now, arrivals: 0 };
}

/** A car was plugged in. @param at epoch milliseconds, not before the last call's. */
export function observeArrival(habits: Habits, at: number): Habits {
  const advanced = advance(habits, at);
  return { ...advanced, arrivals: advanced.arrivals + 1 };
}

/** A session ended. @param arrivedAt and endedAt epoch milliseconds. @param energyWh delivered. */
export function observeEnd(
  habits: Habits,
  { arrivedAt, endedAt, energyWh }: { arrivedAt: number; endedAt: number; energyWh: number },
): Habits {
  const hour = hourOfWeek(arrivedAt);
  const kwh = Math.max(0, energyWh) / 1000;
  const hours = Math.max(0, endedAt - arrivedAt) / HOUR_MS;
  return {
    ...advance(habits, endedAt),
    kwhPerSession: withHour(habits.kwhPerSession, hour, kwh),
    hoursPerSession: withHour(habits.hoursPerSession, hour, hours),
    // Of all hours together a single session says little.
    meanKwh: habits.meanKwh < 0 ? rounded(kwh) : habits.meanKwh + (kwh - habits.meanKwh) / 20,
    meanHours: habits.meanHours < 0 ? rounded(hours) : habits.meanHours + (hours - habits.meanHours) / 20,
  };
}

/** A reading of a load that nobody controls, amperes on each phase. */
export function observeLoad(
  habits: Habits,
  { node, at, loadA }: { node: string; at: number; loadA: readonly [number, number, number] },
): Habits {
  const index = habits.loads.findIndex((load) => load.node === node);
  if (index < 0 && habits.loads.length >= NODES_MAX) return habits;
  const before = habits.loads[index] ?? newLoad(node);
  const after = read(before, Math.floor(at / HOUR_MS), loadA);
  const loads = index < 0 ? [...habits.loads, after] : habits.loads.with(index, after);
  return { ...advance(habits, at), loads };
}

const newLoad = (node: string): LoadHabit => ({
  node,
  phasesA: [unknown(), unknown(), unknown()],
  hour: 0,
  readings: 0,
  sumsA: [0, 0, 0],
});

function read(load: LoadHabit, hour: number, [a, b, c]: readonly [number, number, number]): LoadHabit {
  const [x, y, z] = load.sumsA;
  if (hour <= load.hour) return { ...load, readings: load.readings + 1, sumsA: [x + a, y + b, z + c] };
  const fresh = { ...load, hour, readings: 1, sumsA: [a, b, c] as const };
  if (load.readings === 0) return fresh;
  const at = hourOfWeek(load.hour * HOUR_MS);
  const [l1, l2, l3] = load.phasesA;
  const mean = (sum: number): number => sum / load.readings;
  return {
    ...fresh,
    phasesA: [withHour(l1, at, mean(x)), withHour(l2, at, mean(y)), withHour(l3, at, mean(z))],
  };
}
