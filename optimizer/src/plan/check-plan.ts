// Whether a plan holds: every bound, every limit on every link in every period, the energy in cars and battery,
// and what it says that it costs. It reads the problem and the plan and knows nothing of the programme between.

import { type PlanTree, pathOf, phaseIndices, planTree } from './by-period.js';
import { batteryPerKw, type Leaf, leavesOf, linksOf, loadOn } from './flows.js';
import type { Plan } from './plan.js';
import type { PlanProblem } from './problem.js';
import { pricesOf } from './value.js';
import { batteryLevels, gainedWh, type Worth, worthOf } from './worth.js';

/** Above what the solver lets through in a row of amperes or kilowatts, and below what any meter shows. */
const TOLERANCE = 1e-4;
const TOLERANCE_WH = 1;
const SAME_OBJECTIVE = 1e-6;

export interface PlanCheck {
  readonly holds: boolean;
  /** What does not hold, in words; at most a few. */
  readonly violations: readonly string[];
  /** Reckoned from the plan's currents. */
  readonly objective: number;
}

const VIOLATIONS_MAX = 10;

/** @throws RangeError where the plan is not one of this problem at all: other sessions, other periods. */
export function checkPlan(problem: PlanProblem, plan: Plan): PlanCheck {
  assertSameShape(problem, plan);
  const tree = planTree(problem);
  const leaves = leavesOf(problem, tree, pricesOf(problem));
  const limitA = [...plan.sessions, ...plan.expected].map((each) => each.limitA);
  const worth = worthOf(problem, { limitA, batteryW: plan.batteryW });
  const violations: string[] = [];
  for (const violation of violationsOf(problem, plan, { tree, leaves, limitA, worth })) {
    violations.push(violation);
    if (violations.length === VIOLATIONS_MAX) break;
  }
  return { holds: violations.length === 0, violations, objective: worth.objective };
}

/**
 * Whether a recorded plan is as good as one solved again: both hold, and their objectives are equal. The currents
 * may differ where several plans are optimal. A plan that the deadline ended may be worse than the one solved again.
 */
export function isAsGood(problem: PlanProblem, recorded: Plan, again: Plan): boolean {
  const [one, other] = [checkPlan(problem, recorded), checkPlan(problem, again)];
  if (!one.holds || !other.holds) return false;
  const slack = SAME_OBJECTIVE * Math.max(1, Math.abs(other.objective));
  if (recorded.status === 'deadline') return one.objective >= other.objective - slack;
  return Math.abs(one.objective - other.objective) <= slack;
}

function assertSameShape(problem: PlanProblem, plan: Plan): void {
  const same = (a: readonly { readonly id: string }[], b: readonly { readonly id: string }[]): boolean =>
    a.length === b.length && a.every(({ id }, i) => id === b[i]?.id);
  const fits =
    plan.from === problem.from &&
    plan.periodS === problem.periodS &&
    plan.periods === problem.periods &&
    same(plan.sessions, problem.sessions) &&
    same(plan.expected, problem.expected) &&
    (plan.batteryW === null) === (problem.battery === null);
  if (!fits) throw new RangeError('the plan is not of this problem');
}

interface Parts {
  readonly tree: PlanTree;
  readonly leaves: readonly Leaf[];
  readonly limitA: readonly (readonly number[])[];
  readonly worth: Worth;
}

function* violationsOf(problem: PlanProblem, plan: Plan, parts: Parts): Iterable<string> {
  yield* leafViolations(problem, plan, parts);
  yield* linkViolations(problem, plan, parts);
  yield* batteryViolations(problem, plan);
  const { worth } = parts;
  const said = [
    ['objective', plan.objective, worth.objective],
    ['energyCost', plan.energyCost, worth.energyCost],
    ['demandCost', plan.demandCost, worth.demandCost],
  ] as const;
  for (const [name, is, reckoned] of said) {
    if (!(Math.abs(is - reckoned) <= SAME_OBJECTIVE * Math.max(1, Math.abs(reckoned))))
      yield `${name} is said to be ${is}, and is ${reckoned}`;
  }
}

function* leafViolations(problem: PlanProblem, plan: Plan, parts: Parts): Iterable<string> {
  const hours = problem.periodS / 3600;
  const planned = [...plan.sessions, ...plan.expected];
  for (const [i, leaf] of parts.leaves.entries()) {
    const { id, first, limitA, unservedWh } = planned[i] ?? { id: '', first: -1, limitA: [], unservedWh: 0 };
    if (first !== leaf.first || limitA.length !== leaf.count) yield `${id} is planned outside its stay`;
    for (const [k, a] of limitA.entries()) {
      const leastA = -(leaf.v2x?.maxDischargeA[k] ?? 0);
      if (!(a >= leastA - TOLERANCE && a <= (leaf.maxA[k] ?? 0) + TOLERANCE))
        yield `${id} has ${a} A in period ${first + k}`;
    }
    if (!(Math.abs(unservedWh - (parts.worth.unservedWh[i] ?? 0)) <= TOLERANCE_WH))
      yield `${id} is short of ${parts.worth.unservedWh[i]} Wh, not ${unservedWh}`;
    const gained = gainedWh(leaf, limitA, hours);
    if (leaf.v2x === null && (gained.at(-1) ?? 0) > leaf.energyWh + TOLERANCE_WH) yield `${id} gets too much`;
    if (leaf.v2x === null) continue;
    const { storedWh, minWh, capacityWh } = leaf.v2x;
    for (const [k, wh] of gained.entries()) {
      const within =
        storedWh + wh >= Math.min(minWh, storedWh) - TOLERANCE_WH &&
        storedWh + wh <= Math.max(capacityWh, storedWh) + TOLERANCE_WH;
      if (!within) yield `${id} holds ${storedWh + wh} Wh after period ${first + k}`;
    }
  }
}

/** What may stop at any moment counts nothing for the other side: each side alone has to fit. */
function* linkViolations(
  problem: PlanProblem,
  plan: Plan,
  { tree, leaves, limitA }: Parts,
): Iterable<string> {
  const { periods } = problem;
  const sums = problem.nodes.map(() => ({ import: sumsFor(periods), export: sumsFor(periods) }));
  const add = (node: number, t: number, side: 'import' | 'export', perPhase: readonly number[]): void => {
    for (const v of pathOf(tree.parent, node)) {
      perPhase.forEach((value, p) => {
        const sum = sums[v]?.[side][p];
        if (sum !== undefined) sum[t] = (sum[t] ?? 0) + value;
      });
    }
  };
  leaves.forEach((leaf, i) => {
    limitA[i]?.forEach((a, k) => {
      const size = Math.abs(a);
      const all = [...leaf.perA.map((per) => per * size), leaf.kwPerA * size];
      add(leaf.node, leaf.first + k, a < 0 ? 'export' : 'import', all);
    });
  });
  plan.batteryW?.forEach((w, t) => {
    const kw = Math.abs(w) / 1000;
    const all = [...batteryPerKw(problem.voltageV).map((per) => per * kw), kw];
    add(tree.indexOf.get(problem.battery?.node ?? '') ?? -1, t, w < 0 ? 'export' : 'import', all);
  });
  for (const link of linksOf(problem, tree)) {
    const of = sums[link.node]?.[link.side];
    for (let t = 0; t < periods; t++) {
      const [a, b, c] = phaseIndices.map((p) => of?.[p][t] ?? 0);
      const load = loadOn(link, [a ?? 0, b ?? 0, c ?? 0], of?.[3][t] ?? 0);
      if (!(load <= (link.room[t] ?? 0) + TOLERANCE)) yield `${link.key} carries ${load} in period ${t}`;
    }
  }
}

type Sums = readonly [Float64Array, Float64Array, Float64Array, Float64Array];
const sumsFor = (periods: number): Sums => [
  new Float64Array(periods),
  new Float64Array(periods),
  new Float64Array(periods),
  new Float64Array(periods),
];

function* batteryViolations({ battery, ...problem }: PlanProblem, { batteryW }: Plan): Iterable<string> {
  if (battery === null || batteryW === null) return;
  for (const [t, w] of batteryW.entries()) {
    const fits = w <= battery.chargeW + TOLERANCE * 1000 && w >= -battery.dischargeW - TOLERANCE * 1000;
    if (!fits) yield `the battery has ${w} W in period ${t}`;
  }
  const floor = Math.min(battery.reserveWh, battery.startWh);
  const roof = Math.max(battery.capacityWh, battery.startWh);
  for (const [t, wh] of batteryLevels({ ...problem, battery }, batteryW).entries()) {
    if (!(wh >= floor - TOLERANCE_WH && wh <= roof + TOLERANCE_WH))
      yield `the battery holds ${wh} Wh after period ${t}`;
  }
}
