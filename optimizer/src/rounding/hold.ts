// A small raise is left out: it would cost a message to the station, and give its car next to nothing.

import { sumLeaves, unevenNode } from '../admission/ledger.js';
import type { Network } from '../solver/network.js';
import type { RoundingScratch } from './scratch.js';

export interface Holding {
  /** By leaf: what it is to have (within the network's limits), and what it has. A. */
  readonly wantedA: ArrayLike<number>;
  readonly previousA: ArrayLike<number>;
  /** Raises below this wait, unless they bring the leaf to its maximum. */
  readonly deadbandA: number;
}

/**
 * Fills `scratch.limitA`: the previous limit where the raise is small, and what is wanted elsewhere; a cut never waits,
 * and neither does the step from 0. All is at most what is wanted, so no link is over that was not; where
 * leaving raises out would make phases too uneven they are made. Returns how many were left out.
 */
export function holdSmallRaises(
  network: Network,
  { wantedA, previousA, deadbandA }: Holding,
  scratch: RoundingScratch,
): number {
  const { limitA, sums } = scratch;
  let held = 0;
  for (let leaf = 0; leaf < network.leaves; leaf++) {
    const wanted = wantedA[leaf] as number;
    const previous = previousA[leaf] as number;
    const small = previous > 0 && previous < wanted && wanted - previous < deadbandA;
    const holds =
      small && previous >= (network.minA[leaf] as number) && wanted < (network.maxA[leaf] as number);
    limitA[leaf] = holds ? previous : wanted;
    if (holds) held++;
  }
  for (;;) {
    sumLeaves(network, limitA, sums);
    const node = unevenNode(network, sums);
    const made = node < 0 ? 0 : makeBelow(network, limitA, wantedA, node);
    if (made === 0) return held;
    held -= made;
  }
}

/** Makes the raises that were left out below a node; how many. */
function makeBelow(
  { order, first, last }: Network,
  limitA: Float64Array,
  wantedA: ArrayLike<number>,
  node: number,
): number {
  let made = 0;
  for (let place = first[node] as number; place < (last[node] as number); place++) {
    const leaf = order[place] as number;
    if (limitA[leaf] === wantedA[leaf]) continue;
    limitA[leaf] = wantedA[leaf] as number;
    made++;
  }
  return made;
}
