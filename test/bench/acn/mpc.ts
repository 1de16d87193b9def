// Looking ahead: on each arrival one linear programme over all cars that are there until the last of them
// leaves; in between its plan is followed. Energy first, and the same energy rather earlier, because more
// cars will come. Nothing is known of cars before they arrive.

import type { Highs } from 'highs';
import { highs } from './highs.js';
import type { Network } from './network.js';
import { solvePlan } from './plan-lp.js';
import type { ActiveSession, Scheduler } from './scheduler.js';
import { toExact } from './single-lp.js';

/** Loads HiGHS. The stations must take any current. */
export async function createMpc(): Promise<Scheduler> {
  const solver = await highs();
  let plan: Plan = { period: 0, edges: [], rates: new Map() };
  return {
    name: 'MPC',
    schedule(active, period, network) {
      if (active.some(({ id }) => !isPlanned(plan, id, period)))
        plan = planOf(solver, { active, period, network });
      const k = intervalAt(plan, period);
      const rates = active.map(({ id, evse, remainingA }) => {
        return [evse, Math.min(plan.rates.get(id)?.[k] ?? 0, remainingA)] as const;
      });
      return toExact(network, rates);
    },
  };
}

interface Plan {
  readonly period: number;
  /** Of the intervals, in periods after `period`; the first is 0. */
  readonly edges: readonly number[];
  readonly rates: ReadonlyMap<string, Float64Array>;
}

interface Moment {
  readonly active: readonly ActiveSession[];
  readonly period: number;
  readonly network: Network;
}

/** How much less the last period is worth than the first: too little to prefer less energy. */
const LATE = 1e-3;

/** Periods after now at which an interval may end: single periods for an hour, then longer and longer. */
const GRID: readonly number[] = [
  ...Array.from({ length: 12 }, (_, i) => i + 1),
  ...Array.from({ length: 8 }, (_, i) => 15 + 3 * i),
  ...Array.from({ length: 21 }, (_, i) => 48 + 12 * i),
];

/** A car that stays beyond its estimate is taken to leave after this period. */
const leavesIn = ({ estimatedDeparture }: ActiveSession, period: number): number =>
  Math.max(1, estimatedDeparture - period);

function planOf(solver: Highs, { active, period, network }: Moment): Plan {
  const stays = active.map((session) => leavesIn(session, period));
  const last = Math.max(...stays);
  const edges = [...new Set([0, ...GRID.filter((edge) => edge < last), ...stays])].sort((a, b) => a - b);
  const lengths = Float64Array.from(edges.slice(1), (edge, k) => edge - (edges[k] ?? 0));
  const weights = lengths.map((length, k) => 1 - (LATE * ((edges[k] ?? 0) + length / 2)) / last);
  const cars = active.map(({ evse, remainingA, carMaxA }, i) => {
    return { evse, from: 0, to: edges.indexOf(stays[i] ?? 0), needA: remainingA, maxA: carMaxA };
  });
  const { ratesA } = solvePlan(solver, { network, lengths, weights, cars });
  return { period, edges, rates: new Map(active.map(({ id }, i) => [id, ratesA[i] ?? new Float64Array()])) };
}

function intervalAt({ period, edges }: Plan, now: number): number {
  return edges.findLastIndex((edge) => edge <= now - period);
}

function isPlanned(plan: Plan, id: string, now: number): boolean {
  const rates = plan.rates.get(id);
  return rates !== undefined && intervalAt(plan, now) < rates.length;
}
