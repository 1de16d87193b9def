// The rows that many columns share: links, what flows back, and the peak; each only in the periods in which it could
// hold anything back. Fewer rows, fewer iterations.

import { intervalsOf } from './by-period.js';
import { baseKw, batteryPerKw, type Leaf, type Link, loadOn } from './flows.js';
import type { LpBuilder } from './lp.js';
import type { PlanProblem } from './problem.js';
import type { Prices } from './value.js';

const INFINITE = Number.POSITIVE_INFINITY;

/** What the rows are made of. */
export interface RowTerms {
  readonly problem: PlanProblem;
  readonly prices: Prices;
  readonly leaves: readonly Leaf[];
  readonly build: LpBuilder;
  /** Absolute number of the first period. */
  readonly at: number;
}

/** A row for each link and period in which what hangs below could exceed it. */
export function linkRows(
  { problem, leaves, build, at }: RowTerms,
  links: readonly Link[],
  above: readonly (readonly number[])[],
): Int32Array {
  const { periods } = problem;
  const most = new Float64Array(links.length * periods);
  const add = (link: number, t: number, load: number): void => {
    most[link * periods + t] = (most[link * periods + t] ?? 0) + load;
  };
  for (const leaf of leaves) {
    for (const i of above[leaf.node] ?? []) {
      const link = links[i];
      if (link === undefined) continue;
      // On unbalance a car may also make room, but nobody has to be there.
      const load = Math.max(0, loadOn(link, leaf.perA, leaf.kwPerA));
      const currents = link.side === 'import' ? leaf.maxA : leaf.v2x?.maxDischargeA;
      currents?.forEach((a, k) => {
        add(i, leaf.first + k, load * a);
      });
    }
  }
  const { battery } = problem;
  const batteryNode = problem.nodes.findIndex(({ id }) => id === battery?.node);
  for (const i of above[batteryNode] ?? []) {
    const link = links[i];
    if (link === undefined || battery === null) continue;
    const load = loadOn(link, batteryPerKw(problem.voltageV), 1);
    const kw = (link.side === 'import' ? battery.chargeW : battery.dischargeW) / 1000;
    for (let t = 0; t < periods; t++) add(i, t, load * kw);
  }
  const rowOf = new Int32Array(most.length).fill(-1);
  links.forEach((link, i) => {
    addRuns({ build, at }, link.key, periods, (t) => {
      const room = link.room[t] ?? INFINITE;
      if ((most[i * periods + t] ?? 0) <= room) return false;
      rowOf[i * periods + t] = build.row(-INFINITE, room);
      return true;
    });
  });
  return rowOf;
}

/** Calls `add` for each period and names each run of rows that it added. */
function addRuns(
  { build, at }: Pick<RowTerms, 'build' | 'at'>,
  key: string,
  periods: number,
  add: (t: number) => boolean,
): void {
  let first = build.rows;
  let from = 0;
  for (let t = 0; t < periods; t++) {
    if (add(t)) continue;
    build.nameRows(key, at + from, first);
    first = build.rows;
    from = t + 1;
  }
  build.nameRows(key, at + from, first);
}

/** Between what and what the site's flow can lie, kW by period. */
export function flowRanges({ problem, leaves }: RowTerms) {
  const lowest = baseKw(problem);
  const highest = lowest.slice();
  for (const { first, kwPerA, presence, maxA, v2x } of leaves) {
    presence.forEach((share, k) => {
      const t = first + k;
      highest[t] = (highest[t] ?? 0) + kwPerA * share * (maxA[k] ?? 0);
      lowest[t] = (lowest[t] ?? 0) - kwPerA * share * (v2x?.maxDischargeA[k] ?? 0);
    });
  }
  const { battery } = problem;
  return {
    lowest: lowest.map((kw) => kw - (battery?.dischargeW ?? 0) / 1000),
    highest: highest.map((kw) => kw + (battery?.chargeW ?? 0) / 1000),
  };
}

/** `managed + flows back >= photovoltaics - unmanaged`, where anything can flow back and it matters. */
export function flowRows({ problem, prices, build, at }: RowTerms, lowest: Float64Array): Int32Array {
  const base = baseKw(problem);
  const rows = new Int32Array(problem.periods).fill(-1);
  addRuns({ build, at }, 'flow', problem.periods, (t) => {
    if ((lowest[t] ?? 0) >= 0 || (prices.loss[t] ?? 0) <= 0) return false;
    rows[t] = build.row(-(base[t] ?? 0), INFINITE);
    return true;
  });
  return rows;
}

/** `mean of managed - peak <= -mean of (unmanaged - photovoltaics)`, where the month's peak can be exceeded. */
export function peakRows({ problem, build, at }: RowTerms, highest: Float64Array): Int32Array {
  const { demand, periods } = problem;
  const rows = new Int32Array(periods).fill(-1);
  if (demand === null || demand.perKw <= 0) return rows;
  const base = baseKw(problem);
  for (const { from, to, length, flowedKw } of intervalsOf(at, periods, demand)) {
    const mean = (of: Float64Array): number =>
      flowedKw + of.subarray(from, to).reduce((sum, kw) => sum + kw, 0) / length;
    if (mean(highest) <= demand.peakSoFarW / 1000) continue;
    const first = build.rows;
    rows.fill(build.row(-INFINITE, -mean(base)), from, to);
    build.nameRows('peak', at + from, first);
  }
  return rows;
}
