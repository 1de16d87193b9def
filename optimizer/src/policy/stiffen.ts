// A node's own constraints in the answer of what is below it: four equations with four unknowns.

import { SUMS } from '../solver/network.js';
import { LIMITED, type Nodes } from './tree-newton.js';

const DIMS = SUMS;
const SQUARE = DIMS * DIMS;
const WIDTH = 2 * DIMS + 1;
const work = new Float64Array(DIMS * WIDTH);

/** `(I + M·H)·dS = s − M·G − M·Λ` solved for s and M. */
export function stiffen(nodes: Nodes, v: number): void {
  const { matrix, offset, gradient, limited } = nodes;
  const [at, square] = [v * DIMS, v * SQUARE];
  if (limited[v] === LIMITED.sums) timesDiagonal(nodes, v);
  else timesFull(nodes, v);
  for (let i = 0; i < DIMS; i++) {
    let free = offset[at + i] as number;
    for (let j = 0; j < DIMS; j++) {
      const m = matrix[square + i * DIMS + j] as number;
      free -= m * (gradient[at + j] as number);
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

/** `I + M·H`, where of H nothing but the diagonal is there. */
function timesDiagonal({ matrix, curvature }: Nodes, v: number): void {
  const square = v * SQUARE;
  for (let j = 0; j < DIMS; j++) {
    const h = curvature[square + j * (DIMS + 1)] as number;
    for (let i = 0; i < DIMS; i++)
      work[i * WIDTH + j] = (i === j ? 1 : 0) + (matrix[square + i * DIMS + j] as number) * h;
  }
}

function timesFull({ matrix, curvature }: Nodes, v: number): void {
  const square = v * SQUARE;
  for (let i = 0; i < DIMS; i++) {
    for (let j = 0; j < DIMS; j++) {
      let product = i === j ? 1 : 0;
      for (let k = 0; k < DIMS; k++)
        product += (matrix[square + i * DIMS + k] as number) * (curvature[square + k * DIMS + j] as number);
      work[i * WIDTH + j] = product;
    }
  }
}

/**
 * Gauss and Jordan with row pivots: the left square of `work` becomes the unit. What stands left of the pivot's
 * column is left alone: nobody reads it again.
 */
function eliminate(): void {
  for (let column = 0; column < DIMS; column++) {
    const top = column * WIDTH;
    const pivot = pivotOf(column) * WIDTH;
    const scale = 1 / (work[pivot + column] as number);
    for (let j = column + 1; j < WIDTH; j++) {
      const value = (work[pivot + j] as number) * scale;
      work[pivot + j] = work[top + j] as number;
      work[top + j] = value;
    }
    if (pivot !== top) work[pivot + column] = work[top + column] as number;
    for (let row = 0; row < DIMS * WIDTH; row += WIDTH) {
      const factor = work[row + column] as number;
      if (row === top || factor === 0) continue;
      for (let j = column + 1; j < WIDTH; j++)
        work[row + j] = (work[row + j] as number) - factor * (work[top + j] as number);
    }
  }
}

function pivotOf(column: number): number {
  let pivot = column;
  let most = Math.abs(work[column * WIDTH + column] as number);
  for (let i = column + 1; i < DIMS; i++) {
    const size = Math.abs(work[i * WIDTH + column] as number);
    if (size > most) [pivot, most] = [i, size];
  }
  return pivot;
}
