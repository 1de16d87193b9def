// Progressive filling as one would first write it: at every step all links are summed again, everybody
// rises to the next event, and who meets a full link stops. Quadratic; the yardstick of `solve`.

import type { NetworkArrays } from '../../optimizer/src/solver/index.js';

const KINDS = 10;
const PHASES = 3;
/** A link is full from this part of its limit below it. */
const FULL = 1e-12;

/** Amperes by leaf; phases only, one class. Events are counted for the report. */
export function fillNaively({ parent, limit, leaf }: NetworkArrays): {
  limitA: Float64Array;
  events: number;
} {
  const limitA = Float64Array.from(leaf.minA);
  const open = new Uint8Array(limitA.length).map((_, i) =>
    (leaf.maxA[i] ?? 0) > (leaf.minA[i] ?? 0) ? 1 : 0,
  );
  const links = Array.from(limitA, (_, i) => linksOf(parent, leaf, i));
  const carried = new Float64Array(parent.length * KINDS);
  const slope = new Float64Array(parent.length * KINDS);
  let level = 0;
  for (let events = 0; ; events++) {
    carried.fill(0);
    slope.fill(0);
    let next = Number.POSITIVE_INFINITY;
    for (let i = 0; i < limitA.length; i++) {
      const weight = leaf.weight[i] ?? 1;
      const got = limitA[i] ?? 0;
      const rises = open[i] === 1 && weight * level >= got * (1 - FULL);
      if (open[i] === 1) next = Math.min(next, (rises ? (leaf.maxA[i] ?? 0) : got) / weight);
      for (const link of links[i] ?? []) {
        carried[link] = (carried[link] ?? 0) + got;
        if (rises) slope[link] = (slope[link] ?? 0) + weight;
      }
    }
    const full = new Set<number>();
    for (let link = 0; link < carried.length; link++) {
      const room = (limit[link] ?? 0) - (carried[link] ?? 0);
      if (room <= FULL * (limit[link] ?? 0)) full.add(link);
      else if ((slope[link] ?? 0) > 0) next = Math.min(next, level + room / (slope[link] ?? 1));
    }
    const stopped = stop(open, links, full);
    if (!open.includes(1)) return { limitA, events };
    if (stopped) continue;
    level = next;
    for (let i = 0; i < limitA.length; i++) {
      if (open[i] === 0) continue;
      const most = leaf.maxA[i] ?? 0;
      limitA[i] = Math.min(most, Math.max(limitA[i] ?? 0, (leaf.weight[i] ?? 1) * level));
      if ((limitA[i] ?? 0) >= most * (1 - FULL)) open[i] = 0;
    }
  }
}

function linksOf(parent: ArrayLike<number>, leaf: NetworkArrays['leaf'], i: number): readonly number[] {
  const links: number[] = [];
  for (let node = leaf.node[i] ?? -1; node >= 0; node = parent[node] ?? -1) {
    for (let phase = 0; phase < PHASES; phase++)
      if (((leaf.phases[i] ?? 0) & (1 << phase)) !== 0) links.push(node * KINDS + phase);
  }
  return links;
}

/** Whether anybody who was still rising stops at one of the full links. */
function stop(open: Uint8Array, links: readonly (readonly number[])[], full: ReadonlySet<number>): boolean {
  if (full.size === 0) return false;
  let any = false;
  for (let i = 0; i < open.length; i++) {
    if (open[i] === 0 || !links[i]?.some((link) => full.has(link))) continue;
    open[i] = 0;
    any = true;
  }
  return any;
}
