// Filling again after one change, by repair. An answer is max-min if and only if no link is over, every
// link that stops somebody is full, and nobody who uses it and has more than the minimum is above its
// level (the certificate). A change breaks that at a few links; each is given its new level, which
// moves leaves and so concerns others, until nothing is left to repair: then the certificate holds
// again, and only one answer has it. A link depends on those of lower levels alone, so in the order of
// levels hardly any is looked at twice, and the work is that of the part of the tree which moves.

import { fill } from './fill.js';
import { KIND, KINDS, kindOfLink, type Network, SUMS } from './network.js';
import { dropFirst, moveFirst } from './queue.js';
import { AGAIN } from './refill-scratch.js';
import { applyLevel, enqueue, IMPOSSIBLE, moveTo, NOTHING, newLevel, SAME, sumOf } from './relevel.js';
import { COUNT, type Scratch } from './scratch.js';
import { sumSettled } from './sums.js';

/** What was written into the network since the scratch was filled: one limit, or one leaf's bounds or weight. */
export type Change = { readonly link: number } | { readonly leaf: number };

/** Leaves looked at, for each leaf there is, beyond which filling everything is likely to cost less. */
const VISITS_MAX = 9;
const VISITS_LEAST = 4096;
/** Sums that follow their changes gather rounding: they are made anew after so many. */
const RESUM_AFTER = 4096;

/**
 * `scratch` must hold the answer of `fill` or `refill` for the network as it was before the one
 * change. Returns what `fill` returns, and differs from it by rounding only. It is `fill` where there are
 * several classes, lines of transformers, limits on unbalance, or minima that do not fit.
 */
export function refill(network: Network, scratch: Scratch, change: Change): number {
  const { counts, limited } = scratch.again;
  if ('link' in change && kindOfLink(change.link) > KIND.watts) return fill(network, scratch);
  if (counts[AGAIN.state] === 0 || network.ranks !== 1) return fill(network, scratch);
  if (counts[AGAIN.state] === 1 || (counts[AGAIN.since] as number) >= RESUM_AFTER) resum(network, scratch);
  else if ('link' in change) {
    // The sum of a link that had no limit was not kept up.
    const sum = sumOf(change.link);
    const node = Math.floor(sum / SUMS);
    if (((limited[node] as number) & (1 << (sum - node * SUMS))) === 0) resum(network, scratch);
  }
  begin(network, scratch, change);
  if (!repair(network, scratch)) return fill(network, scratch);
  commit(network, scratch);
  return 0;
}

function resum(network: Network, scratch: Scratch): void {
  const { carried, limited, counts, waits, uneven } = scratch.again;
  sumSettled(network, scratch, carried);
  for (let node = 0; node < network.nodes; node++) {
    let set = 0;
    for (let sum = 0; sum < SUMS; sum++)
      if ((network.limit[node * KINDS + sum] as number) < Number.POSITIVE_INFINITY) set |= 1 << sum;
    limited[node] = set;
  }
  waits.fill(0);
  uneven.fill(0);
  counts[AGAIN.state] = 2;
  counts[AGAIN.since] = 0;
}

/** Lets the change itself happen, and finds the links that notice at once. */
function begin(network: Network, scratch: Scratch, change: Change): void {
  const { counts } = scratch.again;
  counts[AGAIN.refill] = (counts[AGAIN.refill] as number) + 1;
  counts[AGAIN.since] = (counts[AGAIN.since] as number) + 1;
  counts[AGAIN.moved] = 0;
  counts[AGAIN.visits] = 0;
  scratch.counts[COUNT.heap] = 0;
  if ('leaf' in change) changeLeaf(network, scratch, change.leaf);
  else {
    const level = scratch.linkLevel[change.link] as number;
    enqueue(scratch, change.link, level < Number.POSITIVE_INFINITY ? level : 0);
  }
}

/** Whom a link had stopped stays at its level; who had the maximum has the new one. */
function changeLeaf(network: Network, scratch: Scratch, leaf: number): void {
  const { low, weight, stoppedBy, linkLevel } = scratch;
  const at = network.placeOf[leaf] as number;
  const minA = network.minA[leaf] as number;
  const maxA = Math.max(minA, network.maxA[leaf] as number);
  const by = stoppedBy[at] as number;
  const w = network.weight[leaf] as number;
  weight[at] = w;
  const risen = by < 0 ? maxA : w * (linkLevel[by] as number);
  if (by >= 0 && risen >= maxA) {
    stoppedBy[at] = -1;
    enqueue(scratch, by, linkLevel[by] as number);
  }
  moveTo(network, scratch, at, Math.max(minA, Math.min(maxA, risen)), low[at] as number);
}

/** Gives links their new levels, lowest first. False where filling everything is called for. */
function repair(network: Network, scratch: Scratch): boolean {
  const { again, heapKey, heapLink, counts } = scratch;
  const most = Math.max(VISITS_LEAST, VISITS_MAX * network.leaves);
  while ((counts[COUNT.heap] as number) > 0) {
    if ((again.counts[AGAIN.visits] as number) > most) return false;
    const link = heapLink[0] as number;
    const level = newLevel(network, scratch, link);
    if (level === IMPOSSIBLE) return false;
    if (level !== NOTHING && level > nextKey(heapKey, counts[COUNT.heap] as number) * (1 + SAME)) {
      // Others below that level come first; they may change it.
      moveFirst(scratch, level);
      continue;
    }
    dropFirst(scratch);
    again.waits[link] = 0;
    if (level !== NOTHING) applyLevel(network, scratch, link, level);
  }
  return true;
}

/** The least key behind the first. */
function nextKey(heapKey: Float64Array, size: number): number {
  const left = size > 1 ? (heapKey[1] as number) : Number.POSITIVE_INFINITY;
  return size > 2 ? Math.min(left, heapKey[2] as number) : left;
}

function commit(network: Network, scratch: Scratch): void {
  const { again, low, stopped, stoppedBy, linkLevel, limitA, level, binding } = scratch;
  for (let k = 0; k < (again.counts[AGAIN.moved] as number); k++) {
    const at = again.moved[k] as number;
    const leaf = network.order[at] as number;
    const link = stoppedBy[at] as number;
    stopped[at] = link < 0 ? Number.POSITIVE_INFINITY : (linkLevel[link] as number);
    limitA[leaf] = low[at] as number;
    level[leaf] = stopped[at] as number;
    binding[leaf] = link;
  }
}
