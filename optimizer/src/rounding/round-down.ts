// Exact limits to limits that stations can be set to. Each goes down to its own steps; what that sets free
// is handed on step by step, to whom it brings least above the exact limit, as long as every link holds.

import { SAME_SHARE } from '@ampledger/domain';
import { addLeaf, keepsEven, lackingLink, spreadOf, sumLeaves, unevenNode } from '../admission/ledger.js';
import { type Network, SUMS } from '../solver/network.js';
import { pop, push } from './heap.js';
import type { RoundingScratch } from './scratch.js';
import { leastOf, type Steps, settableAbove, settableBelow } from './steps.js';

interface Rounding {
  readonly network: Network;
  /** By leaf: the exact limits. */
  readonly exactA: ArrayLike<number>;
  readonly steps: Steps;
  readonly scratch: RoundingScratch;
}

/**
 * Fills `scratch.limitA` from `exactA` (A, by leaf, within the network's limits). Nobody is above the maximum, between
 * zero and the minimum, or (without limits on unbalance) below what rounding down alone gives; who has 0 keeps 0;
 * nobody who has more could take the next step. Classes are strict. Where rounding leaves phases too
 * uneven, the fullest go down further. Returns how many steps were handed on.
 */
export function roundDown(
  network: Network,
  exactA: ArrayLike<number>,
  steps: Steps,
  scratch: RoundingScratch,
): number {
  const { limitA, sums } = scratch;
  for (let leaf = 0; leaf < network.leaves; leaf++)
    limitA[leaf] = settableBelow(steps, leaf, exactA[leaf] as number, usefulOf(network, steps, leaf));
  sumLeaves(network, limitA, sums);
  const rounding = { network, exactA, steps, scratch };
  const raised = raiseAll(rounding);
  if (unevenNode(network, sums) < 0) return raised;
  evenOut(rounding);
  return raised + raiseAll(rounding);
}

/** Class after class, until nobody can rise; again while a raise may have made room for one on another phase. */
function raiseAll(rounding: Rounding): number {
  const { network, exactA, scratch } = rounding;
  let raised = 0;
  for (;;) {
    const before = raised;
    scratch.counts.uneven = 0;
    for (let rank = 0; rank < network.ranks; rank++) {
      for (let leaf = 0; leaf < network.leaves; leaf++)
        if (network.rank[leaf] === rank && (exactA[leaf] as number) > 0) offer(rounding, leaf);
      raised += raiseOffered(rounding);
    }
    if (scratch.counts.uneven === 0 || raised === before) return raised;
  }
}

/** Puts a leaf into the queue if it has a next step at all. */
function offer(rounding: Rounding, leaf: number): void {
  const { network, exactA, scratch } = rounding;
  const next = nextOf(rounding, leaf);
  if (next === Number.POSITIVE_INFINITY) return;
  push(scratch, (next - (exactA[leaf] as number)) / (network.weight[leaf] as number), leaf);
}

/** Its next step; Infinity above its maximum, which a step that was computed may miss by a hair. */
function nextOf({ network, steps, scratch }: Rounding, leaf: number): number {
  const now = scratch.limitA[leaf] as number;
  const most = mostOf(network, leaf);
  const next = settableAbove(steps, leaf, now, usefulOf(network, steps, leaf));
  return next <= most * (1 + SAME_SHARE) ? Math.min(next, most) : Number.POSITIVE_INFINITY;
}

const usefulOf = (network: Network, { usefulA }: Steps, leaf: number): number =>
  (usefulA ?? network.minA)[leaf] as number;

const mostOf = ({ minA, maxA }: Network, leaf: number): number =>
  Math.max(minA[leaf] as number, maxA[leaf] as number);

function raiseOffered(rounding: Rounding): number {
  const { network, scratch } = rounding;
  const { limitA, sums, counts } = scratch;
  let raised = 0;
  while (counts.heap > 0) {
    const leaf = pop(scratch);
    const now = limitA[leaf] as number;
    const next = nextOf(rounding, leaf);
    // Links only fill up: who does not fit now never will.
    if (lackingLink(network, sums, leaf, next - now) >= 0) continue;
    if (!keepsEven(network, sums, leaf, next - now)) {
      counts.uneven++;
      continue;
    }
    addLeaf(network, sums, leaf, next - now);
    limitA[leaf] = next;
    raised++;
    offer(rounding, leaf);
  }
  return raised;
}

/** Brings down, step by step, who makes a node uneven: the last class first, then who is most above the exact limit. */
function evenOut({ network, exactA, steps, scratch }: Rounding): void {
  const { limitA, sums } = scratch;
  for (let node = unevenNode(network, sums); node >= 0; node = unevenNode(network, sums)) {
    const leaf = firstToFall({ network, exactA, steps, scratch }, node);
    if (leaf < 0) return;
    const now = limitA[leaf] as number;
    // The highest value below the present one: they are further apart than this.
    const lower = settableBelow(steps, leaf, now * (1 - 1e-6), usefulOf(network, steps, leaf));
    limitA[leaf] = lower;
    addLeaf(network, sums, leaf, lower - now);
  }
}

/** Who is below the node on its fullest phase, and not on its emptiest. */
function firstToFall({ network, exactA, steps, scratch }: Rounding, node: number): number {
  const { limitA, sums } = scratch;
  const at = node * SUMS;
  const spread = spreadOf(sums, at);
  const of = [sums[at] as number, sums[at + 1] as number, sums[at + 2] as number];
  const fullest = of.indexOf(Math.max(...of));
  const emptiest = of.findIndex((amperes) => amperes <= (of[fullest] as number) - spread);
  let found = -1;
  for (let place = network.first[node] as number; place < (network.last[node] as number); place++) {
    const leaf = network.order[place] as number;
    const phases = network.phases[leaf] as number;
    if (((phases >> fullest) & 1) === 0 || ((phases >> emptiest) & 1) === 1) continue;
    // What it holds anyway cannot be taken from it.
    if ((limitA[leaf] as number) <= leastOf(steps, leaf)) continue;
    if (found < 0 || fallsBefore(network, { exactA, limitA }, leaf, found)) found = leaf;
  }
  return found;
}

function fallsBefore(
  { rank, weight }: Network,
  { exactA, limitA }: { readonly exactA: ArrayLike<number>; readonly limitA: Float64Array },
  one: number,
  other: number,
): boolean {
  const above = (leaf: number): number =>
    ((limitA[leaf] as number) - (exactA[leaf] as number)) / (weight[leaf] as number);
  const later = (rank[one] as number) - (rank[other] as number);
  return later > 0 || (later === 0 && above(one) > above(other));
}
