// How HiGHS is run for plans, in the worker and without it.

import type { SparseLp } from './lp.js';

export type SolverOptions = Readonly<Record<string, string | number | boolean>>;

/**
 * Dual simplex on the model as it stands. Presolve costs several times what it saves on these models and throws
 * the basis away. Costs are distinct by construction (`value.ts`), so that HiGHS need not perturb them to get
 * past ties; its perturbation makes a warm start take about twice the iterations.
 */
export const SOLVER_OPTIONS: SolverOptions = {
  output_flag: false,
  random_seed: 0,
  presolve: 'off',
  solver: 'simplex',
  simplex_strategy: 1,
  dual_simplex_cost_perturbation_multiplier: 0,
};

/** For the model that the above ends on without an answer, such as by cycling. */
export const FALLBACK_OPTIONS: SolverOptions = {
  ...SOLVER_OPTIONS,
  dual_simplex_cost_perturbation_multiplier: 1,
};

/** Far more than any model here was seen to take (about one for each row and column). */
export const iterationsMax = ({ numCols, numRows }: SparseLp): number => 10_000 + 20 * (numCols + numRows);

/** HiGHS model statuses. */
export const STATUS = { optimal: 7, timeLimit: 13 } as const;
