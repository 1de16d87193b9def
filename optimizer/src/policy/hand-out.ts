// What a cluster has now, among its cars. Each has an aim until it leaves (horizon.ts); now comes first who can
// wait least and still reach it: least laxity first, which reaches all aims that can be reached
// together (Dertouzos and Mok 1989, for jobs that are all there). Not strictly, but as a level of
// laxity: who is a quarter of an hour above it has nothing and who is at it has the most, so that small
// changes of needs make small changes of limits.

import type { Network } from '../solver/network.js';
import { aims, type Stay } from './horizon.js';
import type { Estimate } from './needs.js';

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
  const { network, leaves, lowA, highA, known } = cluster;
  if (leaves.length < 2) return;
  let total = 0;
  let most = 0;
  for (const leaf of leaves) {
    total += limitA[leaf] as number;
    most += highA[leaf] as number;
  }
  if (total >= most) return;
  const stays = leaves.map((leaf): Stay => {
    const hours = known.hours[leaf] as number;
    return {
      mostA: highA[leaf] as number,
      hours,
      needAh: known.needAh[leaf] as number,
      hadAh: known.hadAh[leaf] as number,
      weight: network.weight[leaf] as number,
    };
  });
  const aim = aims(stays, total);
  const laxity = stays.map(({ hours, mostA }, i) => hours - (aim[i] as number) / mostA);
  const wanted = leaves.map((leaf, i) => {
    const useful = Math.min(highA[leaf] as number, (aim[i] as number) / SHORTEST_HOURS);
    return Math.max(lowA[leaf] as number, useful);
  });
  const asked = wanted.reduce((sum, a) => sum + a, 0);
  if (asked > total) {
    share(total, limitA, leaves, (level, i) => {
      const part = 1 + (level - (laxity[i] as number)) / SOFT_HOURS;
      return clamp(part * (stays[i] as Stay).mostA, lowA[leaves[i] as number] as number, wanted[i] as number);
    });
  } else {
    share(total, limitA, leaves, (level, i) =>
      Math.min(highA[leaves[i] as number] as number, Math.max(wanted[i] as number, level)),
    );
  }
}

/** What an aim asks of the present at most: a limit holds for minutes. */
const SHORTEST_HOURS = 1 / 12;

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

type LimitAt = (level: number, i: number) => number;

/** Finds the level whose limits, which rise with it, add up to the total. */
function share(total: number, limitA: Float64Array, leaves: readonly number[], at: LimitAt): void {
  const sumAt = (level: number): number => leaves.reduce((sum, _, i) => sum + at(level, i), 0);
  let [low, high] = [-1, 1];
  while (sumAt(low) > total && low > -LEVEL_MAX) low *= 2;
  while (sumAt(high) < total && high < LEVEL_MAX) high *= 2;
  for (let k = 0; k < 60; k++) {
    const middle = (low + high) / 2;
    if (sumAt(middle) > total) high = middle;
    else low = middle;
  }
  leaves.forEach((leaf, i) => {
    limitA[leaf] = at(low, i);
  });
}

const LEVEL_MAX = 1e9;
