// What the planner and its thread say to each other.

import type { SparseLp } from './lp.js';
import type { SolverOptions } from './solver-options.js';

export interface LpRequest {
  readonly id: number;
  /** Whose model it is. */
  readonly key: string;
  readonly lp: SparseLp;
  readonly options: SolverOptions;
  /** Tried where the first ones end without an answer. */
  readonly fallback: SolverOptions;
  readonly timeLimitMs: number;
}

export interface LpReply {
  readonly id: number;
  /** HiGHS model status. */
  readonly status: number;
  /** By column; null where no feasible point was found. */
  readonly values: Float64Array | null;
  readonly iterations: number;
  /** From nothing; from the same model with other numbers; from the basis of one with other rows or columns. */
  readonly start: 'cold' | 'same' | 'carried';
  readonly tookMs: number;
}
