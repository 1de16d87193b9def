// Whether a problem is one: shapes, references and ranges, so that nothing behind this place checks again.

import type { ByPeriod, Limit, PhaseLimits, PlanProblem } from './problem.js';

const PERIODS_MAX = 2_000;
const LARGEST = 1e12;

/** What is wrong with the problem; null: nothing. */
export function checkProblem(problem: PlanProblem): string | null {
  try {
    return first(faults(problem));
  } catch {
    // Reached only by what is not of the type at all, such as a list that is missing.
    return 'the problem is not of its type';
  }
}

const first = (all: Iterable<string>): string | null => {
  for (const each of all) return each;
  return null;
};

function* faults(problem: PlanProblem): Iterable<string> {
  const { periods } = problem;
  if (typeof problem.site !== 'string') yield 'site is a name';
  if (!isInteger(periods, 1, PERIODS_MAX)) yield `periods is a whole number from 1 to ${PERIODS_MAX}`;
  if (!inRange(problem.periodS, 1, 86_400)) yield 'periodS is from 1 to 86400';
  if (!inRange(problem.from, 0, LARGEST * 1000)) yield 'from is an instant';
  if (!inRange(problem.voltageV, 1, 1e6)) yield 'voltageV is at least 1';
  yield* nodeFaults(problem);
  yield* sessionFaults(problem);
  yield* expectedFaults(problem);
  yield* moneyFaults(problem);
  yield* sourceFaults(problem);
}

function* nodeFaults({ nodes, envelopes, periods }: PlanProblem): Iterable<string> {
  if (nodes.length === 0) yield 'there is a root';
  const known = new Set<string>();
  for (const [i, node] of nodes.entries()) {
    if (known.has(node.id)) yield `node ${node.id} is there twice`;
    if (i === 0 ? node.parent !== null : node.parent === null || !known.has(node.parent))
      yield `node ${node.id}: the root comes first, parents before children`;
    known.add(node.id);
    if (!isLimits(node.limitA, periods)) yield `node ${node.id}: limitA`;
    if (!isLimit(node.limitW, periods)) yield `node ${node.id}: limitW`;
    if (!isLimits(node.exportA, periods)) yield `node ${node.id}: exportA`;
    if (!isLimit(node.exportW, periods)) yield `node ${node.id}: exportW`;
    if (node.unmanagedA.length !== 3 || !node.unmanagedA.every((a) => isSeries(a, periods, 0)))
      yield `node ${node.id}: unmanagedA`;
    for (const cut of node.cuts) {
      const { onPhase, maxA } = cut;
      const factors = onPhase.length === 3 && onPhase.every((a) => inRange(a, -LARGEST, LARGEST));
      if (!factors || !isLimit(maxA, periods)) yield `node ${node.id}: cuts`;
    }
  }
  for (const { node, limitA, limitW, exportW } of envelopes) {
    if (!known.has(node)) yield `an envelope is at ${node}, which is no node`;
    const fits = isLimits(limitA, periods) && isLimit(limitW, periods) && isLimit(exportW, periods);
    if (!fits) yield `the envelope at ${node}: limits`;
  }
}

function* sessionFaults({ nodes, sessions, periods }: PlanProblem): Iterable<string> {
  const uneven = nodes.some(({ cuts }) => cuts.some(({ onPhase }) => onPhase.some((factor) => factor < 0)));
  const known = new Set(nodes.map(({ id }) => id));
  const ids = new Set<string>();
  for (const s of sessions) {
    if (ids.has(s.id)) yield `session ${s.id} is there twice`;
    ids.add(s.id);
    if (!known.has(s.node)) yield `session ${s.id} is at ${s.node}, which is no node`;
    if (!isPerPhase(s.perA)) yield `session ${s.id}: perA`;
    if (!inRange(s.wattsPerA, 0, LARGEST)) yield `session ${s.id}: wattsPerA`;
    if (!inRange(s.efficiency, 0.01, 1)) yield `session ${s.id}: efficiency is from 0.01 to 1`;
    if (!inRange(s.arrives, -LARGEST, LARGEST) || !inRange(s.departs, -LARGEST, LARGEST))
      yield `session ${s.id}: arrives and departs are finite`;
    if (!inRange(s.energyWh, 0, LARGEST)) yield `session ${s.id}: energyWh`;
    if (!isSeries(s.maxA, periods, 0) || !inRange(s.minA, 0, LARGEST)) yield `session ${s.id}: minA, maxA`;
    if (!inRange(s.weight, 1e-6, 1e6)) yield `session ${s.id}: weight is above 0`;
    if (!inRange(s.priority, -LARGEST, LARGEST)) yield `session ${s.id}: priority`;
    if (s.v2x === null) continue;
    if (uneven) yield `session ${s.id}: nothing feeds back under a limit on unbalance`;
    const { v2x } = s;
    if (!inRange(v2x.efficiency, 0.01, 1) || !isSeries(v2x.dischargeA, periods, 0))
      yield `session ${s.id}: v2x`;
    const energies = [v2x.storedWh, v2x.minWh, v2x.capacityWh, v2x.wearPerKwh];
    if (!energies.every((e) => inRange(e, 0, LARGEST))) yield `session ${s.id}: v2x`;
  }
}

function* expectedFaults({ nodes, expected }: PlanProblem): Iterable<string> {
  const known = new Set(nodes.map(({ id }) => id));
  const ids = new Set<string>();
  for (const group of expected) {
    if (ids.has(group.id)) yield `the expected ${group.id} are there twice`;
    ids.add(group.id);
    if (!known.has(group.node)) yield `the expected ${group.id} are at ${group.node}, which is no node`;
    const numbers = [group.wattsPerA, group.energyWh, group.maxA];
    const fits =
      numbers.every((n) => inRange(n, 0, LARGEST)) &&
      inRange(group.arrives, -LARGEST, LARGEST) &&
      inRange(group.departs, -LARGEST, LARGEST);
    if (!fits || !isPerPhase(group.perA)) yield `the expected ${group.id}: numbers`;
  }
}

function* moneyFaults({ prices, demand, weights, periods }: PlanProblem): Iterable<string> {
  const all = [prices.importPerKwh, prices.exportPerKwh, prices.co2KgPerKwh];
  if (!all.every((p) => isSeries(p, periods, -1e6) && largest(p) <= 1e6)) yield 'prices';
  if (!inRange(weights.co2PerKg, 0, 1e6) || !inRange(weights.expected, 0, 1)) yield 'weights';
  if (weights.unservedPerKwh !== null && !inRange(weights.unservedPerKwh, 0, 1e6)) yield 'weights';
  if (demand === null) return;
  const fits = inRange(demand.perKw, 0, 1e6) && inRange(demand.peakSoFarW, 0, LARGEST);
  const flowed = demand.flowedW === null || inRange(demand.flowedW, -LARGEST, LARGEST);
  if (!fits || !flowed || !isInteger(demand.intervalPeriods, 1, PERIODS_MAX)) yield 'demand';
}

function* sourceFaults({ battery, pv, nodes, periods }: PlanProblem): Iterable<string> {
  const known = new Set(nodes.map(({ id }) => id));
  if (pv !== null && !(known.has(pv.node) && isSeries(pv.forecastW, periods, 0))) yield 'pv';
  if (battery === null) return;
  if (!known.has(battery.node)) yield `the battery is at ${battery.node}, which is no node`;
  const { capacityWh, reserveWh, chargeW, dischargeW, startWh, finalWh, wearPerKwh } = battery;
  const numbers = [capacityWh, reserveWh, chargeW, dischargeW, startWh, finalWh, wearPerKwh];
  if (!numbers.every((n) => inRange(n, 0, LARGEST)) || !inRange(battery.efficiency, 0.01, 1)) yield 'battery';
}

const inRange = (value: number, from: number, to: number): boolean =>
  typeof value === 'number' && value >= from && value <= to;
const isInteger = (value: number, from: number, to: number): boolean =>
  Number.isInteger(value) && inRange(value, from, to);
const largest = (values: ByPeriod): number =>
  typeof values === 'number' ? values : values.reduce((most, v) => Math.max(most, v), 0);
const isSeries = (values: ByPeriod, periods: number, least: number): boolean =>
  typeof values === 'number'
    ? inRange(values, least, LARGEST)
    : values.length === periods && values.every((v) => inRange(v, least, LARGEST));
const isLimit = (values: Limit, periods: number): boolean =>
  values === null ||
  (typeof values === 'number'
    ? inRange(values, 0, LARGEST)
    : values.length === periods && values.every((v) => v === null || inRange(v, 0, LARGEST)));
const isLimits = (all: PhaseLimits | null, periods: number): boolean =>
  all === null || (all.length === 3 && all.every((each) => isLimit(each, periods)));
const isPerPhase = (of: readonly number[]): boolean =>
  of.length === 3 && of.every((a) => inRange(a, 0, LARGEST));
