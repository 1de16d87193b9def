// Who of a contested run gets in: a multidimensional knapsack on a tree. Candidates are taken in the order of
// worth for what they cost at several prices of the links, and the best of these sets is improved by exchanges. The
// same input gives the same set: all orders end in the order in which the members were given.

import { type Contest, fits, put, takeOut } from './contest.js';
import { improve } from './exchange.js';
import { createPrices, stepPrices, writeCosts } from './prices.js';

/** Who costs nothing comes first of all. */
const TINY = 1e-12;
const LARGEST = 2 ** 32 - 1;
/** Key and member share the 53 bits of a number. */
const MEMBERS_MAX = 2 ** 21;

interface Effort {
  /** Steps of the prices, and how often on the way a set is made from them. */
  readonly steps: number;
  readonly sets: number;
  /** Entries that the exchanges may look at. */
  readonly budget: number;
}

/** Above the last size exchanges would cost more than an allocation may take. */
const EFFORTS: readonly { readonly upTo: number; readonly effort: Effort }[] = [
  { upTo: 80, effort: { steps: 80, sets: 16, budget: 40_000 } },
  { upTo: 400, effort: { steps: 80, sets: 10, budget: 60_000 } },
  { upTo: 2_000, effort: { steps: 40, sets: 4, budget: 60_000 } },
];
const LARGE: Effort = { steps: 12, sets: 1, budget: 0 };

export const effortFor = (members: number): Effort =>
  EFFORTS.find(({ upTo }) => members <= upTo)?.effort ?? LARGE;

/** Marks in `contest.members.inside` a set that fits, and to which nobody can be added. */
export function choose(contest: Contest, effort = effortFor(contest.members.count)): void {
  const { members, links } = contest;
  const cost = new Float64Array(members.count);
  const order = Int32Array.from({ length: members.count }, (_, m) => m);
  const best = new Uint8Array(members.count);
  const prices = createPrices(links.count);
  contest.budget = Number.POSITIVE_INFINITY;
  writeCosts(contest, new Float64Array(links.count).fill(1), cost);
  let reached = makeSet(contest, order, cost);
  best.set(members.inside);
  const every = Math.max(1, Math.floor(effort.steps / effort.sets));
  for (let step = 1; step <= effort.steps; step++) {
    if (!stepPrices(contest, prices, reached)) break;
    if (step % every !== 0) continue;
    writeCosts(contest, prices.price, cost);
    const worth = makeSet(contest, order, cost);
    if (worth <= reached) continue;
    reached = worth;
    best.set(members.inside);
  }
  restore(contest, best);
  writeCosts(contest, prices.best, cost);
  sortByWorth(contest, order, cost);
  contest.budget = effort.budget;
  if (effort.budget > 0) improve(contest, order, cost);
}

/** Empties the set and fills it in the order of worth for cost. What it is worth. */
function makeSet(contest: Contest, order: Int32Array, cost: Float64Array): number {
  const { members } = contest;
  for (let m = 0; m < members.count; m++) if (members.inside[m] === 1) takeOut(contest, m);
  sortByWorth(contest, order, cost);
  let worth = 0;
  for (const m of order) {
    if (!fits(contest, m)) continue;
    put(contest, m);
    worth += members.value[m] as number;
  }
  return worth;
}

/** Highest worth for cost first, to 24 bits; equals stay in the order of the members. */
function sortByWorth({ members }: Contest, order: Int32Array, cost: Float64Array): void {
  const count = members.count;
  const single = new Float32Array(count);
  const bits = new Uint32Array(single.buffer);
  const keys = new Float64Array(count);
  for (let m = 0; m < count; m++) single[m] = (members.value[m] as number) / ((cost[m] as number) + TINY);
  // Bits of positive numbers stand in the order of the numbers. One number for key and member sorts many times
  // faster than a comparison by function.
  for (let m = 0; m < count; m++) keys[m] = (LARGEST - (bits[m] as number)) * MEMBERS_MAX + m;
  keys.sort();
  for (let k = 0; k < count; k++) order[k] = (keys[k] as number) % MEMBERS_MAX;
}

function restore(contest: Contest, set: Uint8Array): void {
  const { members } = contest;
  for (let m = 0; m < members.count; m++) if (set[m] === 0 && members.inside[m] === 1) takeOut(contest, m);
  for (let m = 0; m < members.count; m++) if (set[m] === 1 && members.inside[m] === 0) put(contest, m);
}
