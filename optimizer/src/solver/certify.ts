// Whether limits are the strict-class weighted max-min: a check that shares nothing with the filling but
// the network, in linear time. Limits are right if and only if no link is over and every leaf has its
// maximum or a bottleneck: a link that is full, where no later class has more than minima, and where
// nobody of its own class who has more than the minimum has a higher level. Taking from somebody
// there to give to the leaf would take from one who has less, or who comes first. Where a limit on
// unbalance stands, no more is certified than that all limits are kept and nobody's could be raised alone.

import { carriedOf, freeLeg, primaryCurrent } from './lines.js';
import {
  firstLeg,
  KIND,
  KINDS,
  kindOfLink,
  linkOf,
  middleLeg,
  type Network,
  nodeOfLink,
  SUMS,
  secondLeg,
} from './network.js';
import { hasUnbalance, isHeldBack, unbalancedNode } from './unbalance.js';

export type Violation =
  | { readonly kind: 'bounds'; readonly leaf: number; readonly limitA: number }
  | { readonly kind: 'over'; readonly link: number; readonly carries: number; readonly limit: number }
  | { readonly kind: 'unbalanced'; readonly node: number }
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
  const node = unbalancedNode(network, sums.carried, sums.minima, toleranceA);
  if (node >= 0) return { holds: false, violation: { kind: 'unbalanced', node } };
  const found = bottlenecks(network, sums, full, toleranceA);
  const held = hasUnbalance(network) ? sums.carried : null;
  const unjustified = firstUnjustified({ network, limitA, toleranceA, held }, found);
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

const carriedBy = (sums: Float64Array, link: number): number =>
  carriedOf(sums, nodeOfLink(link) * SUMS, kindOfLink(link));

/** The sums that a link is made of. */
function sumsOf(link: number): readonly number[] {
  const kind = kindOfLink(link);
  const sums = nodeOfLink(link) * SUMS;
  if (kind <= KIND.watts) return [sums + kind];
  const outer = [sums + firstLeg(kind), sums + secondLeg(kind)];
  return kind < KIND.primaryA ? outer : [...outer, sums + middleLeg(kind)];
}

const lastRank = ({ rank }: Sums, link: number): number =>
  Math.max(...sumsOf(link).map((at) => rank[at] as number));

interface Bottlenecks {
  readonly rank: Int32Array;
  readonly top: Float64Array;
}

/**
 * By node and sum: the least demanding of the full links here and above. A link justifies who comes
 * after its last class, or is in it with at least its highest level; the order of demands is total,
 * so one per node is enough.
 */
function bottlenecks(network: Network, sums: Sums, full: Uint8Array, toleranceA: number): Bottlenecks {
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
      const link = linkOf(node, kind);
      if (full[link] !== 1) continue;
      if (kind < KIND.primaryA) lowerLegs(sums, { rank, top }, sumsOf(link));
      else lowerPrimary(sums, { rank, top }, link, network.limit[link] as number, toleranceA);
    }
  }
  return { rank, top };
}

/** A full line stops its legs, and can take from whoever is on them. */
function lowerLegs(sums: Sums, { rank, top }: Bottlenecks, legs: readonly number[]): void {
  let later = legs[0] as number;
  for (const leg of legs) if (isLater(sums, leg, later)) later = leg;
  for (const leg of legs) lower(rank, top, leg, sums.rank[later] as number, sums.top[later] as number);
}

function isLater({ rank, top }: Sums, leg: number, other: number): boolean {
  if (rank[leg] !== rank[other]) return (rank[leg] as number) > (rank[other] as number);
  return (top[leg] as number) > (top[other] as number);
}

/**
 * Of a primary line that is full: a corner that is full stops its two legs whatever the third carries;
 * all three stop each other where the lesser is no longer free, or where the minima are over.
 */
function lowerPrimary(sums: Sums, found: Bottlenecks, link: number, limit: number, toleranceA: number): void {
  const kind = kindOfLink(link);
  const node = nodeOfLink(link) * SUMS;
  const [x, y, z] = [node + firstLeg(kind), node + middleLeg(kind), node + secondLeg(kind)];
  const [ofX, ofY, ofZ] = [x, y, z].map((leg) => sums.carried[leg] as number) as [number, number, number];
  const full = limit * (1 - RELATIVE) - ABSOLUTE;
  if (primaryCurrent(ofX, 0, ofZ) >= full) lowerLegs(sums, found, [x, z]);
  if (primaryCurrent(0, ofY, ofZ) >= full) lowerLegs(sums, found, [y, z]);
  const over = primaryCurrent(ofX, ofY, ofZ) > limit * (1 + RELATIVE) + ABSOLUTE;
  const free = freeLeg(Math.max(ofX, ofY), ofZ);
  if (over || Math.min(ofX, ofY) >= free - toleranceA) lowerLegs(sums, found, [x, y, z]);
}

function lower(ranks: Int32Array, tops: Float64Array, at: number, rank: number, top: number): void {
  const has = ranks[at] as number;
  if (rank > has || (rank === has && top >= (tops[at] as number))) return;
  ranks[at] = rank;
  tops[at] = top;
}

interface Question {
  readonly network: Network;
  readonly limitA: ArrayLike<number>;
  readonly toleranceA: number;
  /** What is carried, where there are limits on unbalance. */
  readonly held: Float64Array | null;
}

function firstUnjustified(
  { network, limitA, toleranceA, held }: Question,
  found: Bottlenecks,
): Violation | null {
  for (let leaf = 0; leaf < network.leaves; leaf++) {
    const got = limitA[leaf] as number;
    const minA = network.minA[leaf] as number;
    if (got >= Math.max(minA, network.maxA[leaf] as number) - toleranceA) continue;
    if (held !== null && isHeldBack(network, held, leaf, toleranceA)) continue;
    // Under a limit on unbalance a full link is all that there is to say.
    const least = held === null ? got + toleranceA : Number.POSITIVE_INFINITY;
    if (!isStopped(network, found, leaf, least)) return { kind: 'unjustified', leaf, limitA: got };
  }
  return null;
}

function isStopped(network: Network, { rank, top }: Bottlenecks, leaf: number, least: number): boolean {
  const weight = network.weight[leaf] as number;
  const of = network.rank[leaf] as number;
  for (let sum = 0; sum < SUMS; sum++) {
    if (coefficient(network, leaf, sum) === 0) continue;
    const at = (network.node[leaf] as number) * SUMS + sum;
    const last = rank[at] as number;
    if (last === RANK_NONE) continue;
    if (least === Number.POSITIVE_INFINITY || of > last) return true;
    if (of === last && least >= weight * (top[at] as number)) return true;
  }
  return false;
}
