// Values by period as arrays, and what a node may carry for those that are planned.

import type { PerPhase } from '@ampledger/kernel';
import type { ByPeriod, DemandCharge, Limit, PhaseLimits, PlanNode, PlanProblem } from './problem.js';

export const NO_LIMIT = Number.POSITIVE_INFINITY;

export function series(values: ByPeriod, periods: number): Float64Array {
  return typeof values === 'number'
    ? new Float64Array(periods).fill(values)
    : Float64Array.from({ length: periods }, (_, t) => values[t] ?? 0);
}

export function limits(values: Limit, periods: number): Float64Array {
  if (values === null || typeof values === 'number')
    return new Float64Array(periods).fill(values ?? NO_LIMIT);
  return Float64Array.from({ length: periods }, (_, t) => values[t] ?? NO_LIMIT);
}

/** What is left for the managed, by period: never below 0. Infinity: no limit. */
export interface NodeRoom {
  readonly perPhaseA: readonly [Float64Array, Float64Array, Float64Array];
  readonly watts: Float64Array;
  readonly cutsA: readonly { readonly onPhase: PerPhase; readonly maxA: Float64Array }[];
  /** For what flows back. Loads may stop at any moment, so they make no room here; photovoltaics take it. */
  readonly exportPerPhaseA: readonly [Float64Array, Float64Array, Float64Array];
  readonly exportWatts: Float64Array;
}

export interface PlanTree {
  /** Each node's parent as an index; -1 for the root. */
  readonly parent: Int32Array;
  readonly indexOf: ReadonlyMap<string, number>;
  readonly room: readonly NodeRoom[];
}

export function planTree(problem: PlanProblem): PlanTree {
  const indexOf = new Map(problem.nodes.map(({ id }, i) => [id, i]));
  const parent = Int32Array.from(problem.nodes, (node) =>
    node.parent === null ? -1 : (indexOf.get(node.parent) ?? -1),
  );
  const pvBelow = pvByNode(problem, parent, indexOf);
  const room = problem.nodes.map((node, i) => roomOf(problem, node, pvBelow[i] ?? null));
  return { parent, indexOf, room };
}

/** The node itself and all above it, upwards. */
export function* pathOf(parent: Int32Array, node: number): Iterable<number> {
  for (let v = node; v >= 0; v = parent[v] ?? -1) yield v;
}

export const phaseIndices = [0, 1, 2] as const;

function pvByNode(
  { pv, periods }: PlanProblem,
  parent: Int32Array,
  indexOf: ReadonlyMap<string, number>,
): readonly (Float64Array | null)[] {
  const below: (Float64Array | null)[] = Array.from(parent, () => null);
  if (pv === null) return below;
  const forecast = series(pv.forecastW, periods);
  for (const v of pathOf(parent, indexOf.get(pv.node) ?? -1)) below[v] = forecast;
  return below;
}

function roomOf(problem: PlanProblem, node: PlanNode, pvW: Float64Array | null): NodeRoom {
  const { periods, voltageV } = problem;
  const envelopes = problem.envelopes.filter((envelope) => envelope.node === node.id);
  const unmanagedA = phaseIndices.map((p) => series(node.unmanagedA[p], periods));
  const unmanagedW = Float64Array.from(
    { length: periods },
    (_, t) => voltageV * unmanagedA.reduce((sum, a) => sum + (a[t] ?? 0), 0),
  );
  const perPhase = (of: readonly (PhaseLimits | null)[], p: 0 | 1 | 2): Float64Array =>
    tightest(
      of.map((each) => each?.[p] ?? null),
      periods,
    );
  const taken = (limit: Float64Array, by: Float64Array | undefined): Float64Array =>
    limit.map((l, t) => Math.max(0, l - (by?.[t] ?? 0)));
  const limitsA = [node.limitA, ...envelopes.map((e) => e.limitA)];
  const exportsW = tightest([node.exportW, ...envelopes.map((e) => e.exportW)], periods);
  const pvPerPhaseA = pvW?.map((w) => w / (3 * voltageV));
  return {
    perPhaseA: [
      taken(perPhase(limitsA, 0), unmanagedA[0]),
      taken(perPhase(limitsA, 1), unmanagedA[1]),
      taken(perPhase(limitsA, 2), unmanagedA[2]),
    ],
    watts: taken(tightest([node.limitW, ...envelopes.map((e) => e.limitW)], periods), unmanagedW),
    cutsA: node.cuts.map((cut) => ({ onPhase: cut.onPhase, maxA: limits(cut.maxA, periods) })),
    exportPerPhaseA: [
      taken(perPhase([node.exportA], 0), pvPerPhaseA),
      taken(perPhase([node.exportA], 1), pvPerPhaseA),
      taken(perPhase([node.exportA], 2), pvPerPhaseA),
    ],
    exportWatts: taken(exportsW, pvW ?? undefined),
  };
}

function tightest(all: readonly Limit[], periods: number): Float64Array {
  const least = new Float64Array(periods).fill(NO_LIMIT);
  for (const each of all) {
    if (each === null) continue;
    limits(each, periods).forEach((l, t) => {
      least[t] = Math.min(least[t] ?? NO_LIMIT, l);
    });
  }
  return least;
}

/** Periods over which the demand charge takes one mean. */
export interface DemandInterval {
  readonly from: number;
  readonly to: number;
  /** How many periods the mean is over: also those of the first interval that are past already. */
  readonly length: number;
  /** What the first interval's mean has beside its periods. */
  readonly flowedKw: number;
}

/** The demand charge's intervals, aligned to absolute periods; the last may be cut, and the first where nothing is said of its past. */
export function* intervalsOf(
  at: number,
  periods: number,
  { intervalPeriods, flowedW }: Pick<DemandCharge, 'intervalPeriods' | 'flowedW'>,
): Iterable<DemandInterval> {
  for (let from = 0; from < periods; ) {
    const to = Math.min(periods, from + intervalPeriods - ((at + from) % intervalPeriods));
    if (from > 0 || flowedW === null) yield { from, to, length: to - from, flowedKw: 0 };
    else yield { from, to, length: intervalPeriods, flowedKw: flowedW / 1000 };
    from = to;
  }
}
