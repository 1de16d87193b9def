// Who is reopened when a change moves a link: leaves go from settled to open, and keep what they had
// in mind until the answer is found.

import { firstLeg, KIND, KINDS, type Network, secondLeg } from './network.js';
import { AGAIN } from './refill-scratch.js';
import type { Scratch } from './scratch.js';

/** Levels are the same below this part of them. */
export const SAME = 1e-10;
const GUESSES = 6;

/** Whether the leaf at this place was not open yet. */
export function reopen({ again, low }: Scratch, at: number): boolean {
  const { counts, reopened, reopenedMark, hadA } = again;
  const refillNumber = counts[AGAIN.refill] as number;
  if (reopenedMark[at] === refillNumber) return false;
  const count = counts[AGAIN.reopened] as number;
  reopenedMark[at] = refillNumber;
  reopened[count] = at;
  hadA[at] = low[at] as number;
  counts[AGAIN.reopened] = count + 1;
  return true;
}

/** Reopens all whom a link stopped. Whether there were any. */
export function reopenStopped(network: Network, scratch: Scratch, link: number): boolean {
  const { emptied, counts } = scratch.again;
  const { stoppedBy } = scratch;
  if (emptied[link] === counts[AGAIN.refill]) return false;
  emptied[link] = counts[AGAIN.refill] as number;
  const node = Math.floor(link / KINDS);
  const last = network.last[node] as number;
  let any = false;
  for (let at = network.first[node] as number; at < last; at++)
    if (stoppedBy[at] === link && reopen(scratch, at)) any = true;
  return any;
}

/**
 * Reopens who has more on a link than they could keep with everybody there; failing that, more than
 * `level`. Whether there were any.
 */
export function reopenHigher(network: Network, scratch: Scratch, link: number, level: number): boolean {
  const expected = expectedLevel(network, scratch, link, level);
  if (expected > level && reopenAbove(network, scratch, link, expected)) return true;
  return reopenAbove(network, scratch, link, level);
}

/**
 * The level at which a sum would be full if the reopened rose together, and the others only gave: a
 * guess at how far down the others must come, so that no more of them are reopened than will move.
 */
function expectedLevel(network: Network, scratch: Scratch, link: number, from: number): number {
  const node = Math.floor(link / KINDS);
  const kind = link - node * KINDS;
  if (kind > KIND.watts) return from;
  const limit = network.limit[link] as number;
  let level = from;
  for (let step = 0; step < GUESSES; step++) {
    const { current, slope } = giveAndTake(network, scratch, node, kind, level);
    if (slope === 0 || current >= limit * (1 - SAME)) return level;
    level += (limit - current) / slope;
  }
  return level;
}

function giveAndTake(network: Network, scratch: Scratch, node: number, sum: number, level: number) {
  const { low, weight, again } = scratch;
  const members = network.members[sum] as Int32Array;
  const before = network.before[sum] as Int32Array;
  const to = before[network.last[node] as number] as number;
  const refillNumber = again.counts[AGAIN.refill];
  let current = 0;
  let slope = 0;
  for (let k = before[network.first[node] as number] as number; k < to; k++) {
    const at = members[k] as number;
    const leaf = network.order[at] as number;
    const perA = sum === KIND.watts ? (network.wattsPerA[leaf] as number) : 1;
    const risen = (weight[at] as number) * level;
    const minA = network.minA[leaf] as number;
    const mostA =
      again.reopenedMark[at] === refillNumber ? (network.maxA[leaf] as number) : (low[at] as number);
    if (risen <= minA) current += perA * minA;
    else if (risen >= mostA) current += perA * mostA;
    else {
      current += perA * risen;
      slope += perA * (weight[at] as number);
    }
  }
  return { current, slope };
}

/** Reopens who uses a link, has more than the minimum, and is above a level. Whether there were any. */
function reopenAbove(network: Network, scratch: Scratch, link: number, level: number): boolean {
  const node = Math.floor(link / KINDS);
  const kind = link - node * KINDS;
  if (kind <= KIND.watts) return reopenMembers(network, scratch, node, kind, level);
  const x = reopenMembers(network, scratch, node, firstLeg(kind), level);
  return reopenMembers(network, scratch, node, secondLeg(kind), level) || x;
}

function reopenMembers(
  network: Network,
  scratch: Scratch,
  node: number,
  sum: number,
  level: number,
): boolean {
  const { low, weight, again } = scratch;
  const members = network.members[sum] as Int32Array;
  const before = network.before[sum] as Int32Array;
  const to = before[network.last[node] as number] as number;
  const refillNumber = again.counts[AGAIN.refill];
  let any = false;
  for (let k = before[network.first[node] as number] as number; k < to; k++) {
    const at = members[k] as number;
    const amperes = low[at] as number;
    if (amperes <= (weight[at] as number) * level * (1 + SAME)) continue;
    if (again.reopenedMark[at] === refillNumber) continue;
    if (amperes > (network.minA[network.order[at] as number] as number) && reopen(scratch, at)) any = true;
  }
  return any;
}
