// The function that the barrier method goes down on: utilities against the logarithms of all that is left, to bounds
// and to limits. Its derivatives, its value along a step, and the step itself; in arrays by place, and with one
// exponential for each leaf and step.

import { KIND, KINDS, type Network, SUMS } from '../solver/network.js';
import { type Constraint, slackOf } from './forms.js';
import type { Programme } from './interior.js';
import { take } from './take.js';
import { createMovers, createNodes, LIMITED, type Movers, type Nodes } from './tree-newton.js';
import { curvatureOf, leftAt, slopeOf, type Utility, worthAt } from './utility.js';

const DIMS = SUMS;

/** Arrays are by mover, where not said otherwise. */
export interface Walk {
  readonly network: Network;
  readonly constraints: readonly Constraint[];
  readonly utility: Utility;
  readonly movers: Movers;
  readonly nodes: Nodes;
  /** By constraint: the place of the one sum that it limits, by node and sum; -1 for a form of several. */
  readonly place: Int32Array;
  readonly bound: Float64Array;
  /** By node and sum: what all carry. */
  readonly sums: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
  readonly need: Float64Array;
  readonly worth: Float64Array;
  /** The limits now, and what is left there of the first ampere's worth. */
  readonly x: Float64Array;
  readonly left: Float64Array;
  readonly trial: Float64Array;
  readonly trialLeft: Float64Array;
  /** Weight of the utilities against the barriers. */
  t: number;
  /** The function's value now, at the weight `valueT`. */
  value: number;
  valueT: number;
}

export function createWalk(programme: Programme, sums: Float64Array): Walk {
  const { network, constraints, leaves, lowA, highA, needA, worth, limitA, utility } = programme;
  const place = new Int32Array(constraints.length);
  const bound = new Float64Array(constraints.length);
  constraints.forEach((constraint, i) => {
    place[i] = placeOf(constraint);
    bound[i] = constraint.bound;
  });
  const x = take(limitA, leaves);
  const need = take(needA, leaves);
  const walk = {
    ...{ network, constraints, utility, place, bound, sums, x, need },
    movers: moversOf(network, leaves),
    nodes: nodesOf(network, constraints, place),
    low: take(lowA, leaves),
    high: take(highA, leaves),
    worth: take(worth, leaves),
    left: x.map((amperes, m) => leftAt(utility, amperes / (need[m] as number))),
    trial: new Float64Array(leaves.length),
    trialLeft: new Float64Array(leaves.length),
    t: 1,
    value: 0,
    valueT: Number.NaN,
  };
  return walk;
}

/** Forms of one link that is a plain sum; their factor is 1. */
const placeOf = ({ node, link }: Constraint): number =>
  link >= 0 && link % KINDS <= KIND.watts ? node * DIMS + (link % KINDS) : -1;

function moversOf(network: Network, leaves: readonly number[]): Movers {
  const movers = createMovers(leaves.length);
  leaves.forEach((leaf, m) => {
    movers.leaf[m] = leaf;
    movers.node[m] = network.node[leaf] as number;
    movers.phases[m] = network.phases[leaf] as number;
    movers.watts[m] = network.wattsPerA[leaf] as number;
  });
  return movers;
}

function nodesOf(network: Network, constraints: readonly Constraint[], place: Int32Array): Nodes {
  const nodes = createNodes(network.nodes);
  constraints.forEach(({ node }, i) => {
    const by = place[i] === -1 ? LIMITED.full : LIMITED.sums;
    nodes.limited[node] = Math.max(nodes.limited[node] as number, by);
  });
  return nodes;
}

/** What the utilities' slopes make of all limits: a scale for the gap. */
export function worthOf({ movers, x, worth, left, utility }: Walk): number {
  let sum = 0;
  for (let m = 0; m < movers.count; m++)
    sum += (worth[m] as number) * slopeOf(utility, left[m] as number) * (x[m] as number);
  return sum;
}

/** Gradients and curvatures at the present limits. */
export function derive(walk: Walk): void {
  const { movers, x, low, high, need, worth, left, utility, t } = walk;
  const { gradient, curvature, count } = movers;
  for (let m = 0; m < count; m++) {
    const amperes = x[m] as number;
    const value = t * (worth[m] as number);
    const below = 1 / (amperes - (low[m] as number));
    const above = 1 / ((high[m] as number) - amperes);
    gradient[m] = above - below - value * slopeOf(utility, left[m] as number);
    curvature[m] =
      above * above + below * below - (value / (need[m] as number)) * curvatureOf(utility, left[m] as number);
  }
  deriveNodes(walk);
}

function deriveNodes({ constraints, place, bound, nodes, sums }: Walk): void {
  const { gradient, curvature, limited } = nodes;
  gradient.fill(0);
  curvature.fill(0);
  for (let i = 0; i < place.length; i++) {
    const at = place[i] as number;
    if (at < 0 || limited[(at / DIMS) | 0] === LIMITED.full) {
      deriveInFull(constraints[i] as Constraint, nodes, sums);
      continue;
    }
    const inverse = 1 / ((bound[i] as number) - (sums[at] as number));
    gradient[at] = inverse;
    // The sum's place on the diagonal of its node.
    curvature[at * DIMS + (at % DIMS)] = inverse * inverse;
  }
}

const along = new Float64Array(DIMS);

function deriveInFull(constraint: Constraint, nodes: Nodes, sums: Float64Array): void {
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

/** Armijo's condition, and how much a step is shortened when it fails. */
const DESCENT = 0.1;
const SHORTER = 0.5;
const SHORTENINGS_MAX = 40;

/** Goes along the step as far as it leads down. Whether it went at all. */
export function advance(walk: Walk, decrement: number): boolean {
  const { movers, nodes, sums, x, left, trial, trialLeft, t } = walk;
  const before = walk.valueT === t ? walk.value : objective(walk, 0);
  let length = Math.min(1, 0.99 * reachOf(walk));
  let after = Number.POSITIVE_INFINITY;
  for (let k = 0; ; k++) {
    after = objective(walk, length);
    if (after <= before - DESCENT * length * decrement) break;
    if (k === SHORTENINGS_MAX - 1) return false;
    length *= SHORTER;
  }
  for (let m = 0; m < movers.count; m++) {
    x[m] = trial[m] as number;
    left[m] = trialLeft[m] as number;
  }
  for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] as number) + length * (nodes.step[i] as number);
  walk.value = after;
  walk.valueT = t;
  return true;
}

/** How far the leaves' bounds let the step go. */
function reachOf({ movers, x, low, high }: Walk): number {
  let reach = Number.POSITIVE_INFINITY;
  for (let m = 0; m < movers.count; m++) {
    const step = movers.step[m] as number;
    const room = step > 0 ? (high[m] as number) - (x[m] as number) : (x[m] as number) - (low[m] as number);
    if (Math.abs(step) * reach > room) reach = room / Math.abs(step);
  }
  return reach;
}

/** The barrier function so far along the step (Infinity outside); writes `trial` and `trialLeft`. */
function objective(walk: Walk, length: number): number {
  const { movers, nodes, place, bound, sums, x, low, high, need, worth, utility, trial, trialLeft, t } = walk;
  let sum = 0;
  for (let i = 0; i < place.length; i++) {
    const at = place[i] as number;
    const most = bound[i] as number;
    const slack =
      at < 0
        ? slackAlong(walk, i, length)
        : most - ((sums[at] as number) + length * (nodes.step[at] as number));
    if (!(slack > 0)) return Number.POSITIVE_INFINITY;
    sum -= Math.log(slack / most);
  }
  for (let m = 0; m < movers.count; m++) {
    const amperes = (x[m] as number) + length * (movers.step[m] as number);
    const room = (amperes - (low[m] as number)) * ((high[m] as number) - amperes);
    const z = amperes / (need[m] as number);
    const left = leftAt(utility, z);
    trial[m] = amperes;
    trialLeft[m] = left;
    sum -= Math.log(room) + t * (worth[m] as number) * (need[m] as number) * worthAt(utility, z, left);
  }
  return sum;
}

/** Of a form of several sums. */
function slackAlong({ constraints, bound, sums, nodes }: Walk, i: number, length: number): number {
  const { node, form } = constraints[i] as Constraint;
  const from = node * DIMS;
  let slack = bound[i] as number;
  for (let k = 0; k < DIMS; k++) {
    const s = (sums[from + k] as number) + length * (nodes.step[from + k] as number);
    slack -= (form.linear[k] as number) * s;
    if (form.square === null) continue;
    for (let j = 0; j < DIMS; j++) {
      const other = (sums[from + j] as number) + length * (nodes.step[from + j] as number);
      slack -= s * (form.square[k * DIMS + j] as number) * other;
    }
  }
  return slack;
}
