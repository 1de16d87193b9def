// What one unit more on a link would give. From the structure of the filling: links that were full
// before it do not notice, so whoever it stopped shares the unit by weight.

import { carriedOf, isFree, slopesOf } from './lines.js';
import {
  firstLeg,
  KIND,
  KINDS,
  kindOfLink,
  middleLeg,
  type Network,
  nodeOfLink,
  SUMS,
  secondLeg,
} from './network.js';
import type { Filling } from './scratch.js';
import { addUp } from './sums.js';

/** Levels are the same below this part of them. */
const SAME = 1e-12;

/**
 * "By stop" means: by link, and then again by link for those whom a full primary line has stopped on
 * its free leg, where that came to its end.
 */
export interface Marginals {
  /**
   * By leaf: amperes for one unit (A, or W) more on the link that stopped it; 0 for a leaf that has
   * its maximum, or whom the unit does not reach (an earlier class takes it; the minimum is above
   * the level; others on a primary line need more than it gives). The derivative to the right where no
   * other link is full at the same level.
   */
  readonly gainA: Float64Array;
  /** By stop: the level from which the unit is shared; NaN where it stopped nobody. */
  readonly shareLevel: Float64Array;
  /** By stop: the class that gets the unit. */
  readonly shareRank: Int32Array;
  /** By leaf: its stop, or -1 for one that has its maximum. */
  readonly stop: Int32Array;
}

type Shares = Pick<Marginals, 'shareLevel' | 'shareRank' | 'stop'>;

export function marginals(network: Network, filling: Filling): Marginals {
  const stops = 2 * network.nodes * KINDS;
  const leg = carriedByLeg(network, filling);
  const stop = Int32Array.from(filling.binding, (_, leaf) => stopOf(network, filling, leg, leaf));
  const shareRank = new Int32Array(stops).fill(network.ranks);
  const shareLevel = new Float64Array(stops).fill(Number.NaN);
  for (let leaf = 0; leaf < network.leaves; leaf++) {
    const at = stop[leaf] as number;
    if (at >= 0) shareRank[at] = Math.min(shareRank[at] as number, network.rank[leaf] as number);
  }
  for (let leaf = 0; leaf < network.leaves; leaf++) {
    const at = stop[leaf] as number;
    if (at < 0 || shareRank[at] !== network.rank[leaf]) continue;
    const from = riseLevel(network, filling, leaf);
    if (!((shareLevel[at] as number) <= from)) shareLevel[at] = from;
  }
  const found = { shareLevel, shareRank, stop };
  return { ...found, gainA: gains(network, filling, found, leg) };
}

/** Who uses nothing but the free leg of a full primary line was not stopped with the others on it. */
function stopOf(network: Network, { binding }: Filling, leg: Float64Array, leaf: number): number {
  const link = binding[leaf] as number;
  if (link < 0 || kindOfLink(link) < KIND.primaryA) return link;
  const free = freeLegOf(leg, link);
  return free >= 0 && network.phases[leaf] === 1 << free ? link + network.nodes * KINDS : link;
}

/** The free leg of a primary line, or -1. */
function freeLegOf(leg: Float64Array, link: number): number {
  const kind = kindOfLink(link);
  const sums = nodeOfLink(link) * SUMS;
  const x = leg[sums + firstLeg(kind)] as number;
  const y = leg[sums + middleLeg(kind)] as number;
  if (!isFree(x, y, leg[sums + secondLeg(kind)] as number)) return -1;
  return x < y ? firstLeg(kind) : middleLeg(kind);
}

/** The leaves that share one unit more on a link. */
export function sharersOf(
  network: Network,
  filling: Filling,
  found: Shares,
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
  { shareLevel, shareRank, stop }: Shares,
  leaf: number,
): boolean {
  const at = stop[leaf] as number;
  if (at < 0 || shareRank[at] !== network.rank[leaf]) return false;
  return riseLevel(network, filling, leaf) <= (shareLevel[at] as number) * (1 + SAME);
}

/** Everybody's part by weight; on a free leg, of what the gains of the others leave there. */
function gains(network: Network, filling: Filling, found: Shares, leg: Float64Array): Float64Array {
  const links = network.nodes * KINDS;
  const slopes = new Float64Array(2 * links);
  const onFree = new Float64Array(links);
  const gainA = new Float64Array(network.leaves);
  const sharers = Array.from(gainA.keys()).filter((leaf) => shares(network, filling, found, leaf));
  for (const leaf of sharers) {
    const at = found.stop[leaf] as number;
    const perA = at < links ? perAmpere(network, leg, leaf, at) : 1;
    slopes[at] = (slopes[at] as number) + perA * (network.weight[leaf] as number);
  }
  for (const leaf of sharers) {
    const at = found.stop[leaf] as number;
    if (at >= links) continue;
    const slope = slopes[at] as number;
    gainA[leaf] = slope > 0 ? (network.weight[leaf] as number) / slope : 0;
    onFree[at] = (onFree[at] as number) + (gainA[leaf] as number) * leavesFree(network, leg, leaf, at);
  }
  for (const leaf of sharers) {
    const at = found.stop[leaf] as number;
    if (at < links) continue;
    const room = Math.max(0, onFree[at - links] as number);
    gainA[leaf] = (room * (network.weight[leaf] as number)) / (slopes[at] as number);
  }
  return gainA;
}

/** What one ampere more of a leaf on the larger legs leaves on the free one. */
function leavesFree({ phases }: Network, leg: Float64Array, leaf: number, link: number): number {
  const kind = kindOfLink(link);
  const free = kind >= KIND.primaryA ? freeLegOf(leg, link) : -1;
  if (free < 0) return 0;
  const set = phases[leaf] as number;
  const more = free === firstLeg(kind) ? middleLeg(kind) : firstLeg(kind);
  return ((set >> more) & 1) - 2 * ((set >> secondLeg(kind)) & 1) - ((set >> free) & 1);
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

/** What one ampere more of a leaf adds to a link: for a line by the derivative of its current. */
function perAmpere(network: Network, leg: Float64Array, leaf: number, link: number): number {
  const kind = kindOfLink(link);
  if (kind < KIND.watts) return 1;
  if (kind === KIND.watts) return network.wattsPerA[leaf] as number;
  const sums = nodeOfLink(link) * SUMS;
  const phases = network.phases[leaf] as number;
  const onLeg = Array.from({ length: KIND.watts }, (_, phase) => (phases >> phase) & 1);
  // An idle line takes its first ampere as it comes, whatever its angle.
  if (carriedOf(leg, sums, kind) === 0) return carriedOf(onLeg, 0, kind);
  const bySlope = slopesOf(leg, sums, kind);
  return onLeg.reduce((sum, on, phase) => sum + on * (bySlope[phase] as number), 0);
}
