// What a cluster has now, among its cars. Each has an aim until it leaves (horizon.ts); now comes first who can
// wait least and still reach it: least laxity first, which reaches all aims that can be reached
// together (Dertouzos and Mok 1989, for jobs that are all there). Not strictly, but as a level of
// laxity: who is a quarter of an hour above it has nothing and who is at it has the most, so that small
// changes of needs make small changes of limits.

import type { Network } from '../solver/network.js';
import { aims, type Stays } from './horizon.js';
import type { Estimate } from './needs.js';
import { take } from './take.js';

const SOFT_HOURS = 0.25;

interface Cluster {
  readonly network: Network;
  readonly leaves: readonly number[];
  readonly lowA: Float64Array;
  readonly highA: Float64Array;
  readonly known: Estimate;
}

/** Changes `limitA` of the cluster's leaves: the sum stays. */
export function handOut(cluster: Cluster, limitA: Float64Array): void {
  const { network, leaves, highA, known } = cluster;
  if (leaves.length < 2) return;
  let total = 0;
  let most = 0;
  for (const leaf of leaves) {
    total += limitA[leaf] as number;
    most += highA[leaf] as number;
  }
  if (total >= most) return;
  const stays = {
    mostA: take(highA, leaves),
    hours: take(known.hours, leaves),
    needAh: take(known.needAh, leaves),
    hadAh: take(known.hadAh, leaves),
    weight: take(network.weight, leaves),
  };
  const aim = aims(stays, total);
  const parts = partsOf(cluster, stays, aim);
  let asked = 0;
  for (const wanted of parts.wanted) asked += wanted;
  const sumAt = asked > total ? sumByLaxity : sumAbove;
  const level = levelOf(total, (at) => sumAt(parts, at));
  sumAt(parts, level);
  leaves.forEach((leaf, i) => {
    limitA[leaf] = parts.given[i] as number;
  });
}

/** By car of the cluster, A where not said otherwise. */
interface Parts {
  /** Hours. */
  readonly laxity: Float64Array;
  readonly most: Float64Array;
  readonly low: Float64Array;
  readonly wanted: Float64Array;
  /** What a level gives. */
  readonly given: Float64Array;
}

function partsOf({ leaves, lowA }: Cluster, { hours, mostA }: Stays, aim: Float64Array): Parts {
  const low = take(lowA, leaves);
  const useful = (most: number, i: number): number => Math.min(most, (aim[i] as number) / SHORTEST_HOURS);
  return {
    laxity: hours.map((h, i) => h - (aim[i] as number) / (mostA[i] as number)),
    most: mostA,
    low,
    wanted: mostA.map((most, i) => Math.max(low[i] as number, useful(most, i))),
    given: new Float64Array(leaves.length),
  };
}

/** Who is a quarter of an hour above the level has nothing, who is at it has all that it wants. Writes `given`. */
function sumByLaxity({ laxity, most, low, wanted, given }: Parts, level: number): number {
  let sum = 0;
  for (let i = 0; i < given.length; i++) {
    const part = 1 + (level - (laxity[i] as number)) / SOFT_HOURS;
    const amperes = clamp(part * (most[i] as number), low[i] as number, wanted[i] as number);
    given[i] = amperes;
    sum += amperes;
  }
  return sum;
}

/** All have what they want, and the level where that is more. Writes `given`. */
function sumAbove({ most, wanted, given }: Parts, level: number): number {
  let sum = 0;
  for (let i = 0; i < given.length; i++) {
    const amperes = Math.min(most[i] as number, Math.max(wanted[i] as number, level));
    given[i] = amperes;
    sum += amperes;
  }
  return sum;
}

/** What an aim asks of the present at most: a limit holds for minutes. */
const SHORTEST_HOURS = 1 / 12;

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

/** The level at which limits, which rise with it, add up to the total. */
function levelOf(total: number, sumAt: (level: number) => number): number {
  let [low, high] = [-1, 1];
  while (sumAt(low) > total && low > -LEVEL_MAX) low *= 2;
  while (sumAt(high) < total && high < LEVEL_MAX) high *= 2;
  for (let k = 0; k < HALVINGS; k++) {
    const middle = (low + high) / 2;
    // Nothing lies between them any more.
    if (middle === low) break;
    if (sumAt(middle) > total) high = middle;
    else low = middle;
  }
  return low;
}

const HALVINGS = 60;
const LEVEL_MAX = 1e9;
