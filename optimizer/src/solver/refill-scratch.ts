// What filling again after one change works on.

import { KINDS, type Network, SUMS } from './network.js';

export interface RefillScratch {
  /** By node and sum: what all below carry, by the answer as it is now. */
  readonly carried: Float64Array;
  /** By node: the sums that have a limit, as a set; the others are not kept up. */
  readonly limited: Uint8Array;
  /** By link: whether it waits in the queue; whether somebody on it may be above its level. */
  readonly waits: Uint8Array;
  readonly uneven: Uint8Array;
  /** Leaves that were moved, by place, each once; the mark is the number of the refill. */
  readonly moved: Int32Array;
  readonly movedMark: Int32Array;
  /** Who can move on the link that is looked at: place, amperes per level, the range, its weight in the link. */
  readonly at: Int32Array;
  readonly weight: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
  readonly perA: Float64Array;
  /** What the link carries at a level, how fast that rises, and where the next begins to. */
  readonly found: Float64Array;
  readonly counts: Int32Array;
}

/** `state`: 0 without an answer to start from, 1 with one, 2 when `carried` belongs to it. */
export const AGAIN = { state: 0, refill: 1, since: 2, moved: 3, listed: 4, visits: 5 } as const;

export function createRefillScratch({ nodes, leaves }: Network): RefillScratch {
  return {
    carried: new Float64Array(nodes * SUMS),
    limited: new Uint8Array(nodes),
    waits: new Uint8Array(nodes * KINDS),
    uneven: new Uint8Array(nodes * KINDS),
    moved: new Int32Array(leaves),
    movedMark: new Int32Array(leaves),
    at: new Int32Array(leaves),
    weight: new Float64Array(leaves),
    low: new Float64Array(leaves),
    high: new Float64Array(leaves),
    perA: new Float64Array(leaves),
    found: new Float64Array(3),
    counts: new Int32Array(6),
  };
}
