// Newton's step for a separable function of leaves and of the sums of nodes, in time linear in leaves and
// nodes: the optimality conditions have the shape of the tree. From below, each subtree's sums answer
// the pressure Λ from above linearly, `dS = s − M·Λ`, with a matrix of 4 × 4; from above, each node's
// answer is then known. (Block elimination along the tree, which fills nothing in.)
//
// Loops are written out, because these are the innermost ones of sharing.

import { type Network, SUMS } from '../solver/network.js';
import { stiffen } from './stiffen.js';

/** A node's block: one row for each of its sums. */
const DIMS = SUMS;
const SQUARE = DIMS * DIMS;

/** Leaves that move, by place in these arrays. */
export interface Movers {
  readonly count: number;
  readonly leaf: Int32Array;
  readonly node: Int32Array;
  /** What one ampere adds to the sums of its nodes: 1 on each phase of the set, and watts. */
  readonly phases: Uint8Array;
  readonly watts: Float64Array;
  /** Gradient and curvature (above 0) of what stands for the leaf itself. */
  readonly gradient: Float64Array;
  readonly curvature: Float64Array;
  readonly step: Float64Array;
}

/** How a node is limited. */
export const LIMITED = { not: 0, sums: 1, full: 2 } as const;

export interface Nodes {
  /** By node, one of `LIMITED`: by nothing; by sums alone, one by one; by forms of several. */
  readonly limited: Uint8Array;
  /** By node and sum: the gradient of its constraints. */
  readonly gradient: Float64Array;
  /** By node, 4 × 4: their curvature; where sums alone are limited nothing but its diagonal. */
  readonly curvature: Float64Array;
  /** By node: the answer to pressure from above. */
  readonly matrix: Float64Array;
  readonly offset: Float64Array;
  /** By node: the pressure on what hangs below it, and the step of its sums. */
  readonly pressure: Float64Array;
  readonly step: Float64Array;
}

export function createMovers(count: number): Movers {
  const numbers = (): Float64Array => new Float64Array(count);
  return {
    count,
    leaf: new Int32Array(count),
    node: new Int32Array(count),
    phases: new Uint8Array(count),
    watts: numbers(),
    gradient: numbers(),
    curvature: numbers(),
    step: numbers(),
  };
}

export const createNodes = (nodes: number): Nodes => ({
  limited: new Uint8Array(nodes),
  gradient: new Float64Array(nodes * DIMS),
  curvature: new Float64Array(nodes * SQUARE),
  matrix: new Float64Array(nodes * SQUARE),
  offset: new Float64Array(nodes * DIMS),
  pressure: new Float64Array(nodes * DIMS),
  step: new Float64Array(nodes * DIMS),
});

/** Writes the steps of movers and nodes. @returns the directional derivative along them, below 0. */
export function newtonStep(network: Network, movers: Movers, nodes: Nodes): number {
  nodes.matrix.fill(0);
  nodes.offset.fill(0);
  answerOfLeaves(movers, nodes);
  for (let k = network.preorder.length - 1; k >= 0; k--) {
    const v = network.preorder[k] as number;
    if (nodes.limited[v] !== LIMITED.not) stiffen(nodes, v);
    const above = network.parent[v] as number;
    if (above >= 0) addAnswer(nodes, v, above);
  }
  return pressDown(network, nodes) + stepLeaves(movers, nodes.pressure);
}

/** Adds each leaf's `a·aᵀ / curvature`, where `a` is what one ampere of it adds: entry by entry, by rows of four. */
function answerOfLeaves(
  { count, node, phases, watts, gradient, curvature }: Movers,
  { matrix, offset }: Nodes,
): void {
  for (let m = 0; m < count; m++) {
    const v = node[m] as number;
    const set = phases[m] as number;
    const w = watts[m] as number;
    const inverse = 1 / (curvature[m] as number);
    const free = (gradient[m] as number) * inverse;
    const power = w * inverse;
    const x = set & 1;
    const y = set & 2;
    const z = set & 4;
    const to = v * DIMS;
    const at = v * SQUARE;
    if (x) {
      offset[to] = (offset[to] as number) - free;
      matrix[at] = (matrix[at] as number) + inverse;
      matrix[at + 3] = (matrix[at + 3] as number) + power;
      matrix[at + 12] = (matrix[at + 12] as number) + power;
    }
    if (y) {
      offset[to + 1] = (offset[to + 1] as number) - free;
      matrix[at + 5] = (matrix[at + 5] as number) + inverse;
      matrix[at + 7] = (matrix[at + 7] as number) + power;
      matrix[at + 13] = (matrix[at + 13] as number) + power;
    }
    if (z) {
      offset[to + 2] = (offset[to + 2] as number) - free;
      matrix[at + 10] = (matrix[at + 10] as number) + inverse;
      matrix[at + 11] = (matrix[at + 11] as number) + power;
      matrix[at + 14] = (matrix[at + 14] as number) + power;
    }
    if (x && y) {
      matrix[at + 1] = (matrix[at + 1] as number) + inverse;
      matrix[at + 4] = (matrix[at + 4] as number) + inverse;
    }
    if (x && z) {
      matrix[at + 2] = (matrix[at + 2] as number) + inverse;
      matrix[at + 8] = (matrix[at + 8] as number) + inverse;
    }
    if (y && z) {
      matrix[at + 6] = (matrix[at + 6] as number) + inverse;
      matrix[at + 9] = (matrix[at + 9] as number) + inverse;
    }
    offset[to + 3] = (offset[to + 3] as number) - w * free;
    matrix[at + 15] = (matrix[at + 15] as number) + w * w * inverse;
  }
}

function addAnswer({ matrix, offset }: Nodes, from: number, to: number): void {
  for (let i = 0; i < DIMS; i++)
    offset[to * DIMS + i] = (offset[to * DIMS + i] as number) + (offset[from * DIMS + i] as number);
  for (let i = 0; i < SQUARE; i++)
    matrix[to * SQUARE + i] = (matrix[to * SQUARE + i] as number) + (matrix[from * SQUARE + i] as number);
}

function pressDown(network: Network, nodes: Nodes): number {
  const { matrix, offset, pressure, step, gradient, curvature, limited } = nodes;
  let along = 0;
  for (const v of network.preorder) {
    const to = v * DIMS;
    const from = (network.parent[v] as number) * DIMS;
    for (let i = 0; i < DIMS; i++) {
      let moved = offset[to + i] as number;
      if (from >= 0)
        for (let j = 0; j < DIMS; j++)
          moved -= (matrix[v * SQUARE + i * DIMS + j] as number) * (pressure[from + j] as number);
      step[to + i] = moved;
    }
    for (let i = 0; i < DIMS; i++) {
      let total = from >= 0 ? (pressure[from + i] as number) : 0;
      if (limited[v] !== LIMITED.not) {
        const g = gradient[to + i] as number;
        along += g * (step[to + i] as number);
        total += g;
        if (limited[v] === LIMITED.sums)
          total += (curvature[v * SQUARE + i * (DIMS + 1)] as number) * (step[to + i] as number);
        else
          for (let j = 0; j < DIMS; j++)
            total += (curvature[v * SQUARE + i * DIMS + j] as number) * (step[to + j] as number);
      }
      pressure[to + i] = total;
    }
  }
  return along;
}

function stepLeaves(
  { count, node, phases, watts, gradient, curvature, step }: Movers,
  pressure: Float64Array,
): number {
  let along = 0;
  for (let m = 0; m < count; m++) {
    const at = (node[m] as number) * DIMS;
    const set = phases[m] as number;
    let push = gradient[m] as number;
    if (set & 1) push += pressure[at] as number;
    if (set & 2) push += pressure[at + 1] as number;
    if (set & 4) push += pressure[at + 2] as number;
    push += (watts[m] as number) * (pressure[at + 3] as number);
    const moved = -push / (curvature[m] as number);
    step[m] = moved;
    along += (gradient[m] as number) * moved;
  }
  return along;
}
