// 6 A or nothing: who gets at least its minimum. Classes are strict, then tiers; within a tier the set of
// the most value that fits on every link, as far as it can be found in the time of an allocation. Where
// everybody fits, which is the usual case, it costs one pass.

import type { Network } from '../solver/network.js';
import { addUp } from '../solver/sums.js';
import { evenOut } from './balance.js';
import { choose } from './choose.js';
import { meetsContested, openLinks, openMembers } from './contest.js';
import { type AdmissionInput, type AdmissionScratch, TIER, TIERS } from './input.js';
import { addAt, addLeaf, lackingLink, overLink, sumLeaves, unevenNode } from './ledger.js';
import { writePlaces } from './line.js';

/**
 * Fills the part `Admission` of the scratch and returns how many wait. The needs of the admitted and the floors of all
 * others hold every limit (where the floors alone do), so that filling begins within all limits; and nobody who
 * waits could be added but into room that is kept for somebody overdue, or where phases would be uneven. The same input gives the same answer.
 */
export function admit(input: AdmissionInput, scratch: AdmissionScratch): number {
  const { network, tier } = input;
  const { addA, totalA, taken, admitted, link, place } = scratch;
  link.fill(-1);
  place.fill(0);
  for (let leaf = 0; leaf < network.leaves; leaf++) {
    const floorA = input.floorA[leaf] as number;
    const add = tier[leaf] === TIER.out ? 0 : Math.max(0, (input.needA[leaf] as number) - floorA);
    addA[leaf] = add;
    totalA[leaf] = floorA + add;
    admitted[leaf] = tier[leaf] === TIER.out ? 0 : 1;
  }
  sumLeaves(network, totalA, taken);
  if (overLink(network, taken) < 0 && unevenNode(network, taken) < 0) return 0;
  return admitByRuns(input, scratch);
}

function admitByRuns(input: AdmissionInput, scratch: AdmissionScratch): number {
  const { network, floorA } = input;
  const { admitted, taken, kept, order, runs } = scratch;
  admitted.fill(0);
  sumLeaves(network, floorA, taken);
  sortIntoRuns(input, scratch);
  for (let rank = 0; rank < network.ranks; rank++) {
    scratch.counts.keeps = 0;
    kept.set(taken);
    for (let tier = 0; tier < TIERS; tier++) {
      const run = rank * TIERS + tier;
      const members = order.subarray(runs[run], runs[run + 1]);
      if (members.length === 0) continue;
      if (tier === TIER.overdue) admitInOrder(input, scratch, members);
      else admitByValue(input, scratch, members);
    }
  }
  if (unevenNode(network, taken) >= 0) evenOut(input, scratch);
  return writePlaces(input, scratch);
}

/** Counts the candidates of each class and tier into place; within one they stand by time, then value. */
function sortIntoRuns(
  { network, tier, since, value }: AdmissionInput,
  { order, runs }: AdmissionScratch,
): void {
  runs.fill(0);
  const runOf = (leaf: number): number => (network.rank[leaf] as number) * TIERS + (tier[leaf] as number);
  for (let leaf = 0; leaf < network.leaves; leaf++)
    if (tier[leaf] !== TIER.out) runs[runOf(leaf) + 1] = (runs[runOf(leaf) + 1] as number) + 1;
  for (let run = 1; run < runs.length; run++) runs[run] = (runs[run] as number) + (runs[run - 1] as number);
  const next = runs.slice();
  for (let leaf = 0; leaf < network.leaves; leaf++) {
    if (tier[leaf] === TIER.out) continue;
    const at = next[runOf(leaf)] as number;
    next[runOf(leaf)] = at + 1;
    order[at] = leaf;
  }
  const before = (a: number, b: number): number =>
    (since[a] as number) - (since[b] as number) || (value[b] as number) - (value[a] as number) || a - b;
  for (let run = 0; run + 1 < runs.length; run++) order.subarray(runs[run], runs[run + 1]).sort(before);
}

/**
 * The overdue, strictly by time. Where one does not fit though it would beside the classes before its own, its
 * room is kept: nobody is woken into it. Those who are on go on there until it fits; none of them
 * is protected for longer than the minimum time on, so that is how long the first of them still waits at most.
 */
function admitInOrder(input: AdmissionInput, scratch: AdmissionScratch, members: Int32Array): void {
  const { network } = input;
  const { addA, taken, kept, asked: beside, link, admitted, order, runs, counts } = scratch;
  const rank = network.rank[members[0] as number] as number;
  beside.set(kept);
  for (const leaf of order.subarray(runs[rank * TIERS], runs[rank * TIERS + 1]))
    if (admitted[leaf] === 1) addLeaf(network, beside, leaf, -(addA[leaf] as number));
  for (const leaf of members) {
    const amperes = addA[leaf] as number;
    link[leaf] = lackingLink(network, kept, leaf, amperes);
    const fits = link[leaf] === -1;
    if (fits) {
      admitted[leaf] = 1;
      addLeaf(network, taken, leaf, amperes);
    } else if (lackingLink(network, beside, leaf, amperes) >= 0) continue;
    else counts.keeps++;
    addLeaf(network, kept, leaf, amperes);
    addLeaf(network, beside, leaf, amperes);
  }
}

function admitByValue(input: AdmissionInput, scratch: AdmissionScratch, members: Int32Array): void {
  const { admitted, taken, kept, addA, counts } = scratch;
  // Who asks for nothing is in: no link can be too full for that.
  for (const leaf of members) if (addA[leaf] === 0) admitted[leaf] = 1;
  const asking = members.filter((leaf) => addA[leaf] !== 0);
  if (counts.keeps === 0) {
    admitBest(input, scratch, { asking, base: taken });
    kept.set(taken);
    return;
  }
  admitBest(input, scratch, { asking, base: kept });
  // Who is on may use what is kept, as long as it is not used.
  const on = asking.filter((leaf) => admitted[leaf] === 0 && input.wakes[leaf] === 0);
  admitBest(input, scratch, { asking: on, base: taken });
}

interface Asking {
  readonly asking: Int32Array;
  /** By node and sum: what they have to fit beside. */
  readonly base: Float64Array;
}

/** Lets in all who meet no contested link, and the best set of the others. */
function admitBest(input: AdmissionInput, scratch: AdmissionScratch, { asking, base }: Asking): void {
  const { network, value } = input;
  const { addA, admitted, taken, kept, asked, link, contest } = scratch;
  askFor(input, scratch, asking);
  const contested = linksOver(network, base, asked);
  if (contested.length === 0) {
    for (const leaf of asking) admitted[leaf] = 1;
  } else {
    const run = { network, carried: base, asked, leaves: asking, amperes: addA, value };
    openLinks(contest, run, contested);
    for (const leaf of asking) admitted[leaf] = meetsContested(contest, network, leaf) ? 0 : 1;
    openMembers(contest, { ...run, leaves: asking.filter((leaf) => admitted[leaf] === 0) });
    choose(contest);
    for (let m = 0; m < contest.members.count; m++)
      admitted[contest.members.leaf[m] as number] = contest.members.inside[m] as number;
    const chosen = asking.filter((leaf) => admitted[leaf] === 1);
    askFor(input, scratch, chosen);
  }
  for (let at = 0; at < taken.length; at++) {
    taken[at] = (taken[at] as number) + (asked[at] as number);
    kept[at] = (kept[at] as number) + (asked[at] as number);
  }
  for (const leaf of asking)
    link[leaf] = admitted[leaf] === 1 ? -1 : lackingLink(network, base, leaf, addA[leaf] as number);
}

/** Sums what leaves ask for, by node. */
function askFor({ network }: AdmissionInput, { asked, addA }: AdmissionScratch, leaves: Int32Array): void {
  asked.fill(0);
  for (const leaf of leaves) addAt(network, asked, leaf, addA[leaf] as number);
  addUp(network, asked);
}

/** The links that both together are over. */
function linksOver(network: Network, base: Float64Array, asked: Float64Array): readonly number[] {
  const both = base.map((amperes, at) => amperes + (asked[at] as number));
  const over: number[] = [];
  for (let link = overLink(network, both); link >= 0; link = overLink(network, both, link)) over.push(link);
  return over;
}
