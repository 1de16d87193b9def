// The same optimum by another way: the whole problem as text for HiGHS's own parser, with drawing and feeding
// back as two variables, levels as sums, every limit in every period, and the unscaled costs. Only the
// definitions of what is worth what are shared (`value.ts`).

import type { Highs } from 'highs';
import type { ByPeriod, Limit, PlanProblem, PlanSession } from './problem.js';
import { againstBurning, hairOf, type Prices, pricesOf, standings, stepsOf } from './value.js';

const at = (values: ByPeriod, t: number): number => (typeof values === 'number' ? values : (values[t] ?? 0));
const limitAt = (values: Limit, t: number): number =>
  (values === null || typeof values === 'number' ? values : (values[t] ?? null)) ?? Number.POSITIVE_INFINITY;

interface Car extends PlanSession {
  readonly base: number;
  readonly steepness: number;
}

interface Text {
  readonly cost: string[];
  readonly rows: string[];
  readonly bounds: string[];
}

const term = (factor: number, name: string): string =>
  `${factor < 0 ? '-' : '+'} ${Math.abs(factor).toFixed(15)} ${name}`;

/** The least objective of a plan for the problem. */
export function referenceObjective(highs: Highs, problem: PlanProblem): number {
  const prices = pricesOf(problem);
  const text: Text = { cost: [], rows: [], bounds: [] };
  const cars = carsOf(problem, prices);
  cars.forEach((car, i) => {
    addCar(problem, prices, text, car, i);
  });
  addBattery(problem, prices, text);
  for (let t = 0; t < problem.periods; t++) {
    addFlow(problem, prices, text, cars, t);
    addLimits(problem, text, cars, t);
  }
  const constant = addPeak(problem, text);
  const lp = `Minimize\n obj: ${text.cost.join('\n ')}\nSubject To\n ${text.rows.join('\n ')}\nBounds\n ${text.bounds.join('\n ')}\nEnd\n`;
  const { Status, ObjectiveValue } = highs.solve(lp, { output_flag: false });
  if (Status !== 'Optimal') throw new Error(`the reference is ${Status}`);
  return ObjectiveValue + constant;
}

function carsOf(problem: PlanProblem, prices: Prices): readonly Car[] {
  const all = standings(problem.sessions, prices.unserved);
  const sessions = problem.sessions.map((s, i) => ({ ...s, ...(all[i] ?? { base: 0, steepness: 0 }) }));
  const expected = problem.expected.map((group) => ({
    ...group,
    connector: '',
    efficiency: 1,
    minA: 0,
    priority: 0,
    weight: 1,
    v2x: null,
    base: prices.unserved * problem.weights.expected,
    steepness: 1,
  }));
  return [...sessions, ...expected];
}

const share = ({ arrives, departs }: Car, t: number): number =>
  Math.max(0, Math.min(departs, t + 1) - Math.max(arrives, t));

function addCar(problem: PlanProblem, prices: Prices, text: Text, car: Car, i: number): void {
  const hours = problem.periodS / 3600;
  const gained: string[] = [];
  const isThere = Array.from({ length: problem.periods }, (_, t) => share(car, t)).some((s) => s > 0);
  const v2x = isThere ? car.v2x : null;
  for (let t = 0; t < problem.periods; t++) {
    const kwh = (car.wattsPerA / 1000) * share(car, t) * hours;
    text.bounds.push(`0 <= x${i}_${t} <= ${share(car, t) > 0 ? at(car.maxA, t) : 0}`);
    text.cost.push(
      term(
        kwh * hairOf(prices.reference, car.id, (car.departs * problem.periodS) / 3600) * t * hours,
        `x${i}_${t}`,
      ),
    );
    gained.push(term(kwh * car.efficiency, `x${i}_${t}`));
    if (v2x === null) continue;
    const lowest = (prices.draw[t] ?? 0) - (prices.loss[t] ?? 0);
    const guard = againstBurning(lowest, v2x.efficiency * car.efficiency, prices.reference);
    text.bounds.push(`0 <= d${i}_${t} <= ${share(car, t) > 0 ? at(v2x.dischargeA, t) : 0}`);
    text.cost.push(term(kwh * (v2x.wearPerKwh + guard), `d${i}_${t}`));
    gained.push(term(-kwh / v2x.efficiency, `d${i}_${t}`));
    const roof = Math.max(0, v2x.capacityWh - v2x.storedWh) / 1000;
    const floor = Math.min(0, v2x.minWh - v2x.storedWh) / 1000;
    text.rows.push(`${gained.join(' ')} <= ${roof}`, `${gained.join(' ')} >= ${floor}`);
  }
  const fits =
    v2x === null ? car.energyWh : Math.min(car.energyWh, Math.max(0, v2x.capacityWh - v2x.storedWh));
  const steps = stepsOf(car.energyWh, car.id, car.base, car.steepness).map(({ widthWh, perKwh }, k) => {
    text.bounds.push(`0 <= u${i}_${k} <= ${(widthWh / 1000).toFixed(15)}`);
    text.cost.push(term(perKwh, `u${i}_${k}`));
    return `+ u${i}_${k}`;
  });
  text.rows.push(`${gained.join(' ')} ${steps.join(' ')} >= ${fits / 1000}`);
  if (v2x === null) text.rows.push(`${gained.join(' ')} <= ${car.energyWh / 1000}`);
}

function addBattery({ battery, periods, periodS }: PlanProblem, prices: Prices, text: Text): void {
  if (battery === null) return;
  const hours = periodS / 3600;
  const oneWay = Math.sqrt(battery.efficiency);
  const level: string[] = [];
  for (let t = 0; t < periods; t++) {
    const early = hairOf(prices.reference, 'battery', Number.POSITIVE_INFINITY) * t * hours;
    const lowest = (prices.draw[t] ?? 0) - (prices.loss[t] ?? 0);
    const guard = againstBurning(lowest, battery.efficiency, prices.reference);
    text.bounds.push(
      `0 <= c_${t} <= ${battery.chargeW / 1000}`,
      `0 <= f_${t} <= ${battery.dischargeW / 1000}`,
    );
    text.cost.push(
      term(hours * early, `c_${t}`),
      term(hours * (battery.wearPerKwh + guard + early), `f_${t}`),
    );
    level.push(term(hours * oneWay, `c_${t}`), term(-hours / oneWay, `f_${t}`));
    const roof = Math.max(0, battery.capacityWh - battery.startWh) / 1000;
    const floor = Math.min(0, battery.reserveWh - battery.startWh) / 1000;
    text.rows.push(`${level.join(' ')} <= ${roof}`, `${level.join(' ')} >= ${floor}`);
  }
  text.cost.push(term(0.5 * prices.unserved, 'short'));
  text.rows.push(`${level.join(' ')} + short >= ${(battery.finalWh - battery.startWh) / 1000}`);
}

/** Net flow at the root as what is drawn less what is fed back. */
function addFlow(problem: PlanProblem, prices: Prices, text: Text, cars: readonly Car[], t: number): void {
  const { nodes, voltageV, pv, battery, periodS } = problem;
  const hours = periodS / 3600;
  const flow: string[] = [];
  cars.forEach((car, i) => {
    const kw = (car.wattsPerA / 1000) * share(car, t);
    flow.push(term(kw, `x${i}_${t}`));
    if (car.v2x !== null && kw > 0) flow.push(term(-kw, `d${i}_${t}`));
  });
  if (battery !== null) flow.push(`+ c_${t} - f_${t}`);
  const unmanagedA = (nodes[0]?.unmanagedA ?? []).reduce<number>((sum, of) => sum + at(of, t), 0);
  const base = (voltageV * unmanagedA - at(pv?.forecastW ?? 0, t)) / 1000;
  text.rows.push(`${flow.join(' ')} - drawn_${t} + fed_${t} = ${-base}`);
  text.cost.push(term(hours * (prices.draw[t] ?? 0), `drawn_${t}`));
  text.cost.push(term(hours * ((prices.loss[t] ?? 0) - (prices.draw[t] ?? 0)), `fed_${t}`));
  // Both at once earn nothing, and a bound keeps a tie from running away.
  text.bounds.push(`0 <= drawn_${t} <= 1000000`, `0 <= fed_${t} <= 1000000`);
}

function addLimits(problem: PlanProblem, text: Text, cars: readonly Car[], t: number): void {
  const { nodes, voltageV, pv, battery } = problem;
  const isBelow = (node: string, above: string): boolean => {
    for (let id: string | null = node; id !== null; id = nodes.find((n) => n.id === id)?.parent ?? null)
      if (id === above) return true;
    return false;
  };
  for (const node of nodes) {
    const envelopes = problem.envelopes.filter((e) => e.node === node.id);
    const pvW = pv !== null && isBelow(pv.node, node.id) ? at(pv.forecastW, t) : 0;
    const unmanagedA = node.unmanagedA.map((of) => at(of, t));
    const sumOf = (factor: (car: Car) => number, battA: number, names: readonly [string, string]): string => {
      const inside = cars.map((car, i) => ({ car, i })).filter(({ car }) => isBelow(car.node, node.id));
      const used =
        names[0] === 'x' ? inside : inside.filter(({ car }) => car.v2x !== null && share(car, t) > 0);
      const all = used.map(({ car, i }) => term(factor(car), `${names[0]}${i}_${t}`));
      if (battery !== null && isBelow(battery.node, node.id)) all.push(term(battA, `${names[1]}_${t}`));
      return all.join(' ');
    };
    const add = (sum: string, room: number): void => {
      if (sum !== '' && Number.isFinite(room)) text.rows.push(`${sum} <= ${Math.max(0, room)}`);
    };
    for (const p of [0, 1, 2] as const) {
      const battA = 1000 / (3 * voltageV);
      const tightest = Math.min(
        ...[node.limitA, ...envelopes.map((e) => e.limitA)].map((of) => limitAt(of?.[p] ?? null, t)),
      );
      add(
        sumOf((car) => car.perA[p], battA, ['x', 'c']),
        tightest - (unmanagedA[p] ?? 0),
      );
      add(
        sumOf((car) => car.perA[p], battA, ['d', 'f']),
        limitAt(node.exportA?.[p] ?? null, t) - pvW / (3 * voltageV),
      );
    }
    for (const { onPhase, maxA } of node.cuts) {
      const [one, other, third] = onPhase;
      add(
        sumOf(
          ({ perA: [a, b, c] }) => one * a + other * b + third * c,
          ((one + other + third) * 1000) / (3 * voltageV),
          ['x', 'c'],
        ),
        limitAt(maxA, t),
      );
    }
    const kw = (car: Car): number => car.wattsPerA / 1000;
    const leastW = Math.min(...[node.limitW, ...envelopes.map((e) => e.limitW)].map((of) => limitAt(of, t)));
    const load = voltageV * unmanagedA.reduce((sum, a) => sum + a, 0);
    add(sumOf(kw, 1, ['x', 'c']), (leastW - load) / 1000);
    const leastExportW = Math.min(
      ...[node.exportW, ...envelopes.map((e) => e.exportW)].map((of) => limitAt(of, t)),
    );
    add(sumOf(kw, 1, ['d', 'f']), (leastExportW - pvW) / 1000);
  }
}

/** @returns what the peak up to now would have cost. */
function addPeak({ demand, periods, from, periodS }: PlanProblem, text: Text): number {
  if (demand === null) return 0;
  const first = Math.floor(from / (periodS * 1000));
  const intervals = new Map<number, number[]>();
  for (let t = 0; t < periods; t++) {
    const interval = Math.floor((first + t) / demand.intervalPeriods);
    intervals.set(interval, [...(intervals.get(interval) ?? []), t]);
  }
  for (const [interval, within] of intervals) {
    const runs = demand.flowedW !== null && interval === Math.floor(first / demand.intervalPeriods);
    const length = runs ? demand.intervalPeriods : within.length;
    const mean = within.map((t) => `${term(1 / length, `drawn_${t}`)} ${term(-1 / length, `fed_${t}`)}`);
    text.rows.push(`${mean.join(' ')} - peak <= ${runs ? -(demand.flowedW ?? 0) / 1000 : 0}`);
  }
  text.bounds.push(`${demand.peakSoFarW / 1000} <= peak <= 1000000`);
  text.cost.push(term(demand.perKw, 'peak'));
  return (-demand.perKw * demand.peakSoFarW) / 1000;
}
