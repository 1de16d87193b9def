// The best limits for a sum of concave utilities, one of each leaf, under all limits of the tree: a barrier
// method (Boyd and Vandenberghe, Convex Optimization, chapter 11) whose Newton steps cost linear time
// (tree-newton.ts). Curved lines are met exactly, without tangents; the answer lies inside all limits
// and is unique even where the optimum is not: it changes smoothly with what it follows from.

import { sumLeaves } from '../admission/ledger.js';
import { type Network, SUMS } from '../solver/network.js';
import { advance, createWalk, derive, type Walk, worthOf } from './barrier.js';
import { type Constraint, slackOf } from './forms.js';
import { newtonStep } from './tree-newton.js';
import type { Utility } from './utility.js';

/** By leaf, where not said otherwise. */
export interface Programme {
  readonly network: Network;
  readonly constraints: readonly Constraint[];
  /** Leaves that move. */
  readonly leaves: readonly number[];
  readonly lowA: Float64Array;
  readonly highA: Float64Array;
  /** Above 0. */
  readonly needA: Float64Array;
  /** Value of one ampere at the slope 1, above 0; of the order of 1. */
  readonly worth: Float64Array;
  /** Strictly inside all bounds and limits for leaves that move; the others' limits. Becomes the answer. */
  readonly limitA: Float64Array;
  readonly utility: Utility;
  /** Part of the whole value that the answer may be short of the best; below 1e-6 rounding is in the way. */
  readonly gap: number;
}

export interface Optimum {
  /** By constraint: what one unit of its bound more would be worth. */
  readonly price: Float64Array;
  /** By node and sum: what all carry. */
  readonly sums: Float64Array;
}

/** Each round divides the distance to the best by this. */
const CLOSER = 50;
/** Of one round. */
const STEPS_MAX = 40;
/** Newton's decrement (squared) from which a round is done, and the last one: answers that do not depend on the way. */
const CENTRED = 0.1;
const CENTRED_LAST = 1e-3;

/** Writes `limitA`. */
export function maximise(programme: Programme): Optimum {
  const walk = createWalk(programme, sumsOf(programme.network, programme.limitA));
  const { constraints, leaves, gap } = programme;
  const barriers = constraints.length + 2 * leaves.length;
  const whole = worthOf(walk);
  walk.t = barriers / whole;
  const last = barriers / (gap * whole);
  const price = new Float64Array(constraints.length);
  while (centre(walk, walk.t < last ? CENTRED : CENTRED_LAST)) {
    constraints.forEach((c, i) => {
      price[i] = 1 / (walk.t * slackOf(c, walk.sums));
    });
    if (walk.t >= last) break;
    walk.t = Math.min(last, walk.t * CLOSER);
  }
  for (let m = 0; m < walk.movers.count; m++)
    programme.limitA[walk.movers.leaf[m] as number] = walk.x[m] as number;
  return { price, sums: walk.sums };
}

/**
 * Newton's steps at one weight, from a point that is near. False where rounding ends them before (a decrement that
 * is none): what was reached before is the answer then.
 */
function centre(walk: Walk, centred: number): boolean {
  for (let step = 0; step < STEPS_MAX; step++) {
    derive(walk);
    const decrement = -newtonStep(walk.network, walk.movers, walk.nodes);
    if (Math.abs(decrement) <= centred) return true;
    if (!(decrement > 0) || !advance(walk, decrement)) return false;
  }
  return false;
}

/** By node and sum: what limits come to. */
export function sumsOf(network: Network, limitA: ArrayLike<number>): Float64Array {
  const sums = new Float64Array(network.nodes * SUMS);
  sumLeaves(network, limitA, sums);
  return sums;
}
