// Weighted max-min by progressive filling: raise everybody's level together, and freeze whoever
// meets a link that is full. With limits per phase this is exactly max-min (Bertsekas and Gallager,
// Data Networks, section 6.5.2, with more than one resource for each user).

import type { ConnectorKey } from '@ampledger/kernel';
import type { Candidate } from './problem.js';
import { take } from './rows.js';

export interface Filled {
  readonly limitA: number;
  /** The link that froze it, or -1 when it reached its own maximum. */
  readonly link: number;
}

/** At level L a candidate gets `clamp(share · L, from, maxA)`. */
interface Member {
  readonly candidate: Candidate;
  readonly fromA: number;
}

const at = ({ candidate, fromA }: Member, level: number): number =>
  Math.min(candidate.maxA, Math.max(fromA, candidate.share * level));

/** What is taken off the links before filling begins. */
const startOf = ({ minA, floorA }: Candidate): number => Math.max(minA, floorA);

/** Fills one class. `room` is what the links have left beyond everyone's `fromA`, and is used up. */
export function fill(candidates: readonly Candidate[], room: Float64Array): Map<ConnectorKey, Filled> {
  const filled = new Map<ConnectorKey, Filled>();
  const members = membersByLink(candidates, room);
  const levels = new Map<number, number>();
  for (const [link, list] of members) levels.set(link, saturation(list, link, room));
  for (;;) {
    const link = lowest(levels);
    if (link === -1) break;
    const level = levels.get(link) ?? Number.POSITIVE_INFINITY;
    const frozen = members.get(link) ?? [];
    const touched = new Set<number>();
    for (const member of [...frozen]) {
      const limitA = at(member, level);
      filled.set(member.candidate.key, { limitA, link: limitA >= member.candidate.maxA ? -1 : link });
      take(room, member.candidate, limitA - member.fromA);
      for (const other of member.candidate.links) {
        remove(members, other, member);
        touched.add(other);
      }
    }
    for (const other of touched) {
      const left = members.get(other);
      if (left === undefined || left.length === 0) levels.delete(other);
      else levels.set(other, saturation(left, other, room));
    }
  }
  for (const candidate of candidates) {
    if (filled.has(candidate.key)) continue;
    filled.set(candidate.key, { limitA: candidate.maxA, link: -1 });
    take(room, candidate, Math.max(0, candidate.maxA - startOf(candidate)));
  }
  return filled;
}

/** Who rises on which link; links without a limit freeze nobody and are left out. */
function membersByLink(candidates: readonly Candidate[], room: Float64Array): Map<number, Member[]> {
  const members = new Map<number, Member[]>();
  for (const candidate of candidates) {
    const member = { candidate, fromA: startOf(candidate) };
    if (member.fromA >= candidate.maxA) continue;
    for (const link of candidate.links) {
      if (room[link] === Number.POSITIVE_INFINITY) continue;
      const list = members.get(link);
      if (list) list.push(member);
      else members.set(link, [member]);
    }
  }
  return members;
}

function remove(members: Map<number, Member[]>, link: number, member: Member): void {
  const list = members.get(link);
  const index = list?.indexOf(member) ?? -1;
  if (list && index >= 0) list.splice(index, 1);
}

function lowest(levels: ReadonlyMap<number, number>): number {
  let found = -1;
  let least = Number.POSITIVE_INFINITY;
  for (const [link, level] of levels) {
    if (level < least || (level === least && level !== Number.POSITIVE_INFINITY && link < found)) {
      found = link;
      least = level;
    }
  }
  return found;
}

/** What the link would carry if everybody on it had the maximum. */
function wanted(members: readonly Member[], link: number): number {
  let sum = 0;
  for (const { candidate, fromA } of members) {
    sum += (candidate.weights[candidate.links.indexOf(link)] ?? 0) * (candidate.maxA - fromA);
  }
  return sum;
}

/** The level at which the link is full: a sweep over the points where somebody starts or stops rising. */
function saturation(members: readonly Member[], link: number, room: Float64Array): number {
  if (wanted(members, link) <= (room[link] ?? 0)) return Number.POSITIVE_INFINITY;
  const points: { readonly level: number; readonly slope: number }[] = [];
  for (const { candidate, fromA } of members) {
    const slope = (candidate.weights[candidate.links.indexOf(link)] ?? 0) * candidate.share;
    points.push(
      { level: fromA / candidate.share, slope },
      { level: candidate.maxA / candidate.share, slope: -slope },
    );
  }
  points.sort((a, b) => a.level - b.level);
  let left = Math.max(0, room[link] ?? 0);
  let slope = 0;
  let level = 0;
  for (const point of points) {
    const needed = slope * (point.level - level);
    if (slope > 0 && needed > left) return level + left / slope;
    left -= needed;
    slope += point.slope;
    level = point.level;
  }
  return Number.POSITIVE_INFINITY;
}
