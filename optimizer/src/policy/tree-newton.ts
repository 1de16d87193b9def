// Newton's step for a separable function of leaves and of the sums of nodes, in time linear in leaves and
// nodes: the optimality conditions have the shape of the tree. From below, each subtree's sums answer
// the pressure Λ from above linearly, `dS = s − M·Λ`, with a matrix of 4 × 4; from above, each node's
// answer is then known. (Block elimination along the tree, which fills nothing in.)

import { type Network, SUMS } from '../solver/network.js';

/** A node's block: one row for each of its sums. */
const DIMS = SUMS;

/** Leaves that move, by place in these arrays. */
export interface Movers {
  readonly count: number;
  readonly leaf: Int32Array;
  readonly node: Int32Array;
  /** What one ampere adds to each sum of its nodes. */
  readonly adds: Float64Array;
  /** Gradient and curvature (above 0) of what stands for the leaf itself. */
  readonly gradient: Float64Array;
  readonly curvature: Float64Array;
  readonly step: Float64Array;
}

export interface Nodes {
  /** By node: whether it has constraints; their gradient (4) and curvature (4 × 4) in its sums. */
  readonly constrained: Uint8Array;
  readonly gradient: Float64Array;
  readonly curvature: Float64Array;
  /** By node: the answer to pressure from above. */
  readonly matrix: Float64Array;
  readonly offset: Float64Array;
  /** By node: the pressure on what hangs below it, and the step of its sums. */
  readonly pressure: Float64Array;
  readonly step: Float64Array;
}

const SQUARE = DIMS * DIMS;

export function createMovers(count: number): Movers {
  const numbers = (): Float64Array => new Float64Array(count);
  return {
    count,
    leaf: new Int32Array(count),
    node: new Int32Array(count),
    adds: new Float64Array(count * DIMS),
    gradient: numbers(),
    curvature: numbers(),
    step: numbers(),
  };
}

export const createNodes = (nodes: number): Nodes => ({
  constrained: new Uint8Array(nodes),
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
    if (nodes.constrained[v] === 1) stiffen(nodes, v);
    const above = network.parent[v] as number;
    if (above >= 0) addAnswer(nodes, v, above);
  }
  return pressDown(network, movers, nodes);
}

function answerOfLeaves({ count, node, adds, gradient, curvature }: Movers, { matrix, offset }: Nodes): void {
  for (let m = 0; m < count; m++) {
    const v = node[m] as number;
    const inverse = 1 / (curvature[m] as number);
    const free = (gradient[m] as number) * inverse;
    for (let i = 0; i < DIMS; i++) {
      const a = adds[m * DIMS + i] as number;
      if (a === 0) continue;
      offset[v * DIMS + i] = (offset[v * DIMS + i] as number) - a * free;
      for (let j = 0; j < DIMS; j++) {
        const at = v * SQUARE + i * DIMS + j;
        matrix[at] = (matrix[at] as number) + a * (adds[m * DIMS + j] as number) * inverse;
      }
    }
  }
}

function addAnswer({ matrix, offset }: Nodes, from: number, to: number): void {
  for (let i = 0; i < DIMS; i++)
    offset[to * DIMS + i] = (offset[to * DIMS + i] as number) + (offset[from * DIMS + i] as number);
  for (let i = 0; i < SQUARE; i++)
    matrix[to * SQUARE + i] = (matrix[to * SQUARE + i] as number) + (matrix[from * SQUARE + i] as number);
}

const WIDTH = 2 * DIMS + 1;
const work = new Float64Array(DIMS * WIDTH);

/** The node's own constraints: `(I + M·H)·dS = s − M·G − M·Λ` solved for s and M. */
function stiffen({ matrix, offset, gradient, curvature }: Nodes, v: number): void {
  const [at, square] = [v * DIMS, v * SQUARE];
  for (let i = 0; i < DIMS; i++) {
    let free = offset[at + i] as number;
    for (let j = 0; j < DIMS; j++) {
      const m = matrix[square + i * DIMS + j] as number;
      free -= m * (gradient[at + j] as number);
      let product = i === j ? 1 : 0;
      for (let k = 0; k < DIMS; k++)
        product += (matrix[square + i * DIMS + k] as number) * (curvature[square + k * DIMS + j] as number);
      work[i * WIDTH + j] = product;
      work[i * WIDTH + DIMS + j] = m;
    }
    work[i * WIDTH + 2 * DIMS] = free;
  }
  eliminate();
  for (let i = 0; i < DIMS; i++) {
    offset[at + i] = work[i * WIDTH + 2 * DIMS] as number;
    for (let j = 0; j < DIMS; j++) matrix[square + i * DIMS + j] = work[i * WIDTH + DIMS + j] as number;
  }
}

/** Gauss and Jordan with row pivots: the left square of `work` becomes the unit. */
function eliminate(): void {
  for (let column = 0; column < DIMS; column++) {
    let pivot = column;
    for (let i = column + 1; i < DIMS; i++)
      if (Math.abs(work[i * WIDTH + column] as number) > Math.abs(work[pivot * WIDTH + column] as number))
        pivot = i;
    const scale = 1 / (work[pivot * WIDTH + column] as number);
    for (let j = column; j < WIDTH; j++) {
      const value = (work[pivot * WIDTH + j] as number) * scale;
      work[pivot * WIDTH + j] = work[column * WIDTH + j] as number;
      work[column * WIDTH + j] = value;
    }
    for (let i = 0; i < DIMS; i++) {
      const factor = work[i * WIDTH + column] as number;
      if (i === column || factor === 0) continue;
      for (let j = column; j < WIDTH; j++)
        work[i * WIDTH + j] = (work[i * WIDTH + j] as number) - factor * (work[column * WIDTH + j] as number);
    }
  }
}

function pressDown(network: Network, movers: Movers, nodes: Nodes): number {
  const { matrix, offset, pressure, step, gradient, curvature, constrained } = nodes;
  let along = 0;
  for (const v of network.preorder) {
    const above = network.parent[v] as number;
    for (let i = 0; i < DIMS; i++) {
      let moved = offset[v * DIMS + i] as number;
      if (above >= 0)
        for (let j = 0; j < DIMS; j++)
          moved -= (matrix[v * SQUARE + i * DIMS + j] as number) * (pressure[above * DIMS + j] as number);
      step[v * DIMS + i] = moved;
    }
    for (let i = 0; i < DIMS; i++) {
      let own = above >= 0 ? (pressure[above * DIMS + i] as number) : 0;
      if (constrained[v] === 1) {
        const g = gradient[v * DIMS + i] as number;
        along += g * (step[v * DIMS + i] as number);
        own += g;
        for (let j = 0; j < DIMS; j++)
          own += (curvature[v * SQUARE + i * DIMS + j] as number) * (step[v * DIMS + j] as number);
      }
      pressure[v * DIMS + i] = own;
    }
  }
  return along + stepLeaves(movers, pressure);
}

function stepLeaves(
  { count, node, adds, gradient, curvature, step }: Movers,
  pressure: Float64Array,
): number {
  let along = 0;
  for (let m = 0; m < count; m++) {
    const at = (node[m] as number) * DIMS;
    let push = gradient[m] as number;
    for (let i = 0; i < DIMS; i++) push += (adds[m * DIMS + i] as number) * (pressure[at + i] as number);
    const moved = -push / (curvature[m] as number);
    step[m] = moved;
    along += (gradient[m] as number) * moved;
  }
  return along;
}
