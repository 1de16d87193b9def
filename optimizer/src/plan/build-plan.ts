// The linear programme of a plan. Columns: a session's current in each period of its stay, and steps for what
// it falls short of; feeding back and the level of a storage where there is one; what flows back to the grid; the
// month's peak. Rows: a session's energy; a link in a period where its leaves could exceed it at all; levels.
// An inequality wherever one will do, no sums as columns of their own: that is what makes it fast to solve.

import { addBattery } from './build-battery.js';
import { type Context, intervalLengths, type PlanColumns } from './build-context.js';
import { addLeaf } from './build-leaves.js';
import { flowRanges, flowRows, linkRows, peakRows } from './build-rows.js';
import { planTree } from './by-period.js';
import { checkProblem } from './check-problem.js';
import { leavesOf, linksAbove, linksOf } from './flows.js';
import { createLpBuilder, type SparseLp } from './lp.js';
import type { PlanProblem } from './problem.js';
import { pricesOf } from './value.js';

const INFINITE = Number.POSITIVE_INFINITY;
/** The reference price as the solver sees it: its tolerances are absolute, and the hair must stand above them. */
const REFERENCE_COST = 50;

export interface PlanLp {
  readonly lp: SparseLp;
  readonly columns: PlanColumns;
}

/**
 * Builds the programme. Costs are scaled; `readPlan` reckons the objective anew.
 * @throws RangeError for a problem that is none (`checkProblem`).
 */
export function buildPlan(problem: PlanProblem): PlanLp {
  const wrong = checkProblem(problem);
  if (wrong !== null) throw new RangeError(wrong);
  const tree = planTree(problem);
  const prices = pricesOf(problem);
  const leaves = leavesOf(problem, tree, prices);
  const links = linksOf(problem, tree);
  const above = linksAbove(tree, links);
  const build = createLpBuilder();
  const at = Math.floor(problem.from / (problem.periodS * 1000));
  const terms = { problem, prices, leaves, build, at };
  const rowOfLink = linkRows(terms, links, above);
  const ranges = flowRanges(terms);
  const context: Context = {
    problem,
    prices,
    hours: problem.periodS / 3600,
    scale: REFERENCE_COST / prices.reference,
    at,
    build,
    links,
    above,
    rowOfLink,
    flowRow: flowRows(terms, ranges.lowest),
    peakRow: peakRows(terms, ranges.highest),
    intervalLength: intervalLengths(at, problem),
  };
  const columns = leaves.map((leaf) => addLeaf(context, leaf));
  const battery = addBattery(context, tree.indexOf.get(problem.battery?.node ?? '') ?? 0);
  addFlows(context);
  return { lp: build.build(), columns: { leaves: columns, battery } };
}

/** What flows back earns less than drawing it would have cost; and the peak. */
function addFlows(context: Context): void {
  const { build, problem, prices, scale, hours, flowRow, peakRow, at } = context;
  for (let t = 0; t < problem.periods; t++) {
    const row = flowRow[t] ?? -1;
    if (row < 0) continue;
    const first = build.column((prices.loss[t] ?? 0) * hours * scale, 0, INFINITE);
    build.entry(row, 1);
    build.nameColumns('flows-back', at + t, first);
  }
  const { demand } = problem;
  if (demand === null || demand.perKw <= 0) return;
  const peak = build.column(demand.perKw * scale, demand.peakSoFarW / 1000, INFINITE);
  for (const row of new Set(peakRow)) if (row >= 0) build.entry(row, -1);
  build.nameColumns('peak', 0, peak);
}
