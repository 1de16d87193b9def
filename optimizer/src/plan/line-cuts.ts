// The lines of a delta-wye transformer's secondary side as linear limits, for a plan.

import type { PerPhase } from '@ampledger/kernel';
import type { Limit, PlanCut } from './problem.js';

/** Corners of the polygon, one every 5°: it lies within the curve, by 1 - cos 2.5° = 0.095 % at most. */
const CORNERS = 13;

/**
 * Line k carries legs k and (k + 2) % 3, with totals x and z at least 0: `x² + z² + x·z <= lineA²`. The corners of
 * the polygon stand on the curve, so what keeps the cuts keeps the line.
 * @param linesA limit of each line in amperes.
 */
export function lineCuts(linesA: readonly [Limit, Limit, Limit]): readonly PlanCut[] {
  return linesA.flatMap((limit, line) => (limit === null ? [] : cutsOfLine(limit, line)));
}

function cutsOfLine(limit: Limit, line: number): readonly PlanCut[] {
  const corners = Array.from({ length: CORNERS }, (_, k) => corner((k / (CORNERS - 1)) * (Math.PI / 3)));
  return corners.slice(1).flatMap(([x2, z2], k) => {
    const [x1, z1] = corners[k] ?? [1, 0];
    // Through both corners: `(z2 - z1)·x + (x1 - x2)·z = x1·z2 - x2·z1`, scaled to a right side of 1.
    const right = x1 * z2 - x2 * z1;
    const onPhase = [0, 0, 0];
    onPhase[line] = (z2 - z1) / right;
    onPhase[(line + 2) % 3] = (x1 - x2) / right;
    const [a = 0, b = 0, c = 0] = onPhase;
    return [{ onPhase: [a, b, c] satisfies PerPhase, maxA: limit }];
  });
}

/**
 * A point of `x² + z² + x·z = 1`: the line's current is `x + z·e^(i·60°)`, and this is where its angle is so much.
 */
function corner(angle: number): readonly [number, number] {
  const z = Math.sin(angle) / Math.sin(Math.PI / 3);
  return [Math.cos(angle) - z / 2, z];
}
