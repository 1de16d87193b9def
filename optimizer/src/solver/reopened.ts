// One round of filling again: the reopened leaves alone, in what the others leave, on the links that
// they use. Everything is as large as their paths, not as the network.

import { enqueueLink, runQueue } from './fill.js';
import { firstLeg, KIND, KINDS, linkOf, type Network, SUMS } from './network.js';
import { heapify } from './queue.js';
import type { Change } from './refill.js';
import { AGAIN } from './refill-scratch.js';
import { COUNT, type Scratch } from './scratch.js';

/** What one ampere of the leaf at a place adds to a sum. */
export function perAmpere({ order, phases, wattsPerA }: Network, at: number, sum: number): number {
  const leaf = order[at] as number;
  return sum === KIND.watts ? (wattsPerA[leaf] as number) : ((phases[leaf] as number) >> sum) & 1;
}

/** Fills the reopened in what the others leave. False when a link is over with all of them at the minimum. */
export function fillReopened(network: Network, scratch: Scratch, change: Change): boolean {
  const { again } = scratch;
  again.counts[AGAIN.round] = (again.counts[AGAIN.round] as number) + 1;
  again.counts[AGAIN.sums] = 0;
  again.counts[AGAIN.links] = 0;
  if ('link' in change) touchLink(network, scratch, change.link);
  const count = again.counts[AGAIN.reopened] as number;
  for (let k = 0; k < count; k++) openLeaf(network, scratch, again.reopened[k] as number);
  listReopened(network, scratch);
  scratch.counts[COUNT.heap] = 0;
  scratch.counts[COUNT.overfull] = 0;
  enqueueTouched(network, scratch);
  if ((scratch.counts[COUNT.overfull] as number) > 0) return false;
  heapify(scratch);
  runQueue(network, scratch);
  for (let k = 0; k < count; k++) {
    const at = again.reopened[k] as number;
    scratch.low[at] = scratch.high[at] as number;
  }
  return true;
}

function touchLink(network: Network, scratch: Scratch, link: number): void {
  const node = Math.floor(link / KINDS);
  const kind = link - node * KINDS;
  if (kind <= KIND.watts) touch(network, scratch, node, kind);
  else touch(network, scratch, node, firstLeg(kind));
}

/** Takes a sum into the round, with its links; a line needs both its legs, so legs come together. */
function touch(network: Network, scratch: Scratch, node: number, sum: number): void {
  const { again } = scratch;
  if (again.sumMark[node * SUMS + sum] === again.counts[AGAIN.round]) return;
  if (sum === KIND.watts) {
    touchSum(scratch, node * SUMS + sum);
    return;
  }
  let withLines = false;
  for (let kind: number = KIND.lineA; kind < KINDS; kind++)
    if (network.limit[linkOf(node, kind)] !== Number.POSITIVE_INFINITY) withLines = true;
  if (!withLines) {
    touchSum(scratch, node * SUMS + sum);
    return;
  }
  for (let leg = 0; leg < KIND.watts; leg++)
    if (again.sumMark[node * SUMS + leg] !== again.counts[AGAIN.round]) touchSum(scratch, node * SUMS + leg);
}

function touchSum({ again, from, to, base, least, most, weights }: Scratch, at: number): void {
  const carried = again.carried[at] as number;
  const count = again.counts[AGAIN.sums] as number;
  again.sumMark[at] = again.counts[AGAIN.round] as number;
  again.sums[count] = at;
  again.counts[AGAIN.sums] = count + 1;
  again.others[at] = carried;
  base[at] = 0;
  least[at] = 0;
  most[at] = 0;
  weights[at] = 0;
  // The number of members, until `listReopened` makes places of it.
  from[at] = 0;
  to[at] = 0;
}

/** Puts a leaf back to its minimum, and itself into the sums of its path. */
function openLeaf(network: Network, scratch: Scratch, at: number): void {
  const { again, low, high, weight, stopped, stoppedBy, least, most, weights, from } = scratch;
  const leaf = network.order[at] as number;
  const minA = network.minA[leaf] as number;
  const maxA = Math.max(minA, network.maxA[leaf] as number);
  const w = network.weight[leaf] as number;
  const hadA = again.hadA[at] as number;
  low[at] = minA;
  high[at] = maxA;
  weight[at] = w;
  stopped[at] = Number.POSITIVE_INFINITY;
  stoppedBy[at] = -1;
  for (let node = network.node[leaf] as number; node >= 0; node = network.parent[node] as number) {
    for (let sum = 0; sum < SUMS; sum++) {
      const perA = perAmpere(network, at, sum);
      if (perA === 0) continue;
      const to = node * SUMS + sum;
      touch(network, scratch, node, sum);
      again.others[to] = (again.others[to] as number) - perA * hadA;
      least[to] = (least[to] as number) + perA * minA;
      most[to] = (most[to] as number) + perA * maxA;
      if (maxA > minA) weights[to] = (weights[to] as number) + perA * w;
      from[to] = (from[to] as number) + 1;
    }
  }
}

/** Gives every touched sum its part of the pool, with the reopened that add to it. */
function listReopened(network: Network, scratch: Scratch): void {
  const { again, from, to, base, least, most, pool } = scratch;
  const sums = again.counts[AGAIN.sums] as number;
  let end = 0;
  for (let k = 0; k < sums; k++) {
    const at = again.sums[k] as number;
    const others = again.others[at] as number;
    const count = from[at] as number;
    base[at] = others;
    least[at] = (least[at] as number) + others;
    most[at] = (most[at] as number) + others;
    from[at] = end;
    to[at] = end;
    end += count;
  }
  if (end > pool.members.length) pool.members = new Int32Array(2 * end);
  const count = again.counts[AGAIN.reopened] as number;
  for (let k = 0; k < count; k++) {
    const place = again.reopened[k] as number;
    const leaf = network.order[place] as number;
    for (let node = network.node[leaf] as number; node >= 0; node = network.parent[node] as number) {
      for (let sum = 0; sum < SUMS; sum++) {
        if (perAmpere(network, place, sum) === 0) continue;
        const at = node * SUMS + sum;
        const next = to[at] as number;
        pool.members[next] = place;
        to[at] = next + 1;
      }
    }
  }
}

function enqueueTouched(network: Network, scratch: Scratch): void {
  const { again } = scratch;
  const sums = again.counts[AGAIN.sums] as number;
  for (let k = 0; k < sums; k++) {
    const at = again.sums[k] as number;
    const node = Math.floor(at / SUMS);
    const sum = at - node * SUMS;
    takeLink(network, scratch, linkOf(node, sum));
    if (sum === KIND.watts) continue;
    takeLink(network, scratch, linkOf(node, KIND.lineA + sum));
    takeLink(network, scratch, linkOf(node, KIND.lineA + ((sum + 1) % 3)));
  }
}

function takeLink(network: Network, scratch: Scratch, link: number): void {
  const { again } = scratch;
  if (again.linkMark[link] === again.counts[AGAIN.round]) return;
  again.linkMark[link] = again.counts[AGAIN.round] as number;
  const unlimited = network.limit[link] === Number.POSITIVE_INFINITY;
  if (unlimited && scratch.linkLevel[link] === Number.POSITIVE_INFINITY) return;
  const count = again.counts[AGAIN.links] as number;
  again.links[count] = link;
  again.counts[AGAIN.links] = count + 1;
  if (!unlimited) enqueueLink(network, scratch, link, true);
}
