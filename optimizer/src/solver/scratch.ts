// What a filling works on and what it leaves behind. Made once for a network, so that filling
// again makes no arrays.

import { KINDS, type Network, SUMS } from './network.js';
import { createRefillScratch, type RefillScratch } from './refill-scratch.js';
import type { Capped } from './unbalance.js';

/** The answer, by leaf. */
export interface Filling {
  /** Amperes on each phase of the leaf. */
  readonly limitA: Float64Array;
  /** The level at which it stopped rising; Infinity for one that has its maximum. */
  readonly level: Float64Array;
  /** The link that stopped it, or -1 for one that has its maximum. */
  readonly binding: Int32Array;
}

/** Arrays named "by place" are in the order of `Network.order`. */
export interface Scratch extends Filling {
  /** By link: the level at which it stopped whom it stopped; Infinity where it stops nobody. */
  readonly linkLevel: Float64Array;
  /** Links that the minima alone overfill, `overfullCount` of them. */
  readonly overfull: Int32Array;

  /** By place: weight, and the range that is still open to the leaf; one value when it is settled. */
  readonly weight: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
  readonly watts: Float64Array;
  readonly stopped: Float64Array;
  readonly stoppedBy: Int32Array;

  /** By node and sum: the part of the pool with its open members. */
  readonly pool: Pool;
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** By node and sum: what left the list settled. */
  readonly base: Float64Array;
  /** By node and sum: least and most of all below, and the weights of those who rise. */
  readonly least: Float64Array;
  readonly most: Float64Array;
  readonly weights: Float64Array;

  /** The queue of links by the level at which they may be full. */
  readonly heapKey: Float64Array;
  readonly heapLink: Int32Array;
  /** What `measure` found: see `FOUND`; and the same of each leg of a line. */
  readonly found: Float64Array;
  readonly legs: Float64Array;
  /** By link: of a primary line that is full, the leg that may still rise, or -1; and how far (A). */
  readonly freeOf: Int8Array;
  readonly freeA: Float64Array;
  readonly counts: Int32Array;
  readonly again: RefillScratch;
  /** Made by the first filling under a limit on unbalance. */
  capped: Capped | null;
}

/** Grows to what the links that can become full need together, and then stays. */
export interface Pool {
  members: Int32Array;
}

/** `pending` is the weight of those who have not begun to rise, `start` the level at which the first will. */
export const FOUND = { current: 0, slope: 1, most: 2, pending: 3, start: 4 } as const;
/** How many of them there are, for each leg. */
export const LEGS = 5;
export const COUNT = { heap: 0, overfull: 1, pooled: 2, lines: 3 } as const;

export function createScratch(network: Network): Scratch {
  const { nodes, leaves } = network;
  const byLeaf = (): Float64Array => new Float64Array(leaves);
  const bySum = (): Float64Array => new Float64Array(nodes * SUMS);
  return {
    limitA: byLeaf(),
    level: byLeaf(),
    binding: new Int32Array(leaves),
    linkLevel: new Float64Array(nodes * KINDS),
    overfull: new Int32Array(nodes * KINDS),
    weight: byLeaf(),
    low: byLeaf(),
    high: byLeaf(),
    watts: byLeaf(),
    stopped: byLeaf(),
    stoppedBy: new Int32Array(leaves),
    pool: { members: new Int32Array(leaves * SUMS) },
    from: new Int32Array(nodes * SUMS),
    to: new Int32Array(nodes * SUMS),
    base: bySum(),
    least: bySum(),
    most: bySum(),
    weights: bySum(),
    heapKey: new Float64Array(nodes * KINDS),
    heapLink: new Int32Array(nodes * KINDS),
    found: new Float64Array(LEGS),
    legs: new Float64Array(3 * LEGS),
    freeOf: new Int8Array(nodes * KINDS).fill(-1),
    freeA: new Float64Array(nodes * KINDS),
    counts: new Int32Array(4),
    again: createRefillScratch(network),
    capped: null,
  };
}
