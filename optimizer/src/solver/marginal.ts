// What one unit more on a link would give. From the structure of the filling: links that were full
// before it do not notice, so whoever it stopped shares the unit by weight.

import { firstLeg, KIND, KINDS, kindOfLink, type Network, nodeOfLink, SUMS, secondLeg } from './network.js';
import type { Filling } from './scratch.js';
import { addUp } from './sums.js';

/** Levels are the same below this part of them. */
const SAME = 1e-12;

export interface Marginals {
  /**
   * By leaf: amperes for one unit (A, or W) more on the link that stopped it; 0 for a leaf that has
   * its maximum, or whom the unit does not reach (an earlier class takes it; the minimum is above
   * the level). The derivative to the right where no other link is full at the same level.
   */
  readonly gainA: Float64Array;
  /** By link: the level from which the unit is shared; NaN where it stopped nobody. */
  readonly shareLevel: Float64Array;
  /** By link: the class that gets the unit. */
  readonly shareRank: Int32Array;
}

export function marginals(network: Network, filling: Filling): Marginals {
  const links = network.nodes * KINDS;
  const shareRank = new Int32Array(links).fill(network.ranks);
  const shareLevel = new Float64Array(links).fill(Number.NaN);
  for (let leaf = 0; leaf < network.leaves; leaf++) {
    const link = filling.binding[leaf] as number;
    if (link >= 0) shareRank[link] = Math.min(shareRank[link] as number, network.rank[leaf] as number);
  }
  for (let leaf = 0; leaf < network.leaves; leaf++) {
    const link = filling.binding[leaf] as number;
    if (link < 0 || shareRank[link] !== network.rank[leaf]) continue;
    const from = riseLevel(network, filling, leaf);
    if (!((shareLevel[link] as number) <= from)) shareLevel[link] = from;
  }
  const found = { shareLevel, shareRank };
  return { ...found, gainA: gains(network, filling, found) };
}

/** The leaves that share one unit more on a link. */
export function sharersOf(
  network: Network,
  filling: Filling,
  found: Pick<Marginals, 'shareLevel' | 'shareRank'>,
  link: number,
): readonly number[] {
  const { first, last, order } = network;
  const node = nodeOfLink(link);
  const below = order.subarray(first[node] as number, last[node] as number);
  return Array.from(below).filter(
    (leaf) => filling.binding[leaf] === link && shares(network, filling, found, leaf),
  );
}

/** The level from which a stopped leaf would rise. */
const riseLevel = (network: Network, filling: Filling, leaf: number): number =>
  Math.max(filling.level[leaf] as number, (network.minA[leaf] as number) / (network.weight[leaf] as number));

function shares(
  network: Network,
  filling: Filling,
  { shareLevel, shareRank }: Pick<Marginals, 'shareLevel' | 'shareRank'>,
  leaf: number,
): boolean {
  const link = filling.binding[leaf] as number;
  if (link < 0 || shareRank[link] !== network.rank[leaf]) return false;
  return riseLevel(network, filling, leaf) <= (shareLevel[link] as number) * (1 + SAME);
}

function gains(
  network: Network,
  filling: Filling,
  found: Pick<Marginals, 'shareLevel' | 'shareRank'>,
): Float64Array {
  const slopes = new Float64Array(network.nodes * KINDS);
  const leg = carriedByLeg(network, filling);
  const gainA = new Float64Array(network.leaves);
  for (let leaf = 0; leaf < network.leaves; leaf++) {
    if (!shares(network, filling, found, leaf)) continue;
    const link = filling.binding[leaf] as number;
    const perA = perAmpere(network, leg, leaf, link);
    slopes[link] = (slopes[link] as number) + perA * (network.weight[leaf] as number);
  }
  for (let leaf = 0; leaf < network.leaves; leaf++) {
    if (!shares(network, filling, found, leaf)) continue;
    const slope = slopes[filling.binding[leaf] as number] as number;
    gainA[leaf] = slope > 0 ? (network.weight[leaf] as number) / slope : 0;
  }
  return gainA;
}

function carriedByLeg(network: Network, filling: Filling): Float64Array {
  const leg = new Float64Array(network.nodes * SUMS);
  for (let leaf = 0; leaf < network.leaves; leaf++) {
    for (let phase = 0; phase < KIND.watts; phase++) {
      if (((network.phases[leaf] as number) & (1 << phase)) === 0) continue;
      const at = (network.node[leaf] as number) * SUMS + phase;
      leg[at] = (leg[at] as number) + (filling.limitA[leaf] as number);
    }
  }
  addUp(network, leg);
  return leg;
}

/** What one ampere more of a leaf adds to a link; for a line by the derivative of `sqrt(x² + z² + x·z)`. */
function perAmpere(network: Network, leg: Float64Array, leaf: number, link: number): number {
  const kind = kindOfLink(link);
  if (kind < KIND.watts) return 1;
  if (kind === KIND.watts) return network.wattsPerA[leaf] as number;
  const node = nodeOfLink(link);
  const x = leg[node * SUMS + firstLeg(kind)] as number;
  const z = leg[node * SUMS + secondLeg(kind)] as number;
  const phases = network.phases[leaf] as number;
  const onX = (phases >> firstLeg(kind)) & 1;
  const onZ = (phases >> secondLeg(kind)) & 1;
  const current = Math.sqrt(x * x + z * z + x * z);
  // An idle line takes its first ampere as it comes, whatever its angle.
  if (current === 0) return onX + onZ === 2 ? Math.sqrt(3) : 1;
  return (onX * (2 * x + z) + onZ * (2 * z + x)) / (2 * current);
}
