// From the solution of the programme to a plan.

import type { PlanLp } from './build-plan.js';
import { type PlanTree, pathOf, phaseIndices, planTree, series } from './by-period.js';
import { type Leaf, leavesOf } from './flows.js';
import type { Plan, PlannedNode, PlanStatus } from './plan.js';
import type { PlanProblem } from './problem.js';
import { pricesOf } from './value.js';
import { worthOf } from './worth.js';

/** What is recorded of a current or a power, amperes and watts: below the solver's own tolerance. */
const GRAIN_A = 1e-9;
const GRAIN_W = 1e-6;

/** @param values of the columns, as the solver gave them. */
export function readPlan(
  problem: PlanProblem,
  { columns }: Pick<PlanLp, 'columns'>,
  values: ArrayLike<number>,
  status: PlanStatus,
): Plan {
  const tree = planTree(problem);
  const leaves = leavesOf(problem, tree, pricesOf(problem));
  const limitA = leaves.map((leaf, i) => {
    const { current = -1, discharge = -1 } = columns.leaves[i] ?? {};
    return Array.from({ length: leaf.count }, (_, k) => {
      const fedBackA = discharge < 0 ? 0 : (values[discharge + k] ?? 0);
      return grain(netOf(leaf, values[current + k] ?? 0, fedBackA, leaf.maxA[k] ?? 0), GRAIN_A);
    });
  });
  const batteryW = readBattery(problem, columns.battery, values);
  return planOf(problem, { leaves, tree, limitA, batteryW, status });
}

interface Parts {
  readonly leaves: readonly Leaf[];
  readonly tree: PlanTree;
  readonly limitA: readonly (readonly number[])[];
  readonly batteryW: readonly number[] | null;
  readonly status: PlanStatus;
}

function planOf(problem: PlanProblem, { leaves, tree, limitA, batteryW, status }: Parts): Plan {
  const worth = worthOf(problem, { limitA, batteryW });
  const { site, from, periodS, periods } = problem;
  const of = (i: number) => ({
    first: leaves[i]?.first ?? 0,
    limitA: limitA[i] ?? [],
    unservedWh: grain(worth.unservedWh[i] ?? 0, GRAIN_W),
  });
  return {
    site,
    from,
    periodS,
    periods,
    status,
    objective: worth.objective,
    energyCost: worth.energyCost,
    demandCost: worth.demandCost,
    sessions: problem.sessions.map(({ id, connector }, i) => ({ id, connector, ...of(i) })),
    expected: problem.expected.map(({ id }, i) => ({ id, ...of(problem.sessions.length + i) })),
    batteryW,
    nodes: nodeLoads(problem, tree, leaves, { limitA, batteryW }),
  };
}

/**
 * The one current that is drawn or fed back. Both at once never pay (`againstBurning`); what the solver's
 * tolerance leaves of it is taken out so that the car ends up with the same energy, which needs less of both.
 */
function netOf({ v2x, efficiency }: Leaf, drawnA: number, fedBackA: number, maxA: number): number {
  const drawn = Math.min(maxA, Math.max(0, drawnA));
  const back = Math.max(0, fedBackA);
  if (v2x === null || drawn === 0 || back === 0) return drawn - back;
  const gained = drawn * efficiency - back / v2x.efficiency;
  return gained >= 0 ? gained / efficiency : gained * v2x.efficiency;
}

function readBattery(
  { battery, periods }: PlanProblem,
  columns: PlanLp['columns']['battery'],
  values: ArrayLike<number>,
): readonly number[] | null {
  if (battery === null || columns === null) return null;
  const oneWay = Math.sqrt(battery.efficiency);
  return Array.from({ length: periods }, (_, t) => {
    const kw = Math.max(0, values[columns.charge + t] ?? 0) * oneWay;
    const gained = kw - Math.max(0, values[columns.discharge + t] ?? 0) / oneWay;
    return grain(1000 * (gained >= 0 ? gained / oneWay : gained * oneWay), GRAIN_W);
  });
}

/** Towards zero, so that limits hold; what is within a thousandth of the next grain is that grain. */
function grain(value: number, of: number): number {
  const grains = Math.floor(Math.abs(value) / of + 1e-3);
  const size = Number((grains * of).toFixed(12));
  return value < 0 && size > 0 ? -size : size;
}

function nodeLoads(
  problem: PlanProblem,
  tree: PlanTree,
  leaves: readonly Leaf[],
  { limitA, batteryW }: Pick<Parts, 'limitA' | 'batteryW'>,
): readonly PlannedNode[] {
  const { periods, voltageV, nodes, pv, battery } = problem;
  const loads = nodes.map(({ unmanagedA }) => {
    const phases = phaseIndices.map((p) => series(unmanagedA[p], periods));
    return Float64Array.from(
      { length: periods },
      (_, t) => voltageV * phases.reduce((sum, a) => sum + (a[t] ?? 0), 0),
    );
  });
  const add = (node: number, t: number, watts: number): void => {
    for (const v of pathOf(tree.parent, node)) {
      const load = loads[v];
      if (load !== undefined && watts !== 0) load[t] = (load[t] ?? 0) + watts;
    }
  };
  leaves.forEach((leaf, i) => {
    limitA[i]?.forEach((a, k) => {
      add(leaf.node, leaf.first + k, a * leaf.kwPerA * 1000 * (leaf.presence[k] ?? 0));
    });
  });
  batteryW?.forEach((w, t) => {
    add(tree.indexOf.get(battery?.node ?? '') ?? -1, t, w);
  });
  if (pv !== null) {
    series(pv.forecastW, periods).forEach((w, t) => {
      add(tree.indexOf.get(pv.node) ?? -1, t, -w);
    });
  }
  return nodes.map(({ id }, i) => ({
    id,
    loadW: Array.from(loads[i] ?? [], (w) => Math.round(w * 10) / 10),
  }));
}
