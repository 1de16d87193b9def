// What must be known of the whole tree before a class is filled: who rises, and for every node and
// sum the least and the most that it can carry. Linear in leaves and nodes.

import { KIND, type Network, SUMS } from './network.js';
import type { Scratch } from './scratch.js';

/** Takes bounds and weights from the network; everybody begins at the minimum. */
export function gather(network: Network, scratch: Scratch): void {
  const { order } = network;
  const { weight, low, high, watts, stopped, stoppedBy, counts } = scratch;
  for (let at = 0; at < order.length; at++) {
    const leaf = order[at] as number;
    const lowA = network.minA[leaf] as number;
    weight[at] = network.weight[leaf] as number;
    low[at] = lowA;
    high[at] = lowA;
    watts[at] = network.wattsPerA[leaf] as number;
  }
  stopped.fill(Number.POSITIVE_INFINITY);
  stoppedBy.fill(-1);
  counts.fill(0);
  scratch.linkLevel.fill(Number.POSITIVE_INFINITY);
}

/**
 * Opens a class, and sums all leaves by node: earlier classes have what they got, later ones their
 * minima. How many rise. One pass over the leaves, one over the nodes.
 */
export function openClass(network: Network, scratch: Scratch, rank: number): number {
  const { order, phases: phasesOf, rank: rankOf, node: nodeOf } = network;
  const { weight, low, high, watts, base, least, most, weights } = scratch;
  base.fill(0);
  least.fill(0);
  most.fill(0);
  weights.fill(0);
  let rising = 0;
  for (let at = 0; at < order.length; at++) {
    const leaf = order[at] as number;
    const lowA = low[at] as number;
    if (rankOf[leaf] === rank) high[at] = Math.max(lowA, network.maxA[leaf] as number);
    const highA = high[at] as number;
    const w = highA > lowA ? (weight[at] as number) : 0;
    if (w > 0) rising++;
    const phases = phasesOf[leaf] as number;
    const sum = (nodeOf[leaf] as number) * SUMS;
    for (let phase = 0; phase < KIND.watts; phase++) {
      if ((phases & (1 << phase)) === 0) continue;
      least[sum + phase] = (least[sum + phase] as number) + lowA;
      most[sum + phase] = (most[sum + phase] as number) + highA;
      weights[sum + phase] = (weights[sum + phase] as number) + w;
    }
    const perA = watts[at] as number;
    if (perA === 0) continue;
    const power = sum + KIND.watts;
    least[power] = (least[power] as number) + perA * lowA;
    most[power] = (most[power] as number) + perA * highA;
    weights[power] = (weights[power] as number) + perA * w;
  }
  addUp(network, least);
  addUp(network, most);
  addUp(network, weights);
  return rising;
}

/** Writes what all leaves carry now, by node and sum. */
export function sumSettled(network: Network, { low, watts }: Scratch, sums: Float64Array): void {
  const { order, phases: phasesOf, node: nodeOf } = network;
  sums.fill(0);
  for (let at = 0; at < order.length; at++) {
    const leaf = order[at] as number;
    const amperes = low[at] as number;
    const phases = phasesOf[leaf] as number;
    const sum = (nodeOf[leaf] as number) * SUMS;
    for (let phase = 0; phase < KIND.watts; phase++)
      if ((phases & (1 << phase)) !== 0) sums[sum + phase] = (sums[sum + phase] as number) + amperes;
    const perA = watts[at] as number;
    if (perA > 0) sums[sum + KIND.watts] = (sums[sum + KIND.watts] as number) + perA * amperes;
  }
  addUp(network, sums);
}

/** Adds every node's sums to its parent's, from the leaves up. */
export function addUp({ preorder, parent }: Network, sums: Float64Array): void {
  for (let k = preorder.length - 1; k >= 0; k--) {
    const v = preorder[k] as number;
    const above = parent[v] as number;
    if (above < 0) continue;
    for (let sum = 0; sum < SUMS; sum++) {
      const to = above * SUMS + sum;
      sums[to] = (sums[to] as number) + (sums[v * SUMS + sum] as number);
    }
  }
}
