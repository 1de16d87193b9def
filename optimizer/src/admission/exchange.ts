// Exchanges that make a set worth more: one out and others in, and one in whatever has to go out for it.
// Of sets that are worth the same the one that leaves more of what is scarce is better; so every
// exchange improves, and the search ends, at the latest when its budget is used up.

import { type Contest, fits, isOver, put, takeOut } from './contest.js';

/** Of those whom a place lets in, so many are tried as the first. */
const FIRSTS_MAX = 8;
const SAME = 1e-9;

interface Search {
  readonly contest: Contest;
  /** Members by worth for cost, the best first. */
  readonly order: Int32Array;
  readonly cost: Float64Array;
}

/** `order` and `cost` by member, at good prices. */
export function improve(contest: Contest, order: Int32Array, cost: Float64Array): void {
  const search = { contest, order, cost };
  for (;;) {
    const swapped = swapAll(search);
    const forced = forceAll(search);
    if (contest.budget <= 0 || (!swapped && !forced)) return;
  }
}

/** Takes the least worthy out first. Whether anything changed. */
function swapAll(search: Search): boolean {
  const { contest, order } = search;
  let any = false;
  for (let k = order.length - 1; k >= 0 && contest.budget > 0; k--) {
    const member = order[k] as number;
    if (contest.members.inside[member] === 1 && swap(search, member)) any = true;
  }
  return any;
}

/** One out, and the best found of those who then fit in. Whether that is better. */
function swap(search: Search, out: number): boolean {
  const { contest, order } = search;
  const { members } = contest;
  takeOut(contest, out);
  const fitting: number[] = [];
  for (const m of order) if (m !== out && members.inside[m] === 0 && fits(contest, m)) fitting.push(m);
  let best: readonly number[] = [];
  let most = worthOf(search, [out]);
  for (const first of fitting.slice(0, FIRSTS_MAX)) {
    const added = [first];
    put(contest, first);
    for (const m of fitting) {
      if (members.inside[m] === 1 || !fits(contest, m)) continue;
      put(contest, m);
      added.push(m);
    }
    const worth = worthOf(search, added);
    for (const m of added) takeOut(contest, m);
    if (!isBetter(worth, most)) continue;
    best = added;
    most = worth;
  }
  if (best.length === 0) put(contest, out);
  else for (const m of best) put(contest, m);
  return best.length > 0;
}

function forceAll(search: Search): boolean {
  const { contest, order } = search;
  let any = false;
  for (const member of order) {
    if (contest.budget <= 0) return any;
    if (contest.members.inside[member] === 0 && force(search, member)) any = true;
  }
  return any;
}

/** One in; out go those who give least worth for the room, until it fits, and then who fits comes in. */
function force(search: Search, member: number): boolean {
  const { contest, order } = search;
  const { members } = contest;
  const out: number[] = [];
  put(contest, member);
  for (let l = overAt(search, member); l >= 0; l = overAt(search, member)) {
    // Everybody fits alone, so there is somebody to take out.
    const least = leastOn(search, l, member);
    if (least < 0) break;
    takeOut(contest, least);
    out.push(least);
  }
  const added = [member];
  for (const m of order) {
    if (members.inside[m] === 1 || out.includes(m) || !fits(contest, m)) continue;
    put(contest, m);
    added.push(m);
  }
  if (isBetter(worthOf(search, added), worthOf(search, out))) return true;
  for (const m of added) takeOut(contest, m);
  for (const m of out) put(contest, m);
  return false;
}

/** The first contested link that is over where the member is on it, or -1. */
function overAt({ contest }: Search, member: number): number {
  const { members, entries } = contest;
  const to = members.first[member + 1] as number;
  for (let e = members.first[member] as number; e < to; e++)
    if (isOver(contest, entries.link[e] as number)) return entries.link[e] as number;
  return -1;
}

/** Who inside gives least worth for what it takes of a link; the last in the order of equals. -1: nobody. */
function leastOn({ contest }: Search, l: number, but: number): number {
  const { members, entries } = contest;
  let found = -1;
  let least = Number.POSITIVE_INFINITY;
  for (let m = 0; m < members.count; m++) {
    if (members.inside[m] === 0 || m === but) continue;
    const to = members.first[m + 1] as number;
    for (let e = members.first[m] as number; e < to; e++) {
      contest.budget--;
      if (entries.link[e] !== l) continue;
      const worth = (members.value[m] as number) / (entries.takes[e] as number);
      if (worth <= least) {
        least = worth;
        found = m;
      }
    }
  }
  return found;
}

interface Worth {
  readonly value: number;
  readonly cost: number;
}

function worthOf({ contest, cost }: Search, set: readonly number[]): Worth {
  let value = 0;
  let sum = 0;
  for (const m of set) {
    value += contest.members.value[m] as number;
    sum += cost[m] as number;
  }
  return { value, cost: sum };
}

function isBetter(one: Worth, other: Worth): boolean {
  const scale = SAME * Math.max(one.value, other.value);
  if (one.value > other.value + scale) return true;
  return one.value > other.value - scale && one.cost < other.cost - SAME * (1 + other.cost);
}
