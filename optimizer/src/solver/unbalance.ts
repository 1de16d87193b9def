// Limits on the unbalance of a node: no two phases of what is below may differ by more than so much, with
// every car at its limit. A set of limits that keeps it can break it when one of them falls, so filling
// alone cannot keep it. Instead: fill; cap each phase at the least of the three and the unbalance allowed;
// fill again, until it holds (caps only fall, and the last of them hold whatever is filled). Then raise
// what the caps held back for nothing: who uses all phases alike changes no difference, what the least
// phase has won the others may have too, and who is left is raised alone. Every answer on the way up
// keeps all limits.

import { KIND, linkOf, type Network, SUMS } from './network.js';
import { addAlone, roomAlone } from './room.js';
import { COUNT, type Scratch } from './scratch.js';
import { sumSettled } from './sums.js';

/** The network as it is filled under caps; its arrays of limits and bounds are its own. */
export interface Capped {
  readonly network: Network;
  readonly sums: Float64Array;
  /** Links that the minima overfill without any cap. */
  readonly overfull: Int32Array;
}

const PHASES = KIND.watts;
const ALL_PHASES = (1 << PHASES) - 1;
const FALLS_MAX = 16;
const RISES_MAX = 8;
const TURNS_MAX = 64;
/** A difference is kept within this part of it, and of what the phases carry. */
const KEPT = 1e-9;
/** Raising ends when nobody gets more than this. */
const RAISED_A = 1e-7;

export const hasUnbalance = ({ unbalance, nodes }: Network): boolean => {
  for (let node = 0; node < nodes; node++) if (unbalance[node] !== Number.POSITIVE_INFINITY) return true;
  return false;
};

export function createCapped(network: Network): Capped {
  return {
    network: {
      ...network,
      limit: Float64Array.from(network.limit),
      minA: Float64Array.from(network.minA),
      maxA: Float64Array.from(network.maxA),
      weight: Float64Array.from(network.weight),
    },
    sums: new Float64Array(network.nodes * SUMS),
    overfull: new Int32Array(network.limit.length),
  };
}

/** Fills without limits on unbalance; what `fill` does where there are none. */
export type FillOnce = (network: Network, scratch: Scratch) => number;

/**
 * `scratch` then holds limits of which nobody's could be raised alone; a leaf that a cap stopped names the
 * link of the capped phase. Returns how many links the minima alone overfill; minima may break a limit on
 * unbalance, and then its phases stay as near as the minima let them.
 */
export function fillBalanced(network: Network, scratch: Scratch, capped: Capped, fillOnce: FillOnce): number {
  const under = capped.network;
  under.limit.set(network.limit);
  under.minA.set(network.minA);
  under.maxA.set(network.maxA);
  under.weight.set(network.weight);
  const overfull = fillOnce(under, scratch);
  capped.overfull.set(scratch.overfull);
  for (let fall = 0; fall < FALLS_MAX && !isBalanced(network, scratch, capped); fall++) {
    capTo(network, capped, capped.sums);
    fillOnce(under, scratch);
  }
  if (!isBalanced(network, scratch, capped)) {
    capTo(network, capped, minimaOf(network, scratch, capped));
    fillOnce(under, scratch);
  }
  raiseFreed(network, scratch, capped, fillOnce);
  scratch.overfull.set(capped.overfull);
  scratch.counts[COUNT.overfull] = overfull;
  return overfull;
}

/** Sums the answer, and whether its phases are near enough to each other everywhere. */
function isBalanced(network: Network, scratch: Scratch, { sums }: Capped): boolean {
  sumSettled(network, scratch, sums);
  for (let node = 0; node < network.nodes; node++) {
    const most = network.unbalance[node] as number;
    if (most === Number.POSITIVE_INFINITY) continue;
    const highest = highestOf(sums, node);
    if (highest - lowestOf(sums, node) > most + KEPT * highest) return false;
  }
  return true;
}

const lowestOf = (sums: Float64Array, node: number): number =>
  Math.min(sums[node * SUMS] as number, sums[node * SUMS + 1] as number, sums[node * SUMS + 2] as number);
const highestOf = (sums: Float64Array, node: number): number =>
  Math.max(sums[node * SUMS] as number, sums[node * SUMS + 1] as number, sums[node * SUMS + 2] as number);

/** Phases may be over the least of the sums by the unbalance, and no more. */
function capTo(network: Network, { network: under }: Capped, sums: Float64Array): void {
  for (let node = 0; node < network.nodes; node++) {
    const most = network.unbalance[node] as number;
    if (most === Number.POSITIVE_INFINITY) continue;
    const cap = lowestOf(sums, node) + most;
    for (let phase = 0; phase < PHASES; phase++) {
      const link = linkOf(node, phase);
      under.limit[link] = Math.min(network.limit[link] as number, cap);
    }
  }
}

/** What the least phase has whatever is filled. */
function minimaOf(network: Network, scratch: Scratch, { sums }: Capped): Float64Array {
  for (let at = 0; at < network.leaves; at++)
    scratch.low[at] = network.minA[network.order[at] as number] as number;
  sumSettled(network, scratch, sums);
  return sums;
}

/** Everybody keeps what they have; in turns, who uses all phases rises, and then all under new caps. */
function raiseFreed(network: Network, scratch: Scratch, capped: Capped, fillOnce: FillOnce): void {
  const under = capped.network;
  const { limitA } = scratch;
  for (let rise = 0; rise < RISES_MAX; rise++) {
    under.minA.set(limitA);
    under.limit.set(network.limit);
    for (let leaf = 0; leaf < network.leaves; leaf++) {
      const all = network.phases[leaf] === ALL_PHASES;
      under.maxA[leaf] = (all ? network.maxA[leaf] : limitA[leaf]) as number;
    }
    fillOnce(under, scratch);
    sumSettled(network, scratch, capped.sums);
    capTo(network, capped, capped.sums);
    const raisedAllA = mostRaised(network, under.minA, limitA);
    under.minA.set(limitA);
    under.maxA.set(network.maxA);
    fillOnce(under, scratch);
    if (Math.max(raisedAllA, mostRaised(network, under.minA, limitA)) <= RAISED_A) break;
  }
  raiseEach(network, scratch, capped);
}

/** One by one, by class and then by number: whom a cap held back although nothing else does. */
function raiseEach(network: Network, scratch: Scratch, { sums }: Capped): void {
  const { limitA, binding, level } = scratch;
  sumSettled(network, scratch, sums);
  for (let turn = 0; turn < TURNS_MAX; turn++) {
    let mostA = 0;
    for (let rank = 0; rank < network.ranks; rank++) {
      for (let leaf = 0; leaf < network.leaves; leaf++) {
        if (network.rank[leaf] !== rank || (binding[leaf] as number) < 0) continue;
        const leftA = (network.maxA[leaf] as number) - (limitA[leaf] as number);
        const roomA = Math.min(leftA, roomAlone(network, sums, leaf));
        if (roomA <= 0) continue;
        addAlone(network, sums, leaf, roomA);
        limitA[leaf] = (limitA[leaf] as number) + roomA;
        if (roomA === leftA) binding[leaf] = -1;
        mostA = Math.max(mostA, roomA);
      }
    }
    if (mostA <= RAISED_A) break;
  }
  for (let leaf = 0; leaf < network.leaves; leaf++) {
    const stopped = (binding[leaf] as number) >= 0;
    level[leaf] = stopped
      ? (limitA[leaf] as number) / (network.weight[leaf] as number)
      : Number.POSITIVE_INFINITY;
  }
}

function mostRaised({ leaves }: Network, beforeA: Float64Array, afterA: Float64Array): number {
  let most = 0;
  for (let leaf = 0; leaf < leaves; leaf++)
    most = Math.max(most, (afterA[leaf] as number) - (beforeA[leaf] as number));
  return most;
}

/** Whether a node above the leaf lets none of its phases rise alone; `sums` by node and phase. */
export function isHeldBack(
  { unbalance, parent, node: nodeOf, phases: phasesOf }: Network,
  sums: Float64Array,
  leaf: number,
  toleranceA: number,
): boolean {
  const phases = phasesOf[leaf] as number;
  for (let node = nodeOf[leaf] as number; node >= 0; node = parent[node] as number) {
    const most = unbalance[node] as number;
    if (most === Number.POSITIVE_INFINITY) continue;
    for (let up = 0; up < PHASES; up++) {
      for (let other = 0; other < PHASES; other++) {
        if (((phases >> up) & 1) === 0 || ((phases >> other) & 1) === 1) continue;
        const apart = (sums[node * SUMS + up] as number) - (sums[node * SUMS + other] as number);
        if (apart >= most - toleranceA) return true;
      }
    }
  }
  return false;
}

/** The first node of which two phases differ by more than they may, by more than their minima do; or -1. */
export function unbalancedNode(
  { unbalance, nodes }: Network,
  carried: Float64Array,
  minima: Float64Array,
  toleranceA: number,
): number {
  for (let node = 0; node < nodes; node++) {
    const most = unbalance[node] as number;
    if (most === Number.POSITIVE_INFINITY) continue;
    const apart = highestOf(carried, node) - lowestOf(carried, node);
    const byMinima = highestOf(minima, node) - lowestOf(minima, node);
    if (apart > Math.max(most, byMinima) + toleranceA + KEPT * highestOf(carried, node)) return node;
  }
  return -1;
}
