// What the parts of the programme's construction share: the problem's terms, and the rows that columns enter.

import type { PerPhase } from '@ampledger/kernel';
import { intervalsOf } from './by-period.js';
import { type Link, loadOn } from './flows.js';
import type { LpBuilder } from './lp.js';
import type { PlanProblem } from './problem.js';
import type { Prices } from './value.js';

/** Where in the solution what stands; -1: there is none. Expected groups follow the sessions. */
export interface PlanColumns {
  readonly leaves: readonly {
    readonly first: number;
    readonly count: number;
    readonly current: number;
    readonly discharge: number;
  }[];
  readonly battery: { readonly charge: number; readonly discharge: number } | null;
}

export interface Context {
  readonly problem: PlanProblem;
  readonly prices: Prices;
  readonly hours: number;
  /** Costs are multiplied by this. */
  readonly scale: number;
  /** Absolute number of the first period. */
  readonly at: number;
  readonly build: LpBuilder;
  readonly links: readonly Link[];
  readonly above: readonly (readonly number[])[];
  /** By `link * periods + period`: its row, or -1. */
  readonly rowOfLink: Int32Array;
  /** By period: the rows of what flows back and of the peak; or -1. */
  readonly flowRow: Int32Array;
  readonly peakRow: Int32Array;
  readonly intervalLength: Int32Array;
}

/** Entries of one column for drawing (`sign` 1) or feeding (-1) so many kW in a period. */
export function addToFlows(
  { build, flowRow, peakRow, intervalLength }: Context,
  t: number,
  kw: number,
): void {
  const flow = flowRow[t] ?? -1;
  if (flow >= 0) build.entry(flow, kw);
  const peak = peakRow[t] ?? -1;
  if (peak < 0) return;
  build.entry(peak, kw / (intervalLength[t] ?? 1));
}

/** By period: over how many the mean of its demand interval is. */
export function intervalLengths(at: number, { demand, periods }: PlanProblem): Int32Array {
  const lengths = new Int32Array(periods).fill(1);
  if (demand === null) return lengths;
  for (const { from, to, length } of intervalsOf(at, periods, demand)) lengths.fill(length, from, to);
  return lengths;
}

/** Entries of one column for an ampere (or, of the battery, a kilowatt) at a node, in all links above it. */
export function addToLinks(
  { build, links, above, rowOfLink, problem }: Context,
  load: { readonly node: number; readonly perA: PerPhase; readonly kwPerA: number },
  side: Link['side'],
  t: number,
): void {
  for (const i of above[load.node] ?? []) {
    const link = links[i];
    const row = rowOfLink[i * problem.periods + t] ?? -1;
    if (row < 0 || link === undefined || link.side !== side) continue;
    const factor = loadOn(link, load.perA, load.kwPerA);
    if (factor !== 0) build.entry(row, factor);
  }
}
