// A plan solved cold in this thread: the same model as the planner's, for `verify` and for tests. No clock: it
// runs until it is done, or to a bound of iterations.

import type { Highs, Model } from 'highs';
import { buildPlan } from './build-plan.js';
import type { SparseLp } from './lp.js';
import type { Plan } from './plan.js';
import type { PlanProblem } from './problem.js';
import { readPlan } from './read-plan.js';
import { FALLBACK_OPTIONS, iterationsMax, SOLVER_OPTIONS, STATUS } from './solver-options.js';

/**
 * Loads HiGHS (once per process is enough); after that `solvePlan` is synchronous. Nothing of it is loaded before:
 * most processes never need it.
 */
export async function loadSolver(): Promise<Highs> {
  const { default: loadHighs } = await import('highs');
  // The package's types describe its CommonJS form; the ES module's default is the loader itself.
  return (loadHighs as unknown as () => Promise<Highs>)();
}

export type PlanSolved =
  | { readonly kind: 'planned'; readonly plan: Plan }
  /** HiGHS ended with this status, which no problem is known to lead to. */
  | { readonly kind: 'failed'; readonly reason: string };

/**
 * Pure: the same problem gives the same plan, bit for bit, on the same version of HiGHS.
 * @throws RangeError for a problem that is none (`checkProblem`).
 */
export function solvePlan(solver: Highs, problem: PlanProblem): PlanSolved {
  const built = buildPlan(problem);
  const solved = solveLp(solver, built.lp);
  if (typeof solved === 'number') return { kind: 'failed', reason: `HiGHS status ${solved}` };
  return { kind: 'planned', plan: readPlan(problem, built, solved.values, 'optimal') };
}

/** The columns' values and the objective; or the status of a run that found no optimum. */
export function solveLp(
  solver: Highs,
  lp: SparseLp,
): { readonly values: Float64Array; readonly objective: number } | number {
  // To HiGHS a model without columns has no optimum.
  if (lp.numCols === 0) return { values: new Float64Array(0), objective: 0 };
  return solver.withModel(modelData(lp), (model) => {
    const ran = [SOLVER_OPTIONS, FALLBACK_OPTIONS].some((options) => runWith(model, lp, options));
    if (!ran) return Number(model.getModelStatus());
    return { values: model.getSolution().colValue, objective: model.getObjectiveValue() };
  });
}

function runWith(model: Model, lp: SparseLp, options: typeof SOLVER_OPTIONS): boolean {
  model.clearSolver();
  model.options.set({ ...options, simplex_iteration_limit: iterationsMax(lp) });
  return Number(model.run().modelStatus) === STATUS.optimal;
}

const modelData = (lp: SparseLp) => ({
  numCols: lp.numCols,
  numRows: lp.numRows,
  colCost: lp.colCost,
  colLower: lp.colLower,
  colUpper: lp.colUpper,
  rowLower: lp.rowLower,
  rowUpper: lp.rowUpper,
  matrix: {
    format: 'csc' as const,
    numRows: lp.numRows,
    numCols: lp.numCols,
    starts: lp.starts,
    indices: lp.indices,
    values: lp.values,
  },
});
