// Sharing between minimum and maximum, by policy. What comes out is feasible on every link and leaves nothing
// that anybody could have without taking from others: the last word has the exact filling
// (solver/fill.ts), which starts at what the policy wants and raises all who still can.

import { fill } from '../solver/fill.js';
import { KINDS, type Network, SUMS } from '../solver/network.js';
import type { Scratch } from '../solver/scratch.js';
import { hasUnbalance } from '../solver/unbalance.js';
import { clustersOf, freeOf, fullOnes } from './clusters.js';
import { type Constraint, constraintsOf, slackOf } from './forms.js';
import { handOut } from './hand-out.js';
import { maximise, sumsOf } from './interior.js';
import { type Estimate, estimate, type Needs } from './needs.js';
import { FADING, LINEAR } from './utility.js';

/**
 * - `fair`: weighted max-min of limits now. Looks at nobody's needs; where phases are mixed it costs energy,
 *   because a three-phase car has no more than a one-phase car on its worst phase.
 * - `urgent`: max-min with weights from laxity: who can wait half an hour longer has half the share of who cannot
 *   wait. Gives up energy like `fair`, and large needs come before many small ones.
 * - `throughput`: the most power now, where that of cars that cannot wait counts up to three times: the
 *   single-period linear programme. Gives up fairness: who shares scarce links gets what is left.
 * - `balanced`: the most value now, where an ampere is worth less the more of its need a car has (utility.ts);
 *   then, among cars whose amperes are worth the same, equal energy until they leave as far as needs and stays allow,
 *   with who can wait least first. Gives up a little power now for energy later, and shares
 *   proportional to need for demands met.
 */
export type Policy = 'fair' | 'urgent' | 'throughput' | 'balanced';
export const POLICIES: readonly Policy[] = ['fair', 'urgent', 'throughput', 'balanced'];

export interface Shared {
  /** Links that the minima alone overfill: as `fill`. Then all have by `fair` what they have. */
  readonly overfull: number;
  /**
   * By link: what one unit (A, or W) more of its limit would be worth: watts, where an ampere counts in full
   * (throughput), or has just what it needs (balanced). Nearly 0 where it is not full; 0 by filling.
   */
  readonly price: Float64Array;
}

/**
 * Writes `scratch.limitA`, `level` and `binding`: the link that keeps a leaf from more, or -1 at its maximum.
 * Leaves share between `minA` and `maxA` as admitted; classes of priority are strict, weights soft. The
 * network is as before afterwards. Pure; the same input gives the same bits.
 */
export function share(network: Network, scratch: Scratch, needs: Needs, policy: Policy): Shared {
  const price = new Float64Array(network.nodes * KINDS);
  const overfull = fill(network, scratch);
  if (policy === 'fair' || overfull > 0 || allHaveMost(scratch)) return { overfull, price };
  const uneven = unevenA(network, scratch.limitA);
  const [minA, maxA] = [network.minA.slice(), network.maxA.slice()];
  const weight = network.weight.slice();
  const stops = { level: scratch.level.slice(), binding: scratch.binding.slice() };
  try {
    for (let rank = 0; rank < network.ranks; rank++)
      shareClass({ network, scratch, needs, policy, minA, maxA, rank, price, stops });
  } finally {
    network.minA.set(minA);
    network.maxA.set(maxA);
    network.weight.set(weight);
  }
  scratch.level.set(stops.level);
  scratch.binding.set(stops.binding);
  // Minima of a lower class may break a limit on unbalance that only its raises mend: class by class does not see it.
  if (unevenA(network, scratch.limitA) > uneven + EQUAL_A) {
    fill(network, scratch);
    price.fill(0);
  } else if (hasUnbalance(network)) raiseAlone(network, scratch, minA);
  return { overfull, price };
}

/** What a later class got may have made room on other phases for an earlier one: filling from where all are. */
function raiseAlone(network: Network, scratch: Scratch, minA: Float64Array): void {
  for (let leaf = 0; leaf < network.leaves; leaf++)
    network.minA[leaf] = Math.max(minA[leaf] as number, (scratch.limitA[leaf] as number) * (1 - 1e-9));
  fill(network, scratch);
  network.minA.set(minA);
}

/** By how much the phases of a node differ more than they may. */
function unevenA(network: Network, limitA: Float64Array): number {
  if (!hasUnbalance(network)) return 0;
  const sums = sumsOf(network, limitA);
  let worst = 0;
  for (let node = 0; node < network.nodes; node++) {
    const phases = sums.subarray(node * SUMS, node * SUMS + 3);
    const spread = Math.max(...phases) - Math.min(...phases);
    worst = Math.max(worst, spread - (network.unbalance[node] as number));
  }
  return worst;
}

const allHaveMost = ({ binding }: Scratch): boolean => binding.every((link) => link < 0);

interface Turn {
  readonly network: Network;
  readonly scratch: Scratch;
  readonly needs: Needs;
  readonly policy: Exclude<Policy, 'fair'>;
  readonly minA: Float64Array;
  readonly maxA: Float64Array;
  readonly rank: number;
  readonly price: Float64Array;
  /** By leaf, of the classes that are done: later fillings take them for fixed. */
  readonly stops: { readonly level: Float64Array; readonly binding: Int32Array };
}

/** Classes before have what they got, classes after their minima. */
function shareClass(turn: Turn): void {
  const { network, scratch, needs, policy, minA, maxA, rank } = turn;
  const leaves: number[] = [];
  for (let leaf = 0; leaf < network.leaves; leaf++) {
    const of = network.rank[leaf] as number;
    const low = minA[leaf] as number;
    if (of > rank) network.maxA[leaf] = low;
    if (of !== rank) continue;
    network.maxA[leaf] = Math.max(low, maxA[leaf] as number);
    if ((network.maxA[leaf] as number) > low + EQUAL_A) leaves.push(leaf);
  }
  const known = estimate(network, needs, leaves);
  if (policy === 'urgent') weighByLaxity(network, leaves, known);
  // With one class everything was filled so just now.
  if (policy === 'urgent' || network.ranks > 1) fill(network, scratch);
  if (policy !== 'urgent' && leaves.some((leaf) => (scratch.binding[leaf] as number) >= 0)) {
    const wanted = wantedBy(turn, leaves, known);
    raiseFrom(network, scratch, leaves, wanted);
  }
  for (let leaf = 0; leaf < network.leaves; leaf++) {
    if (network.rank[leaf] !== rank) continue;
    network.minA[leaf] = scratch.limitA[leaf] as number;
    network.maxA[leaf] = scratch.limitA[leaf] as number;
    turn.stops.level[leaf] = scratch.level[leaf] as number;
    turn.stops.binding[leaf] = scratch.binding[leaf] as number;
  }
}

/** Half an hour of laxity halves a car's share. */
const URGENT_HOURS = 0.5;

function weighByLaxity(network: Network, leaves: readonly number[], known: Estimate): void {
  for (const leaf of leaves) {
    const most = network.maxA[leaf] as number;
    const laxity = (known.hours[leaf] as number) - (known.needAh[leaf] as number) / most;
    const weight = most / (1 + Math.max(0, laxity) / URGENT_HOURS);
    network.weight[leaf] = (network.weight[leaf] as number) * weight;
  }
}

/** Bounds that differ by less leave nothing to decide. */
const EQUAL_A = 1e-6;
/** Part of the way from the minima to the filling at which the search begins, and of the rest to the maxima. */
const INSIDE = 0.7;
const BEYOND = 0.1;
/** Far below what any meter sees; what is left the filling hands out. */
const GAP = 1e-5;

/** Hours of laxity over which what energy now is worth above energy later falls by a factor of e. */
const PRESSING_H = 1;
const PRESSING_MOST = 2;

/**
 * A watt now to a car that can still wait is worth no more than one later; to one that cannot, three times that:
 * energy that would else be lost. What is late already counts no more than what just cannot wait.
 */
function pressingOf({ needAh, hours }: Estimate, mostA: Float64Array): Float64Array {
  return mostA.map((most, leaf) => {
    const laxityH = most > 0 ? (hours[leaf] as number) - (needAh[leaf] as number) / most : 0;
    return 1 + PRESSING_MOST * Math.exp(-Math.max(0, laxityH) / PRESSING_H);
  });
}

/** What the policy would have, by leaf: within all limits, but where a cluster was shared anew. */
function wantedBy(turn: Turn, leaves: readonly number[], known: Estimate): Float64Array {
  const { network, scratch, policy, price } = turn;
  const lowA = network.minA.slice();
  const highA = network.maxA.map((most, leaf) => Math.max(most, lowA[leaf] as number));
  const all = constraintsOf(network, sumsOf(network, highA));
  const lowSums = sumsOf(network, lowA);
  const stuck = all.filter((c) => isFullAt(c, lowSums));
  const constraints = stuck.length === 0 ? all : all.filter((c) => !isFullAt(c, lowSums));
  const movers = freeOf(network, leaves, stuck);
  const limitA = inside({ network, constraints, leaves: movers, lowA, highA }, scratch.limitA);
  if (limitA === null) return scratch.limitA;
  const pressing = policy === 'throughput' ? pressingOf(known, highA) : null;
  const wattsMost = movers.reduce((most, leaf) => Math.max(most, network.wattsPerA[leaf] as number), 0);
  const found = maximise({
    ...{ network, constraints, leaves: movers, lowA, highA, limitA },
    needA: known.rateA.map((rate, leaf) => rate * (network.weight[leaf] as number)),
    worth: network.wattsPerA.map(
      (watts, leaf) => (watts > 0 ? watts / wattsMost : 1) * (pressing?.[leaf] ?? 1),
    ),
    utility: policy === 'throughput' ? LINEAR : FADING,
    gap: GAP,
  });
  notePrices(constraints, found.price, wattsMost, price);
  if (policy === 'throughput') return limitA;
  for (const cluster of clustersOf(network, movers, fullOnes(constraints, found.sums)))
    handOut({ network, leaves: cluster, lowA, highA, known }, limitA);
  return limitA;
}

/** From the price of a bound to that of a limit: a line's bound is the limit's square. */
function notePrices(
  constraints: readonly Constraint[],
  priceOf: Float64Array,
  wattsMost: number,
  price: Float64Array,
): void {
  constraints.forEach(({ link, form, bound }, i) => {
    if (link < 0) return;
    const perLimit = form.square === null ? 1 : 2 * Math.sqrt(bound);
    price[link] = (price[link] as number) + wattsMost * perLimit * (priceOf[i] as number);
  });
}

interface Region {
  readonly network: Network;
  readonly constraints: readonly Constraint[];
  readonly leaves: readonly number[];
  readonly lowA: Float64Array;
  readonly highA: Float64Array;
}

const HALVINGS_MAX = 60;

/** Limits strictly inside all bounds and constraints: between the minima, the filling and the maxima. */
function inside(
  { network, constraints, leaves, lowA, highA }: Region,
  filled: Float64Array,
): Float64Array | null {
  if (leaves.length === 0) return null;
  const limitA = lowA.slice();
  let beyond = BEYOND;
  for (let k = 0; k < HALVINGS_MAX; k++) {
    for (const leaf of leaves) {
      const low = lowA[leaf] as number;
      const from = low + INSIDE * ((filled[leaf] as number) - low);
      limitA[leaf] = from + beyond * ((highA[leaf] as number) - from);
    }
    const sums = sumsOf(network, limitA);
    if (constraints.every((c) => slackOf(c, sums) > 0)) return limitA;
    beyond /= 2;
  }
  return null;
}

const isFullAt = (constraint: Constraint, sums: Float64Array): boolean =>
  slackOf(constraint, sums) <= 1e-9 * constraint.bound;

/** Fills up from what is wanted; what is wanted may be over limits that the clusters did not know of. */
function raiseFrom(
  network: Network,
  scratch: Scratch,
  leaves: readonly number[],
  wanted: Float64Array,
): void {
  const [minA, maxA, weight] = [network.minA.slice(), network.maxA.slice(), network.weight.slice()];
  for (const leaf of leaves) {
    const above = (wanted[leaf] as number) - (minA[leaf] as number);
    network.maxA[leaf] = wanted[leaf] as number;
    network.weight[leaf] = Math.max(EQUAL_A, above);
  }
  fill(network, scratch);
  for (const leaf of leaves) {
    network.minA[leaf] = Math.max(minA[leaf] as number, (scratch.limitA[leaf] as number) * (1 - 1e-9));
    network.maxA[leaf] = maxA[leaf] as number;
    network.weight[leaf] = weight[leaf] as number;
  }
  fill(network, scratch);
}
