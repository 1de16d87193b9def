// What admission is asked, what it answers, and the arrays that it works on.

import { KINDS, type Network, SUMS } from '../solver/network.js';
import { type Contest, createContest } from './contest.js';

/**
 * Order within a class of priority; a lower tier is served before. `out`: no candidate.
 * `kept`: on, within its minimum time. `overdue`: passed over for so long that it comes strictly by
 * time, and room is kept for it. `open`: by value. `resting`: off, within its minimum time. `last`: full
 * cars, which need nothing but may.
 */
export const TIER = { kept: 0, overdue: 1, open: 2, resting: 3, last: 4, out: 5 } as const;
export const TIERS = 5;

/** Arrays are by leaf. Classes are the network's `priority`: strict. */
export interface AdmissionInput {
  readonly network: Network;
  /** Amperes that must be free for it: its minimum, and a margin where it would be woken. At least 0. */
  readonly needA: ArrayLike<number>;
  /** Amperes that count whether it is admitted or not. */
  readonly floorA: ArrayLike<number>;
  /** One of `TIER`. */
  readonly tier: ArrayLike<number>;
  /** What admitting it is worth beside others of its class and tier: above 0 and finite. */
  readonly value: ArrayLike<number>;
  /** Among equals, and among the overdue in any case, the lower number comes first. */
  readonly since: ArrayLike<number>;
  /** 1 where it is off now: it is not woken into room that is kept for somebody overdue. */
  readonly wakes: ArrayLike<number>;
}

export interface Admission {
  /** 1 for who gets at least its minimum. */
  readonly admitted: Uint8Array;
  /** For who waits the link that has no room for its need; -1 for all others. */
  readonly link: Int32Array;
  /** For who waits: 1 for the first of those who wait for that link. 0 for all others. */
  readonly place: Int32Array;
}

export interface AdmissionScratch extends Admission {
  /** By leaf: what it would add to its floor. */
  readonly addA: Float64Array;
  readonly totalA: Float64Array;
  /** By node and sum: what is taken; that and what is kept for the overdue; what a run asks for. */
  readonly taken: Float64Array;
  readonly kept: Float64Array;
  readonly asked: Float64Array;
  /** For how many overdue of the class room is kept. */
  readonly counts: { keeps: number };
  /** By link: how many of those who wait for it have a place. */
  readonly queued: Int32Array;
  readonly order: Int32Array;
  readonly runs: Int32Array;
  readonly contest: Contest;
}

/** Made once for a network, so that admitting again makes no arrays but for contested runs. */
export function createAdmissionScratch(network: Network): AdmissionScratch {
  const { nodes, leaves } = network;
  return {
    admitted: new Uint8Array(leaves),
    link: new Int32Array(leaves),
    place: new Int32Array(leaves),
    addA: new Float64Array(leaves),
    totalA: new Float64Array(leaves),
    taken: new Float64Array(nodes * SUMS),
    kept: new Float64Array(nodes * SUMS),
    asked: new Float64Array(nodes * SUMS),
    counts: { keeps: 0 },
    queued: new Int32Array(nodes * KINDS),
    order: new Int32Array(leaves),
    runs: new Int32Array(network.ranks * TIERS + 1),
    contest: createContest(network),
  };
}
