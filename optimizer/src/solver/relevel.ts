// One link on its own after something on it has moved: its new level, and who moves with it. Whom it
// had stopped follows the level; who is above the level is stopped by it from now on.

import { KIND, KINDS, type Network, SUMS } from './network.js';
import { append, raiseLast } from './queue.js';
import { AGAIN } from './refill-scratch.js';
import { COUNT, type Scratch } from './scratch.js';

/** Levels are the same below this part of them. */
export const SAME = 1e-12;
/** A link is full, and not over, within this part of its limit. */
const FULL = 1e-12;
/** The steps of Newton end at this part of it. */
const SOLVED = 1e-14;
const STEPS_MAX = 100;
/** Moving a leaf costs as much as looking at so many. */
const MOVE_VISITS = 8;
const BEYOND = 1 + 2 * Number.EPSILON;

const FOUND = { carries: 0, slope: 1, next: 2 } as const;

/** What `newLevel` says of a link that has nothing to do, or whose minima are over its limit. */
export const NOTHING = -1;
export const IMPOSSIBLE = -2;

/**
 * The level at which the link is full, in [0, Infinity]; `NOTHING` or `IMPOSSIBLE`. Lists in the
 * scratch who takes part, for `applyLevel`.
 */
export function newLevel(network: Network, scratch: Scratch, link: number): number {
  const { again, linkLevel } = scratch;
  const limit = network.limit[link] as number;
  const level = linkLevel[link] as number;
  const carried = again.carried[sumOf(link)] as number;
  const over = carried > limit * (1 + FULL);
  if (!over) {
    if (level === Number.POSITIVE_INFINITY) return NOTHING;
    if (limit === Number.POSITIVE_INFINITY) {
      listStopped(network, scratch, link);
      return limit;
    }
    if (again.uneven[link] === 0 && carried >= limit * (1 - FULL)) return NOTHING;
    listStopped(network, scratch, link);
    if (again.uneven[link] === 1) listAbove(network, scratch, link, level);
    return solve(scratch, limit, restOf(scratch, carried), level);
  }
  if (level < Number.POSITIVE_INFINITY) {
    const weights = listStopped(network, scratch, link);
    // Those alone would fall this far, and everybody else who falls makes it less.
    const floor = level - (3 * (carried - limit)) / weights;
    if (floor > 0) {
      listAbove(network, scratch, link, floor);
      const found = solve(scratch, limit, restOf(scratch, carried), level);
      if (found >= floor) return found;
      listStopped(network, scratch, link);
    }
  } else again.counts[AGAIN.listed] = 0;
  listAbove(network, scratch, link, 0);
  return solve(scratch, limit, restOf(scratch, carried), Math.min(level, highest(scratch)));
}

export function sumOf(link: number): number {
  const node = Math.floor(link / KINDS);
  return node * SUMS + link - node * KINDS;
}

/** Lists whom the link has stopped; they may rise to their maximum. The sum of their weights. */
function listStopped(network: Network, scratch: Scratch, link: number): number {
  const { again, weight, stoppedBy, watts } = scratch;
  const { minA, maxA, order } = network;
  const node = Math.floor(link / KINDS);
  const kind = link - node * KINDS;
  const members = network.members[kind] as Int32Array;
  const before = network.before[kind] as Int32Array;
  const to = before[network.last[node] as number] as number;
  const from = before[network.first[node] as number] as number;
  let count = 0;
  let weights = 0;
  for (let k = from; k < to; k++) {
    const at = members[k] as number;
    if (stoppedBy[at] !== link) continue;
    const leaf = order[at] as number;
    const perA = kind === KIND.watts ? (watts[at] as number) : 1;
    const lowA = minA[leaf] as number;
    weights += perA * (weight[at] as number);
    again.at[count] = at;
    again.weight[count] = weight[at] as number;
    again.low[count] = lowA;
    again.high[count] = Math.max(lowA, maxA[leaf] as number);
    again.perA[count] = perA;
    count++;
  }
  again.counts[AGAIN.listed] = count;
  again.counts[AGAIN.visits] = (again.counts[AGAIN.visits] as number) + to - from;
  return weights;
}

/** Lists who is above a level and was stopped elsewhere, or not at all: they may only fall. */
function listAbove(network: Network, scratch: Scratch, link: number, level: number): void {
  const { again, weight, low, stoppedBy, watts } = scratch;
  const node = Math.floor(link / KINDS);
  const kind = link - node * KINDS;
  const members = network.members[kind] as Int32Array;
  const before = network.before[kind] as Int32Array;
  const to = before[network.last[node] as number] as number;
  const from = before[network.first[node] as number] as number;
  let count = again.counts[AGAIN.listed] as number;
  for (let k = from; k < to; k++) {
    const at = members[k] as number;
    const has = low[at] as number;
    if (has <= (weight[at] as number) * level || stoppedBy[at] === link) continue;
    const minA = network.minA[network.order[at] as number] as number;
    if (has <= minA) continue;
    again.at[count] = at;
    again.weight[count] = weight[at] as number;
    again.low[count] = minA;
    again.high[count] = has;
    again.perA[count] = kind === KIND.watts ? (watts[at] as number) : 1;
    count++;
  }
  again.counts[AGAIN.listed] = count;
  again.counts[AGAIN.visits] = (again.counts[AGAIN.visits] as number) + to - from;
}

/** What the others on the link carry. */
function restOf({ again, low }: Scratch, carried: number): number {
  const count = again.counts[AGAIN.listed] as number;
  let rest = carried;
  for (let k = 0; k < count; k++) rest -= (again.perA[k] as number) * (low[again.at[k] as number] as number);
  return rest;
}

function leastOf({ again }: Scratch): number {
  const count = again.counts[AGAIN.listed] as number;
  let least = 0;
  for (let k = 0; k < count; k++) least += (again.perA[k] as number) * (again.low[k] as number);
  return least;
}

function highest({ again }: Scratch): number {
  const count = again.counts[AGAIN.listed] as number;
  let top = 0;
  for (let k = 0; k < count; k++) {
    const level = (again.high[k] as number) / (again.weight[k] as number);
    if (level > top) top = level;
  }
  return top;
}

/** The level at which the listed and the rest are the limit: Newton on a function that is linear in pieces. */
function solve(scratch: Scratch, limit: number, rest: number, from: number): number {
  const { found } = scratch.again;
  if (leastOf(scratch) > limit - rest + FULL * limit) return IMPOSSIBLE;
  let below = 0;
  let above = Number.POSITIVE_INFINITY;
  let level = from;
  for (let step = 0; step < STEPS_MAX; step++) {
    const up = look(scratch, limit - rest, level);
    const left = limit - rest - (found[FOUND.carries] as number);
    if (Math.abs(left) <= SOLVED * limit) return level;
    const slope = found[FOUND.slope] as number;
    if (up) below = level;
    else above = level;
    let next = slope > 0 ? level + left / slope : (found[FOUND.next] as number);
    // Nobody rises any more: the link is not full with everybody at the most. Nobody falls: it is over.
    if (slope === 0 && next === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
    if (slope === 0 && next < 0) return IMPOSSIBLE;
    // Rounding may put the next place where somebody moves at the level itself.
    if (slope === 0)
      next = up ? Math.max(next, level * BEYOND, Number.MIN_VALUE) : Math.min(next, level / BEYOND);
    if (!(next > below && next < above)) next = above < Number.POSITIVE_INFINITY ? (below + above) / 2 : next;
    if (!(next > below && next < above)) return level;
    level = next;
  }
  return below;
}

/** Measures the listed at a level; the slope towards the limit. Whether it lies above. */
function look({ again }: Scratch, limit: number, level: number): boolean {
  const { weight, low, high, perA, found, counts } = again;
  const count = counts[AGAIN.listed] as number;
  let carries = 0;
  let inside = 0;
  let starts = 0;
  let ends = 0;
  let nextUp = Number.POSITIVE_INFINITY;
  let nextDown = -1;
  for (let k = 0; k < count; k++) {
    const w = weight[k] as number;
    const a = perA[k] as number;
    const risen = w * level;
    const lowA = low[k] as number;
    const highA = high[k] as number;
    if (highA === lowA) {
      carries += a * lowA;
    } else if (risen <= lowA) {
      carries += a * lowA;
      if (risen === lowA) starts += a * w;
      else nextUp = Math.min(nextUp, lowA / w);
    } else if (risen >= highA) {
      carries += a * highA;
      if (risen === highA) ends += a * w;
      else nextDown = Math.max(nextDown, highA / w);
    } else {
      carries += a * risen;
      inside += a * w;
    }
  }
  found[FOUND.carries] = carries;
  const up = carries <= limit;
  found[FOUND.slope] = inside + (up ? starts : ends);
  found[FOUND.next] = up ? nextUp : nextDown;
  return up;
}

/** Moves the listed to the level, and puts every link into the queue that notices. */
export function applyLevel(network: Network, scratch: Scratch, link: number, level: number): void {
  const { again, low, stoppedBy, linkLevel } = scratch;
  const { waits, uneven } = again;
  const count = again.counts[AGAIN.listed] as number;
  again.counts[AGAIN.visits] = (again.counts[AGAIN.visits] as number) + MOVE_VISITS * count;
  waits[link] = 1;
  uneven[link] = 0;
  linkLevel[link] = level;
  let stops = 0;
  for (let k = 0; k < count; k++) {
    const at = again.at[k] as number;
    const had = low[at] as number;
    const risen = (again.weight[k] as number) * level;
    const lowA = again.low[k] as number;
    const highA = again.high[k] as number;
    const by = stoppedBy[at] as number;
    if (risen >= highA) {
      if (by !== link) continue;
      stoppedBy[at] = -1;
    } else {
      stoppedBy[at] = link;
      stops++;
      if (by !== link && by >= 0) enqueue(scratch, by, linkLevel[by] as number);
    }
    moveTo(network, scratch, at, risen >= highA ? highA : Math.max(risen, lowA), had);
  }
  if (stops === 0) linkLevel[link] = Number.POSITIVE_INFINITY;
  waits[link] = 0;
}

/** Gives the leaf at a place another limit. */
export function moveTo(network: Network, scratch: Scratch, at: number, limitA: number, hadA: number): void {
  const { again, low, weight, watts, linkLevel } = scratch;
  const { carried, limited, counts, uneven } = again;
  if (again.movedMark[at] !== counts[AGAIN.refill]) {
    again.movedMark[at] = counts[AGAIN.refill] as number;
    again.moved[counts[AGAIN.moved] as number] = at;
    counts[AGAIN.moved] = (counts[AGAIN.moved] as number) + 1;
  }
  low[at] = limitA;
  const byA = limitA - hadA;
  const leaf = network.order[at] as number;
  const level = limitA > (network.minA[leaf] as number) ? limitA / (weight[at] as number) : 0;
  const set = (network.phases[leaf] as number) | (1 << KIND.watts);
  for (let node = network.node[leaf] as number; node >= 0; node = network.parent[node] as number) {
    const on = set & (limited[node] as number);
    for (let sum = 0; on >> sum !== 0; sum++) {
      if (((on >> sum) & 1) === 0) continue;
      const to = node * SUMS + sum;
      const link = node * KINDS + sum;
      const carries = (carried[to] as number) + (sum === KIND.watts ? (watts[at] as number) * byA : byA);
      carried[to] = carries;
      const stopsAt = linkLevel[link] as number;
      if (stopsAt < Number.POSITIVE_INFINITY) {
        if (level > stopsAt * (1 + SAME)) uneven[link] = 1;
        else if (byA === 0) continue;
        enqueue(scratch, link, stopsAt);
      } else if (carries > (network.limit[link] as number) * (1 + FULL)) enqueue(scratch, link, level);
    }
  }
}

export function enqueue(scratch: Scratch, link: number, key: number): void {
  const { waits } = scratch.again;
  if (waits[link] === 1) return;
  waits[link] = 1;
  append(scratch, key, link);
  raiseLast(scratch, (scratch.counts[COUNT.heap] as number) - 1);
}
