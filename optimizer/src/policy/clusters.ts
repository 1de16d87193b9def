// Cars that are as good as each other now: on the same phases, below the same full limits. What they have
// together is worth the same whoever of them has it.

import { KINDS, kindOfLink, type Network, uses } from '../solver/network.js';
import { type Constraint, isFull } from './forms.js';

/** Groups of leaves; who is below no full limit is in none. */
export function clustersOf(
  network: Network,
  leaves: readonly number[],
  full: readonly Constraint[],
): readonly (readonly number[])[] {
  const deepest = deepestFull(network, full);
  const clusters = new Map<number, Map<number, number[]>>();
  for (const leaf of leaves) {
    const phases = network.phases[leaf] as number;
    const node = deepest[(network.node[leaf] as number) * SETS + phases] as number;
    if (node < 0) continue;
    const key = node * SETS + phases;
    const byWatts = clusters.get(key) ?? new Map<number, number[]>();
    clusters.set(key, byWatts);
    const wattsPerA = network.wattsPerA[leaf] as number;
    const members = byWatts.get(wattsPerA);
    if (members) members.push(leaf);
    else byWatts.set(wattsPerA, [leaf]);
  }
  return [...clusters.values()].flatMap((byWatts) => [...byWatts.values()]);
}

/** Sets of phases: 0..7. */
const SETS = 8;

/** By node and set of phases, the lowest node from there up with a full limit that it adds to; -1 for none. */
function deepestFull(network: Network, full: readonly Constraint[]): Int32Array {
  const kinds = new Uint16Array(network.nodes);
  for (const { node, link } of full)
    kinds[node] = (kinds[node] as number) | (link < 0 ? (1 << KINDS) - 1 : 1 << kindOfLink(link));
  const deepest = new Int32Array(network.nodes * SETS).fill(-1);
  for (const node of network.preorder) {
    const above = network.parent[node] as number;
    for (let phases = 1; phases < SETS; phases++) {
      const at = node * SETS + phases;
      if (above >= 0) deepest[at] = deepest[above * SETS + phases] as number;
      for (let kind = 0; kind < KINDS; kind++)
        if (((kinds[node] as number) >> kind) & 1 && uses(phases, kind)) deepest[at] = node;
    }
  }
  return deepest;
}

/** Leaves that add to none of these. */
export function freeOf(
  network: Network,
  leaves: readonly number[],
  full: readonly Constraint[],
): readonly number[] {
  if (full.length === 0) return leaves;
  const deepest = deepestFull(network, full);
  return leaves.filter((leaf) => {
    const at = (network.node[leaf] as number) * SETS + (network.phases[leaf] as number);
    return (deepest[at] as number) < 0;
  });
}

export const fullOnes = (
  constraints: readonly Constraint[],
  sums: ArrayLike<number>,
): readonly Constraint[] => constraints.filter((constraint) => isFull(constraint, sums));
