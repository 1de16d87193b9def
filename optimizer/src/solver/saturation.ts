// One link on its own: what it carries at a level, and the highest level at which it is not over.

import { lineCurrent, lineRoom, primaryCurrent, primaryRoom, type Rise } from './lines.js';
import { firstLeg, KIND, KINDS, middleLeg, type Network, SUMS, secondLeg } from './network.js';
import { FOUND, LEGS, type Scratch } from './scratch.js';

/** A link counts as full from this part of its limit below it: rounding of long sums, not room. */
export const FULL = 1e-12;
const STEPS_MAX = 200;

/**
 * Writes into `found` what the link carries at `level`, how fast that rises, and its most. `reached`
 * says that everybody who is still open has come to this level, and not only in thought.
 */
export function measure(
  network: Network,
  scratch: Scratch,
  link: number,
  level: number,
  reached: boolean,
): void {
  const node = Math.floor(link / KINDS);
  const kind = link - node * KINDS;
  if (kind <= KIND.watts) measureSum(scratch, node * SUMS + kind, level, reached);
  else if (kind < KIND.primaryA) measureLine(network, scratch, link, level, reached);
  else measurePrimary(network, scratch, link, level, reached);
}

/** What a link may carry now: of a primary line that is full, its free leg alone. */
export function limitNow(network: Network, scratch: Scratch, link: number): number {
  return (scratch.freeOf[link] as number) < 0
    ? (network.limit[link] as number)
    : (scratch.freeA[link] as number);
}

/**
 * The innermost loop of all, long because calls in it cost more than the arithmetic. Members that
 * are settled are left out of the list on the way, so that a link is measured in the time that its
 * open members need.
 */
function measureSum(scratch: Scratch, sum: number, level: number, reached: boolean): void {
  const { weight, low, high, watts, found, base, from, to } = scratch;
  const { members } = scratch.pool;
  const byWatts = sum % SUMS === KIND.watts;
  const end = to[sum] as number;
  let keep = from[sum] as number;
  let settled = 0;
  let current = 0;
  let most = 0;
  let slope = 0;
  let pending = 0;
  let start = Number.POSITIVE_INFINITY;
  for (let k = keep; k < end; k++) {
    const at = members[k] as number;
    const lowA = low[at] as number;
    const highA = high[at] as number;
    const perA = byWatts ? (watts[at] as number) : 1;
    if (lowA >= highA) {
      settled += perA * lowA;
      continue;
    }
    const w = weight[at] as number;
    const risen = w * level;
    if (risen >= highA) {
      if (reached) {
        low[at] = highA;
        settled += perA * highA;
        continue;
      }
      current += perA * highA;
    } else if (risen < lowA) {
      current += perA * lowA;
      pending += perA * w;
      if (lowA < start * w) start = lowA / w;
    } else {
      current += perA * risen;
      slope += perA * w;
    }
    most += perA * highA;
    members[keep++] = at;
  }
  to[sum] = keep;
  const fixed = (base[sum] as number) + settled;
  base[sum] = fixed;
  found[FOUND.current] = fixed + current;
  found[FOUND.slope] = slope;
  found[FOUND.most] = fixed + most;
  found[FOUND.pending] = pending;
  found[FOUND.start] = start;
}

/**
 * Along a line the slope is that of the chord to the level at which the line is full while its legs rise
 * as they do now (a quadratic), so that one step gets there.
 */
function measureLine(
  network: Network,
  scratch: Scratch,
  link: number,
  level: number,
  reached: boolean,
): void {
  const { found, legs } = scratch;
  const node = Math.floor(link / KINDS);
  const kind = link - node * KINDS;
  measureSum(scratch, node * SUMS + firstLeg(kind), level, reached);
  keepLeg(scratch, 0);
  measureSum(scratch, node * SUMS + secondLeg(kind), level, reached);
  keepLeg(scratch, 2);
  const limit = network.limit[link] as number;
  const { x, z, dx, dz } = riseOf(legs);
  const current = lineCurrent(x, z);
  const chord = (limit - current) / lineRoom(riseOf(legs), limit);
  found[FOUND.current] = current;
  found[FOUND.slope] = chord > 0 ? chord : lineCurrent(dx, dz);
  found[FOUND.most] = lineCurrent(legs[LEG.most] as number, legs[2 * LEGS + LEG.most] as number);
  found[FOUND.pending] = (legs[LEG.pending] as number) + (legs[2 * LEGS + LEG.pending] as number);
  found[FOUND.start] = Math.min(legs[LEG.start] as number, legs[2 * LEGS + LEG.start] as number);
}

/** As `measureLine`, over three legs; where only the free leg still rises, it is a sum like any other. */
function measurePrimary(
  network: Network,
  scratch: Scratch,
  link: number,
  level: number,
  reached: boolean,
): void {
  const { found, legs } = scratch;
  const node = Math.floor(link / KINDS);
  const kind = link - node * KINDS;
  const free = scratch.freeOf[link] as number;
  if (free >= 0) {
    measureSum(scratch, node * SUMS + free, level, reached);
    return;
  }
  measureSum(scratch, node * SUMS + firstLeg(kind), level, reached);
  keepLeg(scratch, 0);
  measureSum(scratch, node * SUMS + middleLeg(kind), level, reached);
  keepLeg(scratch, 1);
  measureSum(scratch, node * SUMS + secondLeg(kind), level, reached);
  keepLeg(scratch, 2);
  const limit = network.limit[link] as number;
  const rise = riseOf(legs);
  const current = primaryCurrent(rise.x, rise.y, rise.z);
  const chord = (limit - current) / primaryRoom(rise, limit);
  found[FOUND.current] = current;
  found[FOUND.slope] = chord > 0 ? chord : primaryCurrent(rise.dx, rise.dy, rise.dz);
  found[FOUND.most] = primaryCurrent(
    legs[LEG.most] as number,
    legs[LEGS + LEG.most] as number,
    legs[2 * LEGS + LEG.most] as number,
  );
  found[FOUND.pending] =
    (legs[LEG.pending] as number) +
    (legs[LEGS + LEG.pending] as number) +
    (legs[2 * LEGS + LEG.pending] as number);
  found[FOUND.start] = Math.min(
    legs[LEG.start] as number,
    legs[LEGS + LEG.start] as number,
    legs[2 * LEGS + LEG.start] as number,
  );
}

/** What was found of a leg, in the order of `FOUND`. */
const LEG = FOUND;

function keepLeg({ found, legs }: Scratch, leg: number): void {
  for (let k = 0; k < LEGS; k++) legs[leg * LEGS + k] = found[k] as number;
}

const riseOf = (legs: Float64Array): Rise => ({
  x: legs[LEG.current] as number,
  y: legs[LEGS + LEG.current] as number,
  z: legs[2 * LEGS + LEG.current] as number,
  dx: legs[LEG.slope] as number,
  dy: legs[LEGS + LEG.slope] as number,
  dz: legs[2 * LEGS + LEG.slope] as number,
});

/**
 * From what `found` says of a link that is not full at `level`, a higher level at which it is surely not
 * over its limit either; Infinity when it never is. A step along the piece never goes too far
 * when nobody begins to rise on the way: maxima only make the link slower.
 */
export function nextLevel(network: Network, scratch: Scratch, link: number, level: number): number {
  const { found } = scratch;
  const limit = limitNow(network, scratch, link);
  if ((found[FOUND.most] as number) <= limit) return Number.POSITIVE_INFINITY;
  const slope = found[FOUND.slope] as number;
  const start = found[FOUND.start] as number;
  const left = limit - (found[FOUND.current] as number);
  if (left < slope * (start - level)) return level + left / slope;
  const pending = found[FOUND.pending] as number;
  // Nobody rises and nobody will: the most is over the limit by rounding only.
  if (slope + pending === 0) return Number.POSITIVE_INFINITY;
  if (pending > slope || link % KINDS > KIND.watts) return saturation(network, scratch, link, level);
  return start + (left - slope * (start - level)) / (slope + pending);
}

/**
 * The highest level from `from` on at which the link carries no more than its limit, as the open
 * members are now; Infinity when it never is over. Newton's steps on a function that is linear in pieces,
 * kept between a level below and one above; they end on the piece itself.
 */
function saturation(network: Network, scratch: Scratch, link: number, from: number): number {
  const { found } = scratch;
  const limit = limitNow(network, scratch, link);
  const room = FULL * limit;
  const bracket: Bracket = {
    below: from,
    belowAt: found[FOUND.current] as number,
    above: Number.POSITIVE_INFINITY,
    aboveAt: Number.POSITIVE_INFINITY,
  };
  let level = from;
  for (let step = 0; step < STEPS_MAX; step++) {
    const slope = found[FOUND.slope] as number;
    const left = limit - (found[FOUND.current] as number);
    let next = slope > 0 ? level + left / slope : Number.NaN;
    if (!(next > bracket.below && next < bracket.above)) next = inside(bracket, limit, found, step);
    if (!(next > bracket.below && next < bracket.above)) return bracket.below;
    level = next;
    measure(network, scratch, link, level, false);
    const current = found[FOUND.current] as number;
    if (Math.abs(limit - current) <= room) return level;
    if (current <= limit) {
      bracket.below = level;
      bracket.belowAt = current;
    } else {
      bracket.above = level;
      bracket.aboveAt = current;
    }
  }
  return bracket.below;
}

interface Bracket {
  below: number;
  belowAt: number;
  above: number;
  aboveAt: number;
}

/** A level inside the bracket where Newton's step leaves it. */
function inside(bracket: Bracket, limit: number, found: Float64Array, step: number): number {
  const { below, belowAt, above, aboveAt } = bracket;
  if (above === Number.POSITIVE_INFINITY) {
    // Nobody rises here: on to the first who does. Rounding may put that at the level itself.
    return Math.max(found[FOUND.start] as number, below * (1 + Number.EPSILON), Number.MIN_VALUE);
  }
  // The chord, and every fourth time the middle: the chord alone may creep.
  if (step % 4 === 3) return below + (above - below) / 2;
  return below + ((above - below) * (limit - belowAt)) / (aboveAt - belowAt);
}
