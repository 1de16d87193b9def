// Whether limits are the strict-class weighted max-min: a check that shares nothing with the filling but
// the network, in linear time. Limits are right if and only if no link is over and every leaf has its
// maximum or a bottleneck: a link that is full, where no later class has more than minima, and where
// nobody of its own class who has more than the minimum has a higher level. Taking from somebody
// there to give to the leaf would take from one who has less, or who comes first.

import { firstLeg, KIND, KINDS, linkOf, type Network, SUMS, secondLeg } from './network.js';

export type Violation =
  | { readonly kind: 'bounds'; readonly leaf: number; readonly limitA: number }
  | { readonly kind: 'over'; readonly link: number; readonly carries: number; readonly limit: number }
  /** The leaf could have more without taking from anybody who has less or comes first. */
  | { readonly kind: 'unjustified'; readonly leaf: number; readonly limitA: number };

/** `overfull` counts the links that the minima alone overfill: there everybody must have the minimum. */
export type Certificate =
  | { readonly holds: true; readonly overfull: number }
  | { readonly holds: false; readonly violation: Violation };

export interface CertifyOptions {
  /** Amperes below which two limits are the same. */
  readonly toleranceA?: number;
}

/** A link is over beyond this part of its limit, and full from this part below it. */
const RELATIVE = 1e-9;
const ABSOLUTE = 1e-12;
/** No full link: nobody comes after this class. */
const RANK_NONE = 0x7fffffff;

interface Sums {
  /** By node and sum: what is carried, and what the minima alone are. */
  readonly carried: Float64Array;
  readonly minima: Float64Array;
  /** The last class (highest rank) that has more than minima, and the highest level in it. */
  readonly rank: Int32Array;
  readonly top: Float64Array;
}

/** `limitA`: amperes by leaf. Names the first violation found: bounds, then links, then leaves. */
export function certify(
  network: Network,
  limitA: ArrayLike<number>,
  { toleranceA = 1e-6 }: CertifyOptions = {},
): Certificate {
  const outside = outsideBounds(network, limitA, toleranceA);
  if (outside) return { holds: false, violation: outside };
  const sums = sumUp(network, limitA, toleranceA);
  const full = new Uint8Array(network.nodes * KINDS);
  let overfull = 0;
  for (let link = 0; link < full.length; link++) {
    const limit = network.limit[link] as number;
    if (limit === Number.POSITIVE_INFINITY) continue;
    const carries = carriedBy(sums.carried, link);
    if (carries >= limit * (1 - RELATIVE) - ABSOLUTE) full[link] = 1;
    if (carries <= limit * (1 + RELATIVE) + ABSOLUTE) continue;
    const byMinima = carriedBy(sums.minima, link) > limit && lastRank(sums, link) < 0;
    if (!byMinima) return { holds: false, violation: { kind: 'over', link, carries, limit } };
    overfull++;
  }
  const unjustified = firstUnjustified(network, limitA, bottlenecks(network, sums, full), toleranceA);
  if (unjustified) return { holds: false, violation: unjustified };
  return { holds: true, overfull };
}

function outsideBounds(network: Network, limitA: ArrayLike<number>, toleranceA: number): Violation | null {
  for (let leaf = 0; leaf < network.leaves; leaf++) {
    const got = limitA[leaf] ?? Number.NaN;
    const minA = network.minA[leaf] as number;
    const maxA = Math.max(minA, network.maxA[leaf] as number);
    // Written so that NaN fails.
    if (!(got >= minA - toleranceA && got <= maxA + toleranceA)) return { kind: 'bounds', leaf, limitA: got };
  }
  return null;
}

function sumUp(network: Network, limitA: ArrayLike<number>, toleranceA: number): Sums {
  const size = network.nodes * SUMS;
  const carried = new Float64Array(size);
  const minima = new Float64Array(size);
  const rank = new Int32Array(size).fill(-1);
  const top = new Float64Array(size);
  for (let leaf = 0; leaf < network.leaves; leaf++) {
    const got = limitA[leaf] as number;
    const minA = network.minA[leaf] as number;
    const raised = got > minA + toleranceA;
    const of = network.rank[leaf] as number;
    const level = got / (network.weight[leaf] as number);
    for (let sum = 0; sum < SUMS; sum++) {
      const perA = coefficient(network, leaf, sum);
      if (perA === 0) continue;
      const at = (network.node[leaf] as number) * SUMS + sum;
      carried[at] = (carried[at] as number) + perA * got;
      minima[at] = (minima[at] as number) + perA * minA;
      if (raised) raise(rank, top, at, of, level);
    }
  }
  const { preorder, parent } = network;
  for (let k = preorder.length - 1; k >= 0; k--) {
    const node = preorder[k] as number;
    const above = parent[node] as number;
    if (above < 0) continue;
    for (let sum = 0; sum < SUMS; sum++) {
      const from = node * SUMS + sum;
      const to = above * SUMS + sum;
      carried[to] = (carried[to] as number) + (carried[from] as number);
      minima[to] = (minima[to] as number) + (minima[from] as number);
      raise(rank, top, to, rank[from] as number, top[from] as number);
    }
  }
  return { carried, minima, rank, top };
}

/** What one ampere of a leaf adds to a sum. */
const coefficient = (network: Network, leaf: number, sum: number): number =>
  sum === KIND.watts ? (network.wattsPerA[leaf] as number) : ((network.phases[leaf] as number) >> sum) & 1;

/** Keeps the later of two classes, and of one class the higher level. */
function raise(ranks: Int32Array, tops: Float64Array, at: number, rank: number, top: number): void {
  const has = ranks[at] as number;
  if (rank < has || (rank === has && top <= (tops[at] as number))) return;
  ranks[at] = rank;
  tops[at] = top;
}

function carriedBy(sums: Float64Array, link: number): number {
  const node = Math.floor(link / KINDS);
  const kind = link - node * KINDS;
  if (kind <= KIND.watts) return sums[node * SUMS + kind] as number;
  const x = sums[node * SUMS + firstLeg(kind)] as number;
  const z = sums[node * SUMS + secondLeg(kind)] as number;
  return Math.sqrt(x * x + z * z + x * z);
}

function lastRank({ rank }: Sums, link: number): number {
  const node = Math.floor(link / KINDS);
  const kind = link - node * KINDS;
  if (kind <= KIND.watts) return rank[node * SUMS + kind] as number;
  return Math.max(
    rank[node * SUMS + firstLeg(kind)] as number,
    rank[node * SUMS + secondLeg(kind)] as number,
  );
}

interface Bottlenecks {
  readonly rank: Int32Array;
  readonly top: Float64Array;
}

/**
 * By node and sum: the least demanding of the full links here and above. A link justifies who comes
 * after its last class, or is in it with at least its highest level; the order of demands is total,
 * so one per node is enough.
 */
function bottlenecks(network: Network, sums: Sums, full: Uint8Array): Bottlenecks {
  const { preorder, parent } = network;
  const rank = new Int32Array(sums.rank.length);
  const top = new Float64Array(sums.rank.length);
  for (const node of preorder) {
    const above = parent[node] as number;
    for (let sum = 0; sum < SUMS; sum++) {
      const at = node * SUMS + sum;
      rank[at] = above < 0 ? RANK_NONE : (rank[above * SUMS + sum] as number);
      top[at] = above < 0 ? Number.POSITIVE_INFINITY : (top[above * SUMS + sum] as number);
      if (full[linkOf(node, sum)] === 1)
        lower(rank, top, at, sums.rank[at] as number, sums.top[at] as number);
    }
    for (let kind: number = KIND.lineA; kind < KINDS; kind++) {
      if (full[linkOf(node, kind)] === 1) lowerLegs(sums, { rank, top }, node, kind);
    }
  }
  return { rank, top };
}

function lowerLegs(sums: Sums, { rank, top }: Bottlenecks, node: number, kind: number): void {
  const x = node * SUMS + firstLeg(kind);
  const z = node * SUMS + secondLeg(kind);
  const later = laterLeg(sums, x, z);
  lower(rank, top, x, sums.rank[later] as number, sums.top[later] as number);
  lower(rank, top, z, sums.rank[later] as number, sums.top[later] as number);
}

function laterLeg({ rank, top }: Sums, x: number, z: number): number {
  const rankX = rank[x] as number;
  const rankZ = rank[z] as number;
  if (rankX !== rankZ) return rankX > rankZ ? x : z;
  return (top[x] as number) >= (top[z] as number) ? x : z;
}

function lower(ranks: Int32Array, tops: Float64Array, at: number, rank: number, top: number): void {
  const has = ranks[at] as number;
  if (rank > has || (rank === has && top >= (tops[at] as number))) return;
  ranks[at] = rank;
  tops[at] = top;
}

function firstUnjustified(
  network: Network,
  limitA: ArrayLike<number>,
  { rank, top }: Bottlenecks,
  toleranceA: number,
): Violation | null {
  for (let leaf = 0; leaf < network.leaves; leaf++) {
    const got = limitA[leaf] as number;
    const minA = network.minA[leaf] as number;
    if (got >= Math.max(minA, network.maxA[leaf] as number) - toleranceA) continue;
    const weight = network.weight[leaf] as number;
    const of = network.rank[leaf] as number;
    let justified = false;
    for (let sum = 0; sum < SUMS && !justified; sum++) {
      if (coefficient(network, leaf, sum) === 0) continue;
      const at = (network.node[leaf] as number) * SUMS + sum;
      const last = rank[at] as number;
      justified = of > last || (of === last && got + toleranceA >= weight * (top[at] as number));
    }
    if (!justified) return { kind: 'unjustified', leaf, limitA: got };
  }
  return null;
}
