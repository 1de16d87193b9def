// A run of candidates who do not all fit: only the links that would be over if all of them got in matter,
// and each candidate meets few of those. Everything below works on that small table.

import { carriedOf } from '../solver/lines.js';
import { KIND, KINDS, type Network, SUMS, uses } from '../solver/network.js';
import { boundOf, perAmpere, withPhases } from './ledger.js';

/** By contested link: where it stands in the network, and what it can carry. */
interface ContestedLinks {
  count: number;
  /** By node: a bit for each of its contested kinds. */
  readonly kindsOf: Uint32Array;
  /** By link of the network: its number in the contest, where the node's bit says that it has one. */
  readonly numberOf: Int32Array;
  link: Int32Array;
  bound: Float64Array;
  /** By contested link and sum: how fast the link's current rises with it, near the limit. */
  gradient: Float64Array;
  /** What is left on the link for the run, in the gradient's measure. */
  room: Float64Array;
  /** By contested link: what a plain sum carries now. */
  load: Float64Array;
  /** By contested link and leg: what the legs of a line carry now. */
  legs: Float64Array;
}

/** By member of the run: in the order given, without those who do not fit even alone. */
interface Members {
  count: number;
  leaf: Int32Array;
  phases: Uint8Array;
  amperes: Float64Array;
  value: Float64Array;
  /** 1: in. */
  inside: Uint8Array;
  /** Its entries are `first[member]..first[member + 1]`. */
  first: Int32Array;
}

/** A member on a contested link. */
interface Entries {
  link: Int32Array;
  /** What the member takes of the link, in the gradient's measure, and which part of its room that is. */
  takes: Float64Array;
  part: Float64Array;
}

export interface Contest {
  readonly links: ContestedLinks;
  readonly members: Members;
  readonly entries: Entries;
  /** Entries that may still be looked at before the search has to end: the bound on its work. */
  budget: number;
}

const NUMBERS = new Float64Array(0);
const WHOLE = new Int32Array(0);
const BYTES = new Uint8Array(0);

export const createContest = (network: Network): Contest => ({
  links: {
    count: 0,
    kindsOf: new Uint32Array(network.nodes),
    numberOf: new Int32Array(network.nodes * KINDS),
    link: WHOLE,
    bound: NUMBERS,
    gradient: NUMBERS,
    room: NUMBERS,
    load: NUMBERS,
    legs: NUMBERS,
  },
  members: {
    count: 0,
    leaf: WHOLE,
    phases: BYTES,
    amperes: NUMBERS,
    value: NUMBERS,
    inside: BYTES,
    first: WHOLE,
  },
  entries: { link: WHOLE, takes: NUMBERS, part: NUMBERS },
  budget: 0,
});

/** What a contest is about. */
export interface Run {
  readonly network: Network;
  /** By node and sum: what is taken, and what the run asks for. */
  readonly carried: Float64Array;
  readonly asked: Float64Array;
  readonly leaves: Int32Array;
  /** By leaf. */
  readonly amperes: Float64Array;
  readonly value: ArrayLike<number>;
}

/** Numbers the links that a run is over with all of it in. */
export function openLinks({ links }: Contest, run: Run, contested: readonly number[]): void {
  const { network, carried } = run;
  const count = contested.length;
  links.count = count;
  links.link = Int32Array.from(contested);
  links.bound = new Float64Array(count);
  links.room = new Float64Array(count);
  links.gradient = new Float64Array(count * SUMS);
  links.load = new Float64Array(count);
  links.legs = new Float64Array(count * SUMS);
  links.kindsOf.fill(0);
  for (let l = 0; l < count; l++) {
    const link = contested[l] as number;
    const node = Math.floor(link / KINDS);
    const kind = link - node * KINDS;
    const limit = network.limit[link] as number;
    links.kindsOf[node] = (links.kindsOf[node] as number) | (1 << kind);
    links.numberOf[link] = l;
    links.bound[l] = boundOf(limit);
    writeGradient(links.gradient, l, run, link);
    let room = limit;
    for (let sum = 0; sum < SUMS; sum++)
      room -= (links.gradient[l * SUMS + sum] as number) * (carried[node * SUMS + sum] as number);
    links.room[l] = room;
    if (kind <= KIND.watts) links.load[l] = carried[node * SUMS + kind] as number;
    for (let leg = 0; leg < KIND.watts; leg++)
      links.legs[l * SUMS + leg] = carried[node * SUMS + leg] as number;
  }
}

/**
 * All kinds are convex and grow in proportion, so the tangent where the run, scaled down, just fills the link
 * never asks for more than the link itself; only prices use it, what fits is always asked of the link.
 */
function writeGradient(gradient: Float64Array, l: number, { carried, asked }: Run, link: number): void {
  const node = Math.floor(link / KINDS);
  const kind = link - node * KINDS;
  if (kind <= KIND.watts) {
    gradient[l * SUMS + kind] = 1;
    return;
  }
  const total = [0, 1, 2].map(
    (leg) => (carried[node * SUMS + leg] as number) + (asked[node * SUMS + leg] as number),
  );
  const here = carriedOf(total, 0, kind);
  const step = 1e-6 * here;
  for (let leg = 0; leg < total.length; leg++) {
    const further = total.map((amperes, k) => (k === leg ? amperes + step : amperes));
    gradient[l * SUMS + leg] = (carriedOf(further, 0, kind) - here) / step;
  }
}

/** Whether a leaf meets a contested link. */
export function meetsContested({ links }: Contest, network: Network, leaf: number): boolean {
  const phases = network.phases[leaf] as number;
  for (let node = network.node[leaf] as number; node >= 0; node = network.parent[node] as number) {
    const kinds = links.kindsOf[node] as number;
    if (kinds === 0) continue;
    for (let kind = 0; kind < KINDS; kind++)
      if ((kinds & (1 << kind)) !== 0 && uses(phases, kind)) return true;
  }
  return false;
}

/** Fills the tables of members and entries; `openLinks` comes before. */
export function openMembers(contest: Contest, { network, leaves, amperes, value }: Run): void {
  const { members } = contest;
  const most = leaves.length;
  members.leaf = new Int32Array(most);
  members.phases = new Uint8Array(most);
  members.amperes = new Float64Array(most);
  members.value = new Float64Array(most);
  members.first = new Int32Array(most + 1);
  members.count = 0;
  for (const leaf of leaves) {
    const m = members.count;
    members.leaf[m] = leaf;
    members.phases[m] = network.phases[leaf] as number;
    members.amperes[m] = amperes[leaf] as number;
    members.value[m] = value[leaf] as number;
    members.first[m + 1] = writeEntries(contest, network, m);
    if (fits(contest, m)) members.count = m + 1;
  }
  members.inside = new Uint8Array(members.count);
}

/** Writes a member's entries, nearest first, and returns where they end. */
function writeEntries({ links, members, entries }: Contest, network: Network, m: number): number {
  const leaf = members.leaf[m] as number;
  const phases = members.phases[m] as number;
  let at = members.first[m] as number;
  for (let node = network.node[leaf] as number; node >= 0; node = network.parent[node] as number) {
    const kinds = links.kindsOf[node] as number;
    if (kinds === 0) continue;
    if (at + KINDS > entries.link.length) growEntries(entries, at + KINDS);
    for (let kind = 0; kind < KINDS; kind++) {
      if ((kinds & (1 << kind)) === 0 || !uses(phases, kind)) continue;
      const l = links.numberOf[node * KINDS + kind] as number;
      let perA = 0;
      for (let sum = 0; sum < SUMS; sum++)
        perA += (links.gradient[l * SUMS + sum] as number) * perAmpere(network, leaf, sum);
      const takes = perA * (members.amperes[m] as number);
      entries.link[at] = l;
      entries.takes[at] = takes;
      entries.part[at] = takes / (links.room[l] as number);
      at++;
    }
  }
  return at;
}

/** The tables stay as large as they once had to be. */
function growEntries(entries: Entries, least: number): void {
  const size = 2 * least;
  const link = new Int32Array(size);
  link.set(entries.link);
  entries.link = link;
  const takes = new Float64Array(size);
  takes.set(entries.takes);
  entries.takes = takes;
  const part = new Float64Array(size);
  part.set(entries.part);
  entries.part = part;
}

/** Whether a member that is outside fits beside those who are in. */
export function fits(contest: Contest, member: number): boolean {
  const { links, members, entries } = contest;
  const from = members.first[member] as number;
  const to = members.first[member + 1] as number;
  for (let e = from; e < to; e++) {
    const l = entries.link[e] as number;
    const after = isSum(links, l)
      ? (links.load[l] as number) + (entries.takes[e] as number)
      : lineAfter(contest, member, l);
    if (after > (links.bound[l] as number)) {
      contest.budget -= e - from + 1;
      return false;
    }
  }
  contest.budget -= to - from;
  return true;
}

const isSum = (links: ContestedLinks, l: number): boolean => (links.link[l] as number) % KINDS <= KIND.watts;

function lineAfter({ links, members }: Contest, member: number, l: number): number {
  const phases = members.phases[member] as number;
  const amperes = members.amperes[member] as number;
  return carriedOf(withPhases(links.legs, l * SUMS, phases, amperes), 0, (links.link[l] as number) % KINDS);
}

/** Whether a contested link is over with those who are in. */
export function isOver({ links }: Contest, l: number): boolean {
  if (isSum(links, l)) return (links.load[l] as number) > (links.bound[l] as number);
  return carriedOf(links.legs, l * SUMS, (links.link[l] as number) % KINDS) > (links.bound[l] as number);
}

export function put(contest: Contest, member: number): void {
  contest.members.inside[member] = 1;
  move(contest, member, 1);
}

export function takeOut(contest: Contest, member: number): void {
  contest.members.inside[member] = 0;
  move(contest, member, -1);
}

function move({ links, members, entries }: Contest, member: number, sign: 1 | -1): void {
  const amperes = sign * (members.amperes[member] as number);
  const phases = members.phases[member] as number;
  const to = members.first[member + 1] as number;
  for (let e = members.first[member] as number; e < to; e++) {
    const l = entries.link[e] as number;
    links.load[l] = (links.load[l] as number) + sign * (entries.takes[e] as number);
    if (isSum(links, l)) continue;
    for (let leg = 0; leg < KIND.watts; leg++) {
      if ((phases & (1 << leg)) === 0) continue;
      const at = l * SUMS + leg;
      links.legs[at] = (links.legs[at] as number) + amperes;
    }
  }
}
