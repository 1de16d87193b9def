// Exact weighted max-min with strict classes on a tree of links. Everybody of a class rises with one
// level, `clamp(weight · level, min, max)`; a link that becomes full stops all that use it (progressive
// filling: Bertsekas and Gallager, Data Networks, section 6.5.2, with several resources for each user).
//
// The queue holds for each link a level below which it is surely not full: nobody who is stopped
// makes a link full sooner, so a level computed once stays such a bound, and only the link
// in front has to be measured again. Leaves that reach their maximum need no events of their own: the
// saturation of a link is solved over the pieces of its own leaves.

import { carriedOf, freeLeg } from './lines.js';
import { firstLeg, KIND, KINDS, linkOf, middleLeg, type Network, SUMS, secondLeg } from './network.js';
import { append, dropFirst, heapify, moveFirst } from './queue.js';
import { AGAIN } from './refill-scratch.js';
import { FULL, limitNow, measure, nextLevel } from './saturation.js';
import { COUNT, FOUND, LEGS, type Scratch } from './scratch.js';
import { gather, openClass } from './sums.js';
import { createCapped, fillBalanced, hasUnbalance } from './unbalance.js';

/** Minima may be over a limit by this part of it and still count as fitting. */
const OVERFULL = 1e-9;

/**
 * Fills `scratch` (its part `Filling`): limits in amperes on each phase. Returns how many links the minima
 * alone overfill (0: nothing is over its limit); they stand in `scratch.overfull`, and all that
 * use them have exactly their minimum. Under a limit on unbalance the answer is not max-min any more,
 * but nobody's limit could be raised alone (`unbalance.ts`). The same input gives the same bits.
 */
export function fill(network: Network, scratch: Scratch): number {
  if (!hasUnbalance(network)) return fillOnce(network, scratch);
  scratch.capped ??= createCapped(network);
  const overfull = fillBalanced(network, scratch, scratch.capped, fillOnce);
  scratch.again.counts[AGAIN.state] = 0;
  return overfull;
}

function fillOnce(network: Network, scratch: Scratch): number {
  gather(network, scratch);
  for (let rank = 0; rank < network.ranks; rank++) {
    const rising = openClass(network, scratch, rank);
    enqueue(network, scratch, rank === 0);
    if (rising > 0) runQueue(network, scratch);
    settleAtMost(network, scratch, rank);
  }
  scatter(network, scratch);
  const overfull = scratch.counts[COUNT.overfull] as number;
  const canFollow = overfull === 0 && (scratch.counts[COUNT.lines] as number) === 0;
  scratch.again.counts[AGAIN.state] = canFollow ? 1 : 0;
  return overfull;
}

/** Puts every link that can become full into the queue, at a level that it surely reaches. */
function enqueue(network: Network, scratch: Scratch, first: boolean): void {
  const { limit, nodes } = network;
  scratch.counts[COUNT.heap] = 0;
  scratch.counts[COUNT.pooled] = 0;
  scratch.from.fill(-1);
  for (let node = 0; node < nodes; node++) {
    for (let kind = 0; kind < KINDS; kind++) {
      const link = linkOf(node, kind);
      if (limit[link] !== Number.POSITIVE_INFINITY) enqueueLink(network, scratch, link, first);
    }
  }
  heapify(scratch);
}

/** Takes a limited link into the queue if it can become full, and notes one that the least overfills. */
function enqueueLink(network: Network, scratch: Scratch, link: number, first: boolean): void {
  const limitA = network.limit[link] as number;
  if (link % KINDS <= KIND.watts) enqueueSum(network, scratch, link, limitA, first);
  else enqueueLine(network, scratch, link, limitA, first);
}

function enqueueSum(network: Network, scratch: Scratch, link: number, limitA: number, first: boolean): void {
  const node = Math.floor(link / KINDS);
  const kind = link - node * KINDS;
  const sum = node * SUMS + kind;
  const least = scratch.least[sum] as number;
  if (first && least > limitA * (1 + OVERFULL)) noteOverfull(scratch, link);
  const weights = scratch.weights[sum] as number;
  if (weights === 0 || (scratch.most[sum] as number) <= limitA) return;
  listMembers(network, scratch, node, kind);
  // Nobody carries more than the minimum and the share together.
  append(scratch, Math.max(0, (limitA - least) / weights), link);
}

function enqueueLine(network: Network, scratch: Scratch, link: number, limitA: number, first: boolean): void {
  const { least, most, weights } = scratch;
  const node = Math.floor(link / KINDS);
  const kind = link - node * KINDS;
  const sums = node * SUMS;
  const leastA = carriedOf(least, sums, kind);
  scratch.freeOf[link] = -1;
  scratch.counts[COUNT.lines] = (scratch.counts[COUNT.lines] as number) + 1;
  if (first && leastA > limitA * (1 + OVERFULL)) noteOverfull(scratch, link);
  const rise = carriedOf(weights, sums, kind);
  if (rise === 0 || carriedOf(most, sums, kind) <= limitA) return;
  listMembers(network, scratch, node, firstLeg(kind));
  if (kind >= KIND.primaryA) listMembers(network, scratch, node, middleLeg(kind));
  listMembers(network, scratch, node, secondLeg(kind));
  // Currents are lengths: that of a sum is at most the sum of the lengths.
  append(scratch, Math.max(0, (limitA - leastA) / rise), link);
}

/** Copies who adds to a sum of a node into a list that belongs to it. */
function listMembers(network: Network, scratch: Scratch, node: number, sum: number): void {
  const at = node * SUMS + sum;
  if ((scratch.from[at] as number) >= 0) return;
  const members = network.members[sum] as Int32Array;
  const before = network.before[sum] as Int32Array;
  const start = before[network.first[node] as number] as number;
  const end = before[network.last[node] as number] as number;
  const from = scratch.counts[COUNT.pooled] as number;
  const to = from + end - start;
  if (to > scratch.pool.members.length) {
    const grown = new Int32Array(2 * to);
    grown.set(scratch.pool.members);
    scratch.pool.members = grown;
  }
  const pool = scratch.pool.members;
  for (let k = start; k < end; k++) pool[from + k - start] = members[k] as number;
  scratch.from[at] = from;
  scratch.to[at] = to;
  scratch.counts[COUNT.pooled] = to;
}

function noteOverfull(scratch: Scratch, link: number): void {
  const count = scratch.counts[COUNT.overfull] as number;
  scratch.overfull[count] = link;
  scratch.counts[COUNT.overfull] = count + 1;
}

/** Stops leaves link by link, in the order in which the links become full. */
function runQueue(network: Network, scratch: Scratch): void {
  const { heapKey, heapLink, found, counts } = scratch;
  while ((counts[COUNT.heap] as number) > 0) {
    const link = heapLink[0] as number;
    const level = heapKey[0] as number;
    measure(network, scratch, link, level, true);
    const full = (found[FOUND.current] as number) >= limitNow(network, scratch, link) * (1 - FULL);
    const next = full ? level : nextLevel(network, scratch, link, level);
    // Every turn raises a link's level or takes a link away: where no higher number is left, it is full.
    if (next > level && next < Number.POSITIVE_INFINITY) {
      moveFirst(scratch, next);
      continue;
    }
    if (next <= level && stopAll(network, scratch, link, level)) continue;
    dropFirst(scratch);
  }
}

/** Stops everybody who uses the link where the level finds them. Whether it can stop others later. */
function stopAll(network: Network, scratch: Scratch, link: number, level: number): boolean {
  const node = Math.floor(link / KINDS);
  const kind = link - node * KINDS;
  if (kind <= KIND.watts) {
    stopUsers(scratch, node * SUMS + kind, link, level);
    return false;
  }
  if (kind >= KIND.primaryA) return stopPrimary(network, scratch, link, level);
  stopUsers(scratch, node * SUMS + firstLeg(kind), link, level);
  stopUsers(scratch, node * SUMS + secondLeg(kind), link, level);
  return false;
}

/** Stops all but who uses the free leg alone, if there is one: this leg then has a limit of its own. */
function stopPrimary(network: Network, scratch: Scratch, link: number, level: number): boolean {
  const { freeOf, freeA, legs, found } = scratch;
  const node = Math.floor(link / KINDS);
  const kind = link - node * KINDS;
  const sums = node * SUMS;
  if ((freeOf[link] as number) >= 0) {
    stopUsers(scratch, sums + (freeOf[link] as number), link, level);
    return false;
  }
  measure(network, scratch, link, level, true);
  const x = legs[0] as number;
  const y = legs[LEGS] as number;
  const z = legs[2 * LEGS] as number;
  const over = (found[FOUND.current] as number) > (network.limit[link] as number) * (1 + OVERFULL);
  const free = over ? 0 : freeLeg(Math.max(x, y), z);
  const less = x < y ? firstLeg(kind) : middleLeg(kind);
  const more = x < y ? middleLeg(kind) : firstLeg(kind);
  stopUsers(scratch, sums + more, link, level);
  stopUsers(scratch, sums + secondLeg(kind), link, level);
  if (Math.min(x, y) >= free * (1 - FULL)) {
    stopUsers(scratch, sums + less, link, level);
    return false;
  }
  freeOf[link] = less;
  freeA[link] = free;
  return true;
}

/** `measure` has settled who is at the maximum: the others lie between. */
function stopUsers(scratch: Scratch, sum: number, link: number, level: number): void {
  const { weight, low, high, stopped, stoppedBy } = scratch;
  const { members } = scratch.pool;
  const to = scratch.to[sum] as number;
  for (let k = scratch.from[sum] as number; k < to; k++) {
    const at = members[k] as number;
    const lowA = low[at] as number;
    if (lowA >= (high[at] as number)) continue;
    const risen = (weight[at] as number) * level;
    const limitA = Math.max(risen, lowA);
    low[at] = limitA;
    high[at] = limitA;
    stopped[at] = level;
    stoppedBy[at] = link;
  }
}

/** Whom no link has stopped has the maximum. */
function settleAtMost(network: Network, scratch: Scratch, rank: number): void {
  const { order, rank: rankOf, ranks } = network;
  const { low, high } = scratch;
  for (let at = 0; at < order.length; at++) {
    if (ranks === 1 || rankOf[order[at] as number] === rank) low[at] = high[at] as number;
  }
}

function scatter(network: Network, scratch: Scratch): void {
  const { order } = network;
  const { low, stopped, stoppedBy, limitA, level, binding, linkLevel } = scratch;
  for (let at = 0; at < order.length; at++) {
    const leaf = order[at] as number;
    limitA[leaf] = low[at] as number;
    level[leaf] = stopped[at] as number;
    const link = stoppedBy[at] as number;
    binding[leaf] = link;
    if (link >= 0) linkLevel[link] = stopped[at] as number;
  }
}
