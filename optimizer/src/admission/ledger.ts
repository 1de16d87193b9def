// What the links of a network carry while leaves come and go, and whether one more fits. Sums stand by node as
// everywhere in the solver; what the lines of a transformer carry of them the solver says.

import { carriedOf } from '../solver/lines.js';
import { KIND, KINDS, linkOf, type Network, SUMS, uses } from '../solver/network.js';
import { addUp } from '../solver/sums.js';

/** Rounding of long sums, as a part of a limit; a tenth of what a certificate lets pass. */
const RELATIVE = 1e-10;
const ABSOLUTE = 1e-13;

/** What may stand on a link before it counts as over. */
export const boundOf = (limit: number): number => limit * (1 + RELATIVE) + ABSOLUTE;

/** What one ampere of a leaf adds to a sum. */
export const perAmpere = (network: Network, leaf: number, sum: number): number =>
  sum === KIND.watts ? (network.wattsPerA[leaf] as number) : ((network.phases[leaf] as number) >> sum) & 1;

/** Writes by node and sum what the leaves carry; `amperes` by leaf. */
export function sumLeaves(network: Network, amperes: ArrayLike<number>, sums: Float64Array): void {
  sums.fill(0);
  for (let leaf = 0; leaf < network.leaves; leaf++) {
    const a = amperes[leaf] as number;
    if (a !== 0) addAt(network, sums, leaf, a);
  }
  addUp(network, sums);
}

/** Adds amperes of a leaf at its own node only: `addUp` carries them on. */
export function addAt(network: Network, sums: Float64Array, leaf: number, amperes: number): void {
  addTo(network, sums, { at: (network.node[leaf] as number) * SUMS, leaf, amperes });
}

/** Adds amperes of one leaf (negative: takes away) at every node above it. */
export function addLeaf(network: Network, sums: Float64Array, leaf: number, amperes: number): void {
  for (let node = network.node[leaf] as number; node >= 0; node = network.parent[node] as number)
    addTo(network, sums, { at: node * SUMS, leaf, amperes });
}

interface Addition {
  /** Where the sums stand. */
  readonly at: number;
  readonly leaf: number;
  readonly amperes: number;
}

function addTo(network: Network, sums: Float64Array, { at, leaf, amperes }: Addition): void {
  const phases = network.phases[leaf] as number;
  if (phases & 1) sums[at] = (sums[at] as number) + amperes;
  if (phases & 2) sums[at + 1] = (sums[at + 1] as number) + amperes;
  if (phases & 4) sums[at + 2] = (sums[at + 2] as number) + amperes;
  sums[at + 3] = (sums[at + 3] as number) + amperes * (network.wattsPerA[leaf] as number);
}

/** The first link after `after` that is over its limit, or -1. */
export function overLink(network: Network, sums: Float64Array, after = -1): number {
  const { limit } = network;
  for (let link = after + 1; link < limit.length; link++) {
    const most = limit[link] as number;
    if (most === Number.POSITIVE_INFINITY) continue;
    const node = Math.floor(link / KINDS);
    if (carriedOf(sums, node * SUMS, link - node * KINDS) > boundOf(most)) return link;
  }
  return -1;
}

/** The link nearest to the leaf that has no room for so many amperes more of it, or -1. */
export function lackingLink(network: Network, sums: Float64Array, leaf: number, amperes: number): number {
  if (amperes <= 0) return -1;
  const phases = network.phases[leaf] as number;
  for (let node = network.node[leaf] as number; node >= 0; node = network.parent[node] as number) {
    for (let kind = 0; kind < KINDS; kind++) {
      const most = network.limit[linkOf(node, kind)] as number;
      if (most === Number.POSITIVE_INFINITY || !uses(phases, kind)) continue;
      if (carriedWith(network, sums, { at: node * SUMS, leaf, amperes }, kind) > boundOf(most))
        return linkOf(node, kind);
    }
  }
  return -1;
}

/** What a link would carry with the leaf's amperes; 0 where it takes nothing of the link. */
function carriedWith(network: Network, sums: Float64Array, addition: Addition, kind: number): number {
  const { at, leaf, amperes } = addition;
  if (kind < KIND.watts) return (sums[at + kind] as number) + amperes;
  if (kind > KIND.watts)
    return carriedOf(withPhases(sums, at, network.phases[leaf] as number, amperes), 0, kind);
  const perA = network.wattsPerA[leaf] as number;
  return perA === 0 ? 0 : (sums[at + kind] as number) + perA * amperes;
}

/** Written and read at once: it spares an array for each question. */
const three = new Float64Array(SUMS);

/** The currents of the phases that stand from `at` on, with amperes on some of them. Holds until the next call. */
export function withPhases(
  sums: Float64Array,
  at: number,
  phases: number,
  amperes: number,
): ArrayLike<number> {
  three[0] = (sums[at] as number) + (phases & 1 ? amperes : 0);
  three[1] = (sums[at + 1] as number) + (phases & 2 ? amperes : 0);
  three[2] = (sums[at + 2] as number) + (phases & 4 ? amperes : 0);
  return three;
}

/** By how much the most loaded phase is above the least, for sums that stand from `at` on. */
export const spreadOf = (sums: ArrayLike<number>, at = 0): number => {
  const [x, y, z] = [sums[at] as number, sums[at + 1] as number, sums[at + 2] as number];
  return Math.max(x, y, z) - Math.min(x, y, z);
};

/** The first node where phases differ by more than they may, or -1. */
export function unevenNode(network: Network, sums: Float64Array): number {
  for (let node = 0; node < network.nodes; node++) {
    const most = network.unbalance[node] as number;
    if (most !== Number.POSITIVE_INFINITY && spreadOf(sums, node * SUMS) > boundOf(most)) return node;
  }
  return -1;
}

/** Whether amperes more of a leaf leave every node above it even, or at least no less even than it is. */
export function keepsEven(network: Network, sums: Float64Array, leaf: number, amperes: number): boolean {
  const phases = network.phases[leaf] as number;
  for (let node = network.node[leaf] as number; node >= 0; node = network.parent[node] as number) {
    const most = network.unbalance[node] as number;
    if (most === Number.POSITIVE_INFINITY) continue;
    const after = spreadOf(withPhases(sums, node * SUMS, phases, amperes));
    if (after > Math.max(boundOf(most), spreadOf(sums, node * SUMS))) return false;
  }
  return true;
}
