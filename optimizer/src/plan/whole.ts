// "6 A or nothing" (IEC 61851-1) is no linear rule: a plan may say less than a car's minimum. Here its currents are
// made such that cars can take them, period by period: who is furthest behind the plan has its minimum first, then
// what it is behind; and who had more than the plan said waits. Room that would stay empty is used by who can,
// where energy costs no more than when it was planned.
//
// Steps of stations are kept in the same way: what a step less leaves out is behind, until it is a whole one.
//
// No link is over and nobody has more than its need (but for the step in which it is full). What is on at once stays below the highest power that the
// plan pays for anyway, but for a single car. Pure; O(periods · cars · (links above a car + log cars)).

import { settableBelow, settableFrom } from '@ampledger/domain';
import { planTree } from './by-period.js';
import {
  baseKw,
  batteryPerKw,
  type Leaf,
  type Link,
  leavesOf,
  linksAbove,
  linksOf,
  loadOn,
} from './flows.js';
import type { Plan } from './plan.js';
import type { PlanProblem, PlanSession } from './problem.js';
import { pricesOf } from './value.js';

/** Amperes, kilowatts, ampere-periods: less is nothing. */
const NOTHING = 1e-6;
/** Prices, per kWh. */
const SAME_PRICE = 1e-9;

interface Car {
  readonly leaf: Leaf;
  readonly session: PlanSession;
  readonly plannedA: readonly number[];
  /** By period of its stay: what is planned for later periods in which energy costs no less, ampere-periods. */
  readonly laterA: Float64Array;
  /** It falls short in the plan: energy is worth more to it than any price. */
  readonly isShort: boolean;
  /** What it may still have, and what it should have had by now and has not, ampere-periods. */
  left: number;
  behind: number;
}

/**
 * By session, amperes by period of its stay like `limitA`: 0, or what can be set from its minimum to its maximum. A car
 * that may feed back keeps what was planned.
 */
export function wholeCurrents(problem: PlanProblem, plan: Plan): readonly (readonly number[])[] {
  if (isWhole(problem, plan)) return plan.sessions.map(({ limitA }) => limitA);
  const prices = pricesOf(problem);
  const leaves = leavesOf(problem, planTree(problem), prices);
  const hours = problem.periodS / 3600;
  const cars = problem.sessions.flatMap((session, i): readonly Car[] => {
    const [leaf, planned] = [leaves[i], plan.sessions[i]];
    if (leaf === undefined || planned === undefined || leaf.v2x !== null) return [];
    const { limitA: plannedA, unservedWh } = planned;
    const laterA = laterOf(leaf, plannedA, prices.draw);
    const left = leaf.energyWh / (1000 * leaf.kwPerA * leaf.efficiency * hours);
    return [{ leaf, session, plannedA, laterA, isShort: unservedWh > 1, left, behind: 0 }];
  });
  const rooms = roomsOf(problem, plan);
  const whole = new Map(cars.map(({ session: { id }, leaf }) => [id, new Array<number>(leaf.count).fill(0)]));
  for (let t = 0; t < problem.periods; t++) {
    const here = cars.filter(({ leaf: { first, count } }) => t >= first && t < first + count);
    for (const { car, currentA } of periodOf(here, rooms.at(t), t))
      whole.get(car.session.id)?.splice(t - car.leaf.first, 1, currentA);
  }
  return plan.sessions.map(({ id, limitA }) => whole.get(id) ?? limitA);
}

/** Nobody is to have something below its minimum, or between two steps. */
const isWhole = ({ sessions }: PlanProblem, plan: Plan): boolean =>
  plan.sessions.every(({ limitA }, i) => {
    const session = sessions[i];
    return limitA.every(
      (a) =>
        a <= NOTHING ||
        session === undefined ||
        (a >= session.minA - NOTHING && Math.abs(stepBelow(session, a) - a) <= NOTHING),
    );
  });

const stepBelow = ({ settable }: PlanSession, currentA: number): number =>
  settable === undefined ? currentA : settableBelow(settable, currentA + NOTHING);
const stepFrom = ({ settable }: PlanSession, currentA: number): number =>
  settable === undefined ? currentA : settableFrom(settable, currentA);

function laterOf(
  { first, count, presence }: Leaf,
  plannedA: readonly number[],
  prices: Float64Array,
): Float64Array {
  const later = new Float64Array(count);
  for (let k = 0; k < count; k++) {
    const price = prices[first + k] ?? 0;
    for (let after = k + 1; after < count; after++)
      if ((prices[first + after] ?? 0) >= price - SAME_PRICE)
        later[k] = (later[k] ?? 0) + (plannedA[after] ?? 0) * (presence[after] ?? 0);
  }
  return later;
}

/** What is free in one period; `take` says whether so much of a car's current fits, and takes it if it does. */
interface Room {
  /** The most that the car may have more, amperes. */
  left(car: Car): number;
  take(car: Car, currentA: number): void;
}

/** A car in one period. */
interface Turn {
  readonly car: Car;
  readonly share: number;
  /** The most that it could use. */
  readonly mostA: number;
  currentA: number;
}

function periodOf(cars: readonly Car[], room: Room, t: number): readonly Turn[] {
  const turns = cars.map((car): Turn => {
    const k = t - car.leaf.first;
    const share = car.leaf.presence[k] ?? 0;
    car.behind += (car.plannedA[k] ?? 0) * share;
    const maxA = car.leaf.maxA[k] ?? 0;
    // Who needs less than its minimum (or the next step) for the whole period stops before its end.
    const mostA =
      car.left > NOTHING && share > NOTHING
        ? stepBelow(
            car.session,
            Math.min(maxA, Math.max(car.session.minA, stepFrom(car.session, car.left / share))),
          )
        : 0;
    return { car, share, mostA: mostA < car.session.minA ? 0 : mostA, currentA: 0 };
  });
  const raise = (turn: Turn, toA: number): void => {
    const { car, mostA, currentA } = turn;
    const { minA } = car.session;
    // There is no later period in which it could have the rest of a step.
    const isLast = t === car.leaf.first + car.leaf.count - 1;
    const steppedA = isLast ? stepFrom(car.session, toA) : toA;
    const aimA = stepBelow(car.session, Math.min(mostA, currentA + room.left(car), Math.max(steppedA, minA)));
    if (mostA <= 0 || aimA < minA || aimA <= currentA) return;
    room.take(car, aimA - currentA);
    turn.currentA = aimA;
  };
  const byNeed = turns.toSorted((a, b) => urgency(b, t) - urgency(a, t));
  for (const turn of byNeed) if (turn.car.behind > NOTHING) raise(turn, turn.car.session.minA);
  for (const turn of byNeed)
    if (turn.currentA >= turn.car.session.minA) raise(turn, turn.car.behind / turn.share);
  for (const turn of turns.toSorted(byDeparture)) {
    const { car, share } = turn;
    const aheadA = car.isShort ? car.left : car.behind + (car.laterA[t - car.leaf.first] ?? 0);
    if (aheadA / share >= car.session.minA) raise(turn, aheadA / share);
  }
  for (const { car, share, currentA } of turns) {
    const had = Math.min(car.left, currentA * share);
    car.left -= had;
    car.behind -= had;
  }
  return turns;
}

/** By how much a car is behind, against the time that it has left for that. */
const urgency = ({ car: { behind, leaf, session } }: Turn, t: number): number =>
  (behind * session.weight) / (leaf.first + leaf.count - t) + session.priority * 1e6;

const byDeparture = (a: Turn, b: Turn): number =>
  b.car.session.priority - a.car.session.priority ||
  a.car.session.departs - b.car.session.departs ||
  b.car.behind - a.car.behind;

function roomsOf(problem: PlanProblem, plan: Plan): { at(t: number): Room } {
  const tree = planTree(problem);
  // Unbalance can be kept by two cars together where neither may begin alone: whoever sets limits keeps it.
  const links = linksOf(problem, tree).filter(
    ({ side, onPhase }) => side === 'import' && onPhase.every((factor) => factor >= 0),
  );
  const above = linksAbove(tree, links);
  const batteryAbove = above[tree.indexOf.get(problem.battery?.node ?? '') ?? -1] ?? [];
  const belowPeakKw = roomBelowPeak(problem, plan);
  return {
    at: (t) => {
      const free = Float64Array.from(links, ({ room }) => room[t] ?? 0);
      const batteryKw = Math.max(0, plan.batteryW?.[t] ?? 0) / 1000;
      for (const link of batteryAbove)
        free[link] = (free[link] ?? 0) - batteryKw * loadOf(links[link], batteryPerKw(problem.voltageV), 1);
      let peakKw = belowPeakKw[t] ?? Number.POSITIVE_INFINITY;
      let isAnybodyOn = false;
      return {
        left: ({ leaf, session }) => {
          let most = leaf.kwPerA > 0 ? peakKw / leaf.kwPerA : Number.POSITIVE_INFINITY;
          if (!isAnybodyOn) most = Math.max(most, session.minA);
          for (const link of above[leaf.node] ?? []) {
            const load = loadOf(links[link], leaf.perA, leaf.kwPerA);
            if (load > 0) most = Math.min(most, (free[link] ?? 0) / load);
          }
          return most + NOTHING;
        },
        take: ({ leaf }, currentA) => {
          isAnybodyOn = true;
          peakKw -= leaf.kwPerA * currentA;
          for (const link of above[leaf.node] ?? [])
            free[link] = (free[link] ?? 0) - currentA * loadOf(links[link], leaf.perA, leaf.kwPerA);
        },
      };
    },
  };
}

const loadOf = (link: Link | undefined, perA: Leaf['perA'], kw: number): number =>
  link === undefined ? 0 : loadOn(link, perA, kw);

/** Below the peak that is paid for, kilowatts by period; Infinity where none is. */
function roomBelowPeak(problem: PlanProblem, { batteryW, demandCost }: Plan): Float64Array {
  const { demand, periods } = problem;
  if (demand === null || demand.perKw <= 0) return new Float64Array(periods).fill(Number.POSITIVE_INFINITY);
  const peakKw = demand.peakSoFarW / 1000 + demandCost / demand.perKw;
  return baseKw(problem).map((kw, t) => Math.max(0, peakKw - kw - (batteryW?.[t] ?? 0) / 1000));
}
