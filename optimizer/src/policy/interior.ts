// The best limits for a sum of concave utilities, one of each leaf, under all limits of the tree: a barrier
// method (Boyd and Vandenberghe, Convex Optimization, chapter 11) whose Newton steps cost linear time
// (tree-newton.ts). Curved lines are met exactly, without tangents; the answer lies inside all limits
// and is unique even where the optimum is not: it changes smoothly with what it follows from.

import { type Network, SUMS } from '../solver/network.js';
import { addUp } from '../solver/sums.js';
import { type Constraint, slackOf } from './forms.js';
import { createMovers, createNodes, type Movers, type Nodes, newtonStep } from './tree-newton.js';
import type { Utility } from './utility.js';

/** A node's block: one row for each of its sums. */
const DIMS = SUMS;

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

interface Walk extends Programme {
  readonly movers: Movers;
  readonly nodes: Nodes;
  readonly sums: Float64Array;
  readonly trial: Float64Array;
  /** Weight of the utilities against the barriers. */
  t: number;
}

/** Writes `limitA`. */
export function maximise(programme: Programme): Optimum {
  const walk = start(programme);
  const { constraints, leaves, gap } = programme;
  const barriers = constraints.length + 2 * leaves.length;
  const whole = worthOf(walk);
  walk.t = barriers / whole;
  const last = barriers / (gap * whole);
  let price = new Float64Array(constraints.length);
  while (centre(walk, walk.t < last ? CENTRED : CENTRED_LAST)) {
    price = Float64Array.from(constraints, (c) => 1 / (walk.t * slackOf(c, walk.sums)));
    if (walk.t >= last) break;
    walk.t = Math.min(last, walk.t * CLOSER);
  }
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

function start(programme: Programme): Walk {
  const { network, leaves, constraints } = programme;
  const movers = createMovers(leaves.length);
  leaves.forEach((leaf, m) => {
    movers.leaf[m] = leaf;
    movers.node[m] = network.node[leaf] as number;
    writeAdds(network, leaf, movers.adds, m * DIMS);
  });
  const nodes = createNodes(network.nodes);
  for (const { node } of constraints) nodes.constrained[node] = 1;
  const sums = sumsOf(network, programme.limitA);
  return { ...programme, movers, nodes, sums, trial: new Float64Array(leaves.length), t: 1 };
}

export function writeAdds({ phases, wattsPerA }: Network, leaf: number, to: Float64Array, at: number): void {
  for (let p = 0; p < 3; p++) to[at + p] = ((phases[leaf] as number) >> p) & 1;
  to[at + 3] = wattsPerA[leaf] as number;
}

/** By node and sum: what limits come to. */
export function sumsOf(network: Network, limitA: ArrayLike<number>): Float64Array {
  const sums = new Float64Array(network.nodes * DIMS);
  const adds = new Float64Array(DIMS);
  for (let leaf = 0; leaf < network.leaves; leaf++) {
    writeAdds(network, leaf, adds, 0);
    const at = (network.node[leaf] as number) * DIMS;
    for (let i = 0; i < DIMS; i++)
      sums[at + i] = (sums[at + i] as number) + (adds[i] as number) * (limitA[leaf] as number);
  }
  addUp(network, sums);
  return sums;
}

/** What the utilities' slopes make of all limits: a scale for the gap. */
function worthOf({ leaves, limitA, needA, worth, utility }: Walk): number {
  let sum = 0;
  for (const leaf of leaves) {
    const x = limitA[leaf] as number;
    sum += (worth[leaf] as number) * utility.slope(x / (needA[leaf] as number)) * x;
  }
  return sum;
}

/** Gradients and curvatures at the present limits. */
function derive(walk: Walk): void {
  const { movers, limitA, lowA, highA, needA, worth, utility, t } = walk;
  const { leaf: leafOf, gradient, curvature, count } = movers;
  for (let m = 0; m < count; m++) {
    const leaf = leafOf[m] as number;
    const x = limitA[leaf] as number;
    const need = needA[leaf] as number;
    const value = t * (worth[leaf] as number);
    const below = 1 / (x - (lowA[leaf] as number));
    const above = 1 / ((highA[leaf] as number) - x);
    gradient[m] = above - below - value * utility.slope(x / need);
    curvature[m] = above * above + below * below - (value / need) * utility.curvature(x / need);
  }
  deriveNodes(walk);
}

const along = new Float64Array(DIMS);

function deriveNodes({ constraints, nodes, sums }: Walk): void {
  nodes.gradient.fill(0);
  nodes.curvature.fill(0);
  for (const constraint of constraints) {
    const { node, form } = constraint;
    const inverse = 1 / slackOf(constraint, sums);
    for (let i = 0; i < DIMS; i++) {
      let rise = form.linear[i] as number;
      if (form.square)
        for (let j = 0; j < DIMS; j++)
          rise += 2 * (form.square[i * DIMS + j] as number) * (sums[node * DIMS + j] as number);
      along[i] = rise * inverse;
    }
    for (let i = 0; i < DIMS; i++) {
      const g = along[i] as number;
      nodes.gradient[node * DIMS + i] = (nodes.gradient[node * DIMS + i] as number) + g;
      for (let j = 0; j < DIMS; j++) {
        const at = (node * DIMS + i) * DIMS + j;
        const bend = form.square ? 2 * (form.square[i * DIMS + j] as number) * inverse : 0;
        nodes.curvature[at] = (nodes.curvature[at] as number) + g * (along[j] as number) + bend;
      }
    }
  }
}

/** Armijo's condition, and how much a step is shortened when it fails. */
const DESCENT = 0.1;
const SHORTER = 0.5;
const SHORTENINGS_MAX = 40;

/** Goes along the step as far as it leads down. Whether it went at all. */
function advance(walk: Walk, decrement: number): boolean {
  const { movers, nodes, limitA, trial, sums } = walk;
  const before = objective(walk, 0);
  let length = Math.min(1, 0.99 * reachOf(walk));
  for (let k = 0; k < SHORTENINGS_MAX; k++) {
    if (objective(walk, length) <= before - DESCENT * length * decrement) break;
    if (k === SHORTENINGS_MAX - 1) return false;
    length *= SHORTER;
  }
  for (let m = 0; m < movers.count; m++) limitA[movers.leaf[m] as number] = trial[m] as number;
  for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] as number) + length * (nodes.step[i] as number);
  return true;
}

/** How far the leaves' bounds let the step go. */
function reachOf({ movers, limitA, lowA, highA }: Walk): number {
  let reach = Number.POSITIVE_INFINITY;
  for (let m = 0; m < movers.count; m++) {
    const leaf = movers.leaf[m] as number;
    const step = movers.step[m] as number;
    const room =
      step > 0
        ? (highA[leaf] as number) - (limitA[leaf] as number)
        : (limitA[leaf] as number) - (lowA[leaf] as number);
    if (Math.abs(step) * reach > room) reach = room / Math.abs(step);
  }
  return reach;
}

/** The barrier function so far along the step (Infinity outside); writes `trial`. */
function objective(walk: Walk, length: number): number {
  const { movers, nodes, constraints, sums, limitA, lowA, highA, needA, worth, utility, trial, t } = walk;
  let sum = 0;
  for (const { node, form, bound } of constraints) {
    let slack = bound;
    for (let i = 0; i < DIMS; i++) {
      const s = (sums[node * DIMS + i] as number) + length * (nodes.step[node * DIMS + i] as number);
      slack -= (form.linear[i] as number) * s;
      if (form.square === null) continue;
      for (let j = 0; j < DIMS; j++) {
        const other = (sums[node * DIMS + j] as number) + length * (nodes.step[node * DIMS + j] as number);
        slack -= s * (form.square[i * DIMS + j] as number) * other;
      }
    }
    if (!(slack > 0)) return Number.POSITIVE_INFINITY;
    sum -= Math.log(slack / bound);
  }
  for (let m = 0; m < movers.count; m++) {
    const leaf = movers.leaf[m] as number;
    const x = (limitA[leaf] as number) + length * (movers.step[m] as number);
    trial[m] = x;
    const room = (x - (lowA[leaf] as number)) * ((highA[leaf] as number) - x);
    const need = needA[leaf] as number;
    sum -= Math.log(room) + t * (worth[leaf] as number) * need * utility.value(x / need);
  }
  return sum;
}
