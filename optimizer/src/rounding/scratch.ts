// What rounding works on; made once for a network.

import { type Network, SUMS } from '../solver/network.js';

export interface RoundingScratch {
  /** The answer, by leaf: amperes that the stations can be set to. */
  readonly limitA: Float64Array;
  /** By node and sum: what that carries. */
  readonly sums: Float64Array;
  /** Who may rise: a heap of leaves by what the next step would have above the exact limit. */
  readonly heap: Int32Array;
  readonly heapKey: Float64Array;
  /** `uneven`: against how many steps only unevenness stood. */
  readonly counts: { heap: number; uneven: number };
}

export const createRoundingScratch = ({ nodes, leaves }: Network): RoundingScratch => ({
  limitA: new Float64Array(leaves),
  sums: new Float64Array(nodes * SUMS),
  heap: new Int32Array(leaves),
  heapKey: new Float64Array(leaves),
  counts: { heap: 0, uneven: 0 },
});
