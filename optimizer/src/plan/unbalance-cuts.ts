// A limit on unbalance as linear limits: no two phases of what is planned below a node may differ by more than so
// much. Under it a car may make room for another on a second phase, in the same period.

import type { PerPhase } from '@ampledger/kernel';
import type { PlanCut } from './problem.js';

const DIFFERENCES: readonly PerPhase[] = [
  [1, -1, 0],
  [-1, 1, 0],
  [1, 0, -1],
  [-1, 0, 1],
  [0, 1, -1],
  [0, -1, 1],
];

/**
 * @param maxA amperes; null: there is no limit.
 * @param besides what else counts on each phase, by period.
 */
export const unbalanceCuts = (maxA: number | null, besides: readonly PerPhase[] = []): readonly PlanCut[] =>
  maxA === null
    ? []
    : DIFFERENCES.map((onPhase) => ({
        onPhase,
        maxA:
          besides.length === 0
            ? maxA
            : besides.map(([a, b, c]) =>
                Math.max(0, maxA - onPhase[0] * a - onPhase[1] * b - onPhase[2] * c),
              ),
      }));
