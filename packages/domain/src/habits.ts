// A site's habits, learned from its own history: when cars come, how long they stay, what they take, and
// the load that nobody controls. Weighted means in which a week ago counts more than a month ago, by hour
// of the week for cars, by hour of working days and weekends for loads; hours are UTC.
//
// Small and plain, because it is part of the site's state: at most about 5 kB, and 1 kB for each node
// with a metered load. Values are rounded to what matters. Pure: the same history has the same habits.

import { addPhases, mapPhases, type NodeId, type PerPhase, ZERO } from '@ampledger/kernel';

const HOUR_MS = 3_600_000;
const WEEK_HOURS = 168;
/** A new observation counts at least this much, however many there were before. */
const NEWEST_SHARE = 1 / 8;
/** Hours without a word that are taken as hours without cars; a longer silence is no observation. */
const QUIET_HOURS_MAX = WEEK_HOURS;
/** A shorter stay is somebody who tried the plug. */
const STAY_MS_MIN = 300_000;
/** Stays that a mean of one hour of the week must rest on, and one of the whole week. */
const STAYS_OF_HOUR_MIN = 3;
const STAYS_OF_WEEK_MIN = 10;

/**
 * Of one hour of the week: how many cars come in it; of each the watt-hours and the seconds; and how many stays
 * these means rest on (counted up to 99). A list, because a state has a hundred and more of them.
 */
export type HourHabit = readonly [arrivals: number, energyWh: number, stayS: number, stays: number];
const NEVER: HourHabit = [0, 0, 0, 0];

/** What is expected of a car. */
export interface StayHabit {
  readonly energyWh: number;
  readonly stayS: number;
}

export interface Habits {
  /** The first hour that was seen; hours count from 1970. */
  readonly sinceHour: number;
  /** The hour that runs, and what was seen in it so far. */
  readonly hour: number;
  readonly arrivals: number;
  readonly loads: Readonly<Record<NodeId, { readonly sumA: PerPhase; readonly samples: number }>>;
  /** By hour of the week (0 is Monday 00:00 UTC), where a car ever came. */
  readonly byHour: Readonly<Record<number, HourHabit>>;
  /** By node and `loadSlot`: amperes on each phase. */
  readonly loadBySlot: Readonly<Record<NodeId, Readonly<Record<number, PerPhase>>>>;
}

export const NO_HABITS: Habits = {
  sinceHour: -1,
  hour: -1,
  arrivals: 0,
  loads: {},
  byHour: {},
  loadBySlot: {},
};

const hourOf = (at: number): number => Math.floor(at / HOUR_MS);
/** 1 January 1970 was a Thursday. */
const weekHour = (hour: number): number => (((hour + 72) % WEEK_HOURS) + WEEK_HOURS) % WEEK_HOURS;
/** 0 to 23 on working days, 24 to 47 on Saturday and Sunday. */
export const loadSlot = (hour: number): number => {
  const ofWeek = weekHour(hour);
  return (ofWeek % 24) + (ofWeek >= 120 ? 24 : 0);
};

const round = (value: number, unit: number): number => Math.round(value / unit) * unit;
const thousandth = (value: number): number => Math.round(value * 1000) / 1000;
const tenth = (value: number): number => Math.round(value * 10) / 10;
const blend = (mean: number, value: number, share: number): number => mean + (value - mean) * share;

/** A car came. */
export function observeArrival(habits: Habits, at: number): Habits {
  const now = rolledTo(habits, at);
  return { ...now, arrivals: now.arrivals + 1 };
}

/** It left. What it took and how long it stayed is kept with the hour in which it came. */
export function observeEnd(
  habits: Habits,
  stay: { readonly startedAt: number; readonly endedAt: number; readonly energyWh: number },
): Habits {
  const now = rolledTo(habits, stay.endedAt);
  const stayMs = stay.endedAt - stay.startedAt;
  if (stayMs < STAY_MS_MIN) return now;
  const hour = weekHour(hourOf(stay.startedAt));
  const [arrivals, energyWh, stayS, stays] = now.byHour[hour] ?? NEVER;
  const share = Math.max(NEWEST_SHARE, 1 / (stays + 1));
  const after: HourHabit = [
    arrivals,
    round(blend(energyWh, stay.energyWh, share), 10),
    round(blend(stayS, stayMs / 1000, share), 10),
    Math.min(99, stays + 1),
  ];
  return { ...now, byHour: { ...now.byHour, [hour]: after } };
}

/** A meter told a load that nobody controls. */
export function observeLoad(habits: Habits, node: NodeId, loadA: PerPhase, at: number): Habits {
  const now = rolledTo(habits, at);
  const { sumA, samples } = own(now.loads, node) ?? { sumA: ZERO, samples: 0 };
  const seen = { sumA: addPhases(sumA, loadA), samples: samples + 1 };
  return { ...now, loads: { ...now.loads, [node]: seen } };
}

/** Nodes have the names that people gave them, `constructor` among them. */
const own = <T>(of: Readonly<Record<NodeId, T>>, node: NodeId): T | undefined =>
  Object.hasOwn(of, node) ? of[node] : undefined;

/** Loads of nodes that are no longer there are forgotten. */
export function withoutNodes(habits: Habits, stays: (node: NodeId) => boolean): Habits {
  const kept = <T>(of: Readonly<Record<NodeId, T>>): Readonly<Record<NodeId, T>> =>
    Object.fromEntries(Object.entries(of).filter(([node]) => stays(node as NodeId))) as Record<NodeId, T>;
  return { ...habits, loads: kept(habits.loads), loadBySlot: kept(habits.loadBySlot) };
}

/** Ends the hours that are over: what was seen in them goes into the means. */
function rolledTo(habits: Habits, at: number): Habits {
  const hour = hourOf(at);
  if (habits.hour === -1) return { ...habits, sinceHour: hour, hour };
  if (hour <= habits.hour) return habits;
  const byHour = { ...habits.byHour };
  const end = Math.min(hour, habits.hour + QUIET_HOURS_MAX);
  for (let over = habits.hour; over < end; over++)
    ended(byHour, over, {
      arrivals: over === habits.hour ? habits.arrivals : 0,
      sinceHour: habits.sinceHour,
    });
  return { ...habits, hour, arrivals: 0, loads: {}, byHour, loadBySlot: loadsBlended(habits) };
}

function ended(
  byHour: Record<number, HourHabit>,
  hour: number,
  { arrivals, sinceHour }: { readonly arrivals: number; readonly sinceHour: number },
): void {
  const ofWeek = weekHour(hour);
  const before = byHour[ofWeek];
  if (before === undefined && arrivals === 0) return;
  const weeksBefore = Math.floor((hour - sinceHour) / WEEK_HOURS);
  const share = Math.max(NEWEST_SHARE, 1 / (weeksBefore + 1));
  const [known, ...stay] = before ?? NEVER;
  byHour[ofWeek] = [thousandth(blend(known, arrivals, share)), ...stay];
}

function loadsBlended({ loads, loadBySlot, hour }: Habits): Habits['loadBySlot'] {
  const slot = loadSlot(hour);
  const blended: Record<NodeId, Readonly<Record<number, PerPhase>>> = { ...loadBySlot };
  for (const [name, { sumA, samples }] of Object.entries(loads)) {
    const node = name as NodeId;
    const known = own(blended, node);
    const before = known?.[slot];
    const mean = mapPhases((p) => sumA[p] / samples);
    const after = before === undefined ? mean : mapPhases((p) => blend(before[p], mean[p], NEWEST_SHARE));
    blended[node] = { ...known, [slot]: mapPhases((p) => tenth(after[p])) };
  }
  return blended;
}

export interface Expected {
  /** Cars that come in the period. */
  readonly arrivals: readonly number[];
  /** Of each car that comes in it: watt-hours and seconds; null where too little was seen. */
  readonly energyWh: readonly (number | null)[];
  readonly stayS: readonly (number | null)[];
  /** Amperes on each phase that flow there beside charging; null where the hour was never seen. */
  readonly loadA: Readonly<Record<NodeId, readonly (PerPhase | null)[]>>;
}

/** What the periods to come will probably bring; each is taken by the hour in which its middle lies. */
export function expected(habits: Habits, from: number, periodS: number, periods: number): Expected {
  const hours = Array.from({ length: periods }, (_, i) => hourOf(from + (i + 0.5) * periodS * 1000));
  const habitOf = hours.map((hour) => habitAt(habits, hour * HOUR_MS));
  const loadA: Record<NodeId, readonly (PerPhase | null)[]> = {};
  for (const [node, bySlot] of Object.entries(habits.loadBySlot))
    loadA[node as NodeId] = hours.map((hour) => bySlot[loadSlot(hour)] ?? null);
  return {
    arrivals: hours.map((hour) => ((habits.byHour[weekHour(hour)] ?? NEVER)[0] * periodS) / 3600),
    energyWh: habitOf.map((habit) => habit?.energyWh ?? null),
    stayS: habitOf.map((habit) => habit?.stayS ?? null),
    loadA,
  };
}

/** What a car that comes at this moment probably takes, and how long it stays; null: too little was seen. */
export function habitAt(habits: Habits, at: number): StayHabit | null {
  const [, energyWh, stayS, stays] = habits.byHour[weekHour(hourOf(at))] ?? NEVER;
  return stays >= STAYS_OF_HOUR_MIN ? { energyWh, stayS } : ofWeek(habits.byHour);
}

const weeks = new WeakMap<Habits['byHour'], StayHabit | null>();

/** The mean over all hours, of each by its stays; kept, because it is asked for by every car. */
function ofWeek(byHour: Habits['byHour']): StayHabit | null {
  const known = weeks.get(byHour);
  if (known !== undefined) return known;
  let [energyWh, stayS, stays] = [0, 0, 0];
  for (const [, hourWh, hourStayS, hourStays] of Object.values(byHour)) {
    energyWh += hourWh * hourStays;
    stayS += hourStayS * hourStays;
    stays += hourStays;
  }
  const made = stays < STAYS_OF_WEEK_MIN ? null : { energyWh: energyWh / stays, stayS: stayS / stays };
  weeks.set(byHour, made);
  return made;
}
