// What filling again after one change works on. A mark is the number of the refill, or of its round,
// in which an entry was last used, so that nothing has to be cleared.

import { KINDS, type Network, SUMS } from './network.js';

export interface RefillScratch {
  /** By node and sum: what all below carry, by the last answer. */
  readonly carried: Float64Array;
  /** By node and sum, in a round: what the others carry; all; the highest level of the reopened. */
  readonly others: Float64Array;
  readonly next: Float64Array;
  readonly top: Float64Array;
  readonly sumMark: Int32Array;
  readonly sums: Int32Array;
  /** By link: the level at which it stops reopened leaves; whether it was looked at, emptied. */
  readonly stopsAt: Float64Array;
  readonly stopsMark: Int32Array;
  readonly linkMark: Int32Array;
  readonly links: Int32Array;
  readonly emptied: Int32Array;
  /** The reopened leaves, by place, and what they had. */
  readonly reopened: Int32Array;
  readonly reopenedMark: Int32Array;
  readonly hadA: Float64Array;
  readonly counts: Int32Array;
}

/** `state`: 0 without an answer to start from, 1 with one, 2 when `carried` belongs to it. */
export const AGAIN = { state: 0, refill: 1, round: 2, sums: 3, links: 4, reopened: 5, since: 6 } as const;

export function createRefillScratch({ nodes, leaves }: Network): RefillScratch {
  const sums = nodes * SUMS;
  const links = nodes * KINDS;
  return {
    carried: new Float64Array(sums),
    others: new Float64Array(sums),
    next: new Float64Array(sums),
    top: new Float64Array(sums),
    sumMark: new Int32Array(sums),
    sums: new Int32Array(sums),
    stopsAt: new Float64Array(links),
    stopsMark: new Int32Array(links),
    linkMark: new Int32Array(links),
    links: new Int32Array(links),
    emptied: new Int32Array(links),
    reopened: new Int32Array(leaves),
    reopenedMark: new Int32Array(leaves),
    hadA: new Float64Array(leaves),
    counts: new Int32Array(7),
  };
}
