// Filling again after one change. Leaves that the change may move are reopened and filled in what the
// others leave; then every link that they use is checked as a certificate would: whoever is no longer
// justified by a link, or has more there than those whom it now stops, is reopened too, and the
// filling of the reopened is done anew. When nobody is left to reopen the certificate holds for all
// of them, and only max-min has one: the answer is that of `fill`, in the time that the part of the tree
// which moves needs. When too much of it moves, `fill` itself is faster, and is called.

import { fill } from './fill.js';
import { firstLeg, KIND, KINDS, type Network, SUMS, secondLeg } from './network.js';
import { AGAIN } from './refill-scratch.js';
import { reopen, reopenHigher, reopenStopped, SAME } from './reopen.js';
import { fillReopened, perAmpere } from './reopened.js';
import { lineCurrent } from './saturation.js';
import { COUNT, type Scratch } from './scratch.js';
import { sumSettled } from './sums.js';

/** What was written into the network since the scratch was filled: one limit, or one leaf's bounds or weight. */
export type Change = { readonly link: number } | { readonly leaf: number };

const ROUNDS_MAX = 24;
/** Beyond this part of all leaves, filling everything costs less than finding out what moves. */
const REOPENED_MAX = 0.2;
/** A link is still full from this part of its limit below it. */
const SAME_FULL = 1e-11;
/** Sums that follow their changes gather rounding: they are made anew after so many. */
const RESUM_AFTER = 4096;

/**
 * `scratch` must hold the answer of `fill` or `refill` for the network as it was before the one
 * change. Returns what `fill` returns. Exact for one class; with several, or with minima that do not
 * fit, it is `fill`. Differs from `fill` by rounding only.
 */
export function refill(network: Network, scratch: Scratch, change: Change): number {
  const { counts } = scratch.again;
  if (counts[AGAIN.state] === 0 || network.ranks !== 1) return fill(network, scratch);
  if (counts[AGAIN.state] === 1 || (counts[AGAIN.since] as number) >= RESUM_AFTER) resum(network, scratch);
  begin(network, scratch, change);
  const most = Math.max(8, REOPENED_MAX * network.leaves);
  for (let round = 0; round < ROUNDS_MAX; round++) {
    if ((counts[AGAIN.reopened] as number) > most) break;
    if (!fillReopened(network, scratch, change)) {
      // Minima and what the others carry are over a link: the others have to give.
      if (reopenOver(network, scratch)) continue;
      break;
    }
    lookAtResult(network, scratch);
    if (!reopenUnjustified(network, scratch)) {
      commit(network, scratch);
      return 0;
    }
  }
  return fill(network, scratch);
}

function resum(network: Network, scratch: Scratch): void {
  const { carried, counts } = scratch.again;
  sumSettled(network, scratch, carried);
  counts[AGAIN.state] = 2;
  counts[AGAIN.since] = 0;
}

/** Reopens whom the change concerns at once. */
function begin(network: Network, scratch: Scratch, change: Change): void {
  const { counts } = scratch.again;
  counts[AGAIN.refill] = (counts[AGAIN.refill] as number) + 1;
  counts[AGAIN.since] = (counts[AGAIN.since] as number) + 1;
  counts[AGAIN.reopened] = 0;
  if ('leaf' in change) reopen(scratch, network.placeOf[change.leaf] as number);
  else if ((scratch.linkLevel[change.link] as number) < Number.POSITIVE_INFINITY)
    reopenStopped(network, scratch, change.link);
}

function reopenOver(network: Network, scratch: Scratch): boolean {
  const count = scratch.counts[COUNT.overfull] as number;
  let any = false;
  for (let k = 0; k < count; k++)
    if (reopenHigher(network, scratch, scratch.overfull[k] as number, 0)) any = true;
  return any;
}

/** Sums what the reopened carry now, how high they are, and which links stop them. */
function lookAtResult(network: Network, { again, low, weight, stopped, stoppedBy }: Scratch): void {
  const { sums, others, next, top, stopsAt, stopsMark, counts } = again;
  for (let k = 0; k < (counts[AGAIN.sums] as number); k++) {
    const at = sums[k] as number;
    next[at] = others[at] as number;
    top[at] = 0;
  }
  for (let k = 0; k < (counts[AGAIN.reopened] as number); k++) {
    const at = again.reopened[k] as number;
    const leaf = network.order[at] as number;
    const amperes = low[at] as number;
    const level = amperes > (network.minA[leaf] as number) ? amperes / (weight[at] as number) : 0;
    const link = stoppedBy[at] as number;
    if (link >= 0) {
      stopsAt[link] = stopped[at] as number;
      stopsMark[link] = counts[AGAIN.round] as number;
    }
    for (let node = network.node[leaf] as number; node >= 0; node = network.parent[node] as number) {
      for (let sum = 0; sum < SUMS; sum++) {
        const perA = perAmpere(network, at, sum);
        if (perA === 0) continue;
        const to = node * SUMS + sum;
        next[to] = (next[to] as number) + perA * amperes;
        if (level > (top[to] as number)) top[to] = level;
      }
    }
  }
}

/** The checks of the certificate on all links of the round. Whether anybody was reopened. */
function reopenUnjustified(network: Network, scratch: Scratch): boolean {
  const { again, linkLevel } = scratch;
  const links = again.counts[AGAIN.links] as number;
  let any = false;
  for (let k = 0; k < links; k++) {
    const link = again.links[k] as number;
    const level = linkLevel[link] as number;
    if (level < Number.POSITIVE_INFINITY && !stillHolds(network, scratch, link)) {
      if (reopenStopped(network, scratch, link)) any = true;
    }
    if (again.stopsMark[link] !== again.counts[AGAIN.round]) continue;
    const stopsAt = again.stopsAt[link] as number;
    if (stopsAt >= level * (1 - SAME)) continue;
    // Those whom it stopped before give first: the level then falls least, and concerns fewest others.
    if (reopenStopped(network, scratch, link) || reopenHigher(network, scratch, link, stopsAt)) any = true;
  }
  return any;
}

/** Whether a link justifies whom it stopped before: it is full, and no reopened leaf is above them. */
function stillHolds(network: Network, { again, linkLevel }: Scratch, link: number): boolean {
  const node = Math.floor(link / KINDS);
  const kind = link - node * KINDS;
  const limit = network.limit[link] as number;
  const x = node * SUMS + (kind <= KIND.watts ? kind : firstLeg(kind));
  const z = kind <= KIND.watts ? x : node * SUMS + secondLeg(kind);
  const carries =
    x === z ? (again.next[x] as number) : lineCurrent(again.next[x] as number, again.next[z] as number);
  if (!(carries >= limit * (1 - SAME_FULL))) return false;
  const top = Math.max(again.top[x] as number, again.top[z] as number);
  return top <= (linkLevel[link] as number) * (1 + SAME);
}

/** The level of a link that goes on stopping others stays, unless it now stops somebody lower. */
function levelAfter(network: Network, scratch: Scratch, link: number): number {
  const { again } = scratch;
  const before = scratch.linkLevel[link] as number;
  const stopsAt =
    again.stopsMark[link] === again.counts[AGAIN.round]
      ? (again.stopsAt[link] as number)
      : Number.POSITIVE_INFINITY;
  const kept = again.emptied[link] !== again.counts[AGAIN.refill] && before < Number.POSITIVE_INFINITY;
  if (!kept || !stillHolds(network, scratch, link)) return stopsAt;
  return stopsAt < before * (1 - SAME) ? stopsAt : before;
}

function commit(network: Network, scratch: Scratch): void {
  const { again, linkLevel, limitA, level, binding } = scratch;
  for (let k = 0; k < (again.counts[AGAIN.links] as number); k++) {
    const link = again.links[k] as number;
    linkLevel[link] = levelAfter(network, scratch, link);
  }
  for (let k = 0; k < (again.counts[AGAIN.sums] as number); k++) {
    const at = again.sums[k] as number;
    again.carried[at] = again.next[at] as number;
  }
  for (let k = 0; k < (again.counts[AGAIN.reopened] as number); k++) {
    const at = again.reopened[k] as number;
    const leaf = network.order[at] as number;
    limitA[leaf] = scratch.low[at] as number;
    level[leaf] = scratch.stopped[at] as number;
    binding[leaf] = scratch.stoppedBy[at] as number;
  }
}
