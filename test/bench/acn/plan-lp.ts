// The linear programme over cars and intervals that both the look-ahead baseline and the offline bound are.
// Tangents are added where the last solution breaks a limit, at the very direction in which it does: of all
// that stand around the circles a few thousand matter, and the result is the optimum within the circles
// themselves, to `BROKEN`.

import type { Highs, Model } from 'highs';
import { createLp, optimum } from './highs.js';
import type { Network } from './network.js';
import { type Phasor, phasorsOf, type Tangent, tangentAlong } from './tangents.js';

export interface PlanCar {
  readonly evse: number;
  /** The intervals in which it may charge: from ≤ k < to. */
  readonly from: number;
  readonly to: number;
  /** What it needs in all, in ampere-periods. */
  readonly needA: number;
  readonly maxA: number;
}

export interface PlanProblem {
  readonly network: Network;
  /** Of each interval, in periods. Currents are constant within one. */
  readonly lengths: Float64Array;
  /** Per ampere-period in each interval, above 0. */
  readonly weights: Float64Array;
  readonly cars: readonly PlanCar[];
}

export interface PlanSolution {
  /** Per car, from its first interval: amperes. */
  readonly ratesA: readonly Float64Array[];
  /** Ampere-periods, unweighted. */
  readonly deliveredA: number;
  readonly rounds: number;
}

/** More rounds than any case here takes; each adds at least one of finitely many tangents. */
const ROUNDS_MAX = 200;
/** What counts as broken, of the limit: above what HiGHS itself lets through. */
const BROKEN = 1e-6;

export function solvePlan(solver: Highs, problem: PlanProblem): PlanSolution {
  const { network } = problem;
  const { model, columnOf, sums } = modelOf(solver, problem);
  const byRow = Array.from(network.limitA, (limitA, row) => ({ limitA, phasors: phasorsOf(network, row) }));
  try {
    for (let round = 1; round <= ROUNDS_MAX; round += 1) {
      const values = optimum(solver, model);
      if (addBroken(solver, model, { values, sums, byRow }) > 0) continue;
      const ratesA = problem.cars.map(({ from, to }, i) => {
        const first = columnOf[i] ?? 0;
        return values.slice(first, first + to - from);
      });
      return { ratesA, deliveredA: sumOf(problem, ratesA), rounds: round };
    }
  } finally {
    model.dispose();
  }
  throw new Error(`no plan after ${ROUNDS_MAX} rounds`);
}

interface PlanModel {
  readonly model: Model;
  /** Per car: the column of its first interval; the others follow. */
  readonly columnOf: Int32Array;
  /** Per interval and group: the column of the group's sum, or -1 when nobody of it is there. */
  readonly sums: readonly Int32Array[];
}

function modelOf(solver: Highs, { network, lengths, weights, cars }: PlanProblem): PlanModel {
  const lp = createLp(solver);
  const columnOf = new Int32Array(cars.length);
  const members = Array.from(lengths, () => Array.from({ length: network.groups }, (): number[] => []));
  cars.forEach(({ evse, from, to, needA, maxA }, i) => {
    const columns: number[] = [];
    for (let k = from; k < to; k += 1) {
      const length = lengths[k] ?? 0;
      const column = lp.column(length * (weights[k] ?? 0), 0, Math.min(maxA, needA / length));
      columns.push(column);
      members[k]?.[network.groupOf[evse] ?? 0]?.push(column);
    }
    columnOf[i] = columns[0] ?? 0;
    lp.row(-solver.infinity, needA, columns, lengths.subarray(from, to));
  });
  const sums = members.map((groups) =>
    Int32Array.from(groups, (columns) => {
      if (columns.length === 0) return -1;
      const sum = lp.column(0, 0, solver.infinity);
      lp.row(0, 0, [...columns, sum], [...columns.map(() => 1), -1]);
      return sum;
    }),
  );
  return { model: lp.build(), columnOf, sums };
}

interface Found {
  readonly values: Float64Array;
  readonly sums: readonly Int32Array[];
  readonly byRow: readonly { readonly limitA: number; readonly phasors: readonly Phasor[] }[];
}

/** Adds a tangent for each row that is over its limit in an interval. @returns how many. */
function addBroken(solver: Highs, model: Model, { values, sums, byRow }: Found): number {
  const upper: number[] = [];
  const starts = [0];
  const indices: number[] = [];
  const coefficients: number[] = [];
  for (const columns of sums) {
    for (const { limitA, phasors } of byRow) {
      const broken = brokenTangent(limitA, phasors, (group) => values[columns[group] ?? -1] ?? 0);
      if (!broken) continue;
      for (let i = 0; i < broken.groups.length; i += 1) {
        const column = columns[broken.groups[i] ?? 0] ?? -1;
        const along = broken.along[i] ?? 0;
        if (column < 0 || Math.abs(along) < 1e-9) continue;
        indices.push(column);
        coefficients.push(along);
      }
      starts.push(indices.length);
      upper.push(limitA);
    }
  }
  const numRows = upper.length;
  if (numRows === 0) return 0;
  const matrix = {
    format: 'csr',
    numRows,
    numCols: values.length,
    starts: Int32Array.from(starts),
    indices: Int32Array.from(indices),
    values: Float64Array.from(coefficients),
  } as const;
  const lower = new Float64Array(numRows).fill(-solver.infinity);
  model.addRows({ lower, upper: Float64Array.from(upper), matrix });
  return numRows;
}

/** The tangent in whose direction the row's phasor points, if that is longer than the limit. */
function brokenTangent(
  limitA: number,
  phasors: readonly Phasor[],
  sumOfGroup: (group: number) => number,
): Omit<Tangent, 'row' | 'limitA'> | undefined {
  let re = 0;
  let im = 0;
  for (const { group, size, deg } of phasors) {
    const amperes = size * sumOfGroup(group);
    re += amperes * Math.cos((deg * Math.PI) / 180);
    im += amperes * Math.sin((deg * Math.PI) / 180);
  }
  if (Math.hypot(re, im) <= limitA * (1 + BROKEN)) return undefined;
  return tangentAlong(phasors, (Math.atan2(im, re) * 180) / Math.PI);
}

function sumOf({ cars, lengths }: PlanProblem, ratesA: readonly Float64Array[]): number {
  let sum = 0;
  cars.forEach(({ from }, i) => {
    ratesA[i]?.forEach((rate, k) => {
      sum += rate * (lengths[from + k] ?? 0);
    });
  });
  return sum;
}
