// What is followed of a plan: by hand, and laws on random problems. PLAN_RUNS sets how many (100 by default).

import { settableBelow, settableFrom } from '@ampledger/domain';
import fc from 'fast-check';
import type { Highs } from 'highs';
import { beforeAll, describe, expect, it } from 'vitest';
import { planTree } from './by-period.js';
import { leavesOf, linksAbove, linksOf, loadOn } from './flows.js';
import { loadSolver, type Plan, type PlanProblem, solvePlan } from './index.js';
import { node, problem, problems, session, VOLTS } from './test-problems.js';
import { pricesOf } from './value.js';
import { wholeCurrents } from './whole.js';

const RUNS = { numRuns: Number(process.env.PLAN_RUNS ?? 100) };

let highs: Highs;
beforeAll(async () => {
  highs = await loadSolver();
});

function planned(of: PlanProblem): Plan {
  const solved = solvePlan(highs, of);
  if (solved.kind !== 'planned') throw new Error(solved.reason);
  return solved.plan;
}
const whole = (of: PlanProblem) => wholeCurrents(of, planned(of));
const sum = (values: readonly number[]): number => values.reduce((all, a) => all + a, 0);

/** `count` cars alike of which each needs so many kilowatt-hours in eight hours, behind so many amperes. */
const alike = (count: number, kwh: number, limitA: number, more: Partial<PlanProblem> = {}): PlanProblem =>
  problem({
    periods: 8,
    nodes: [node('root', null, { limitA: [limitA, limitA, limitA] })],
    sessions: Array.from({ length: count }, (_, i) => session(`s${i}`, { departs: 8, energyWh: 1000 * kwh })),
    ...more,
  });

describe('whole currents', () => {
  it('are the plan itself where it says nothing below a minimum', () => {
    const of = alike(2, 4, 32);
    expect(whole(of)).toEqual(planned(of).sessions.map(({ limitA }) => limitA));
  });

  it('let no room stay empty where not all can have their minimum', () => {
    // 10 A are room for one of three cars at a time.
    const of = alike(3, 10, 10);
    const currents = whole(of);
    for (let t = 0; t < 8; t++) {
      const on = currents.map((own) => own[t] ?? 0).filter((a) => a > 0);
      expect(on).toHaveLength(1);
      expect(on[0]).toBeCloseTo(10, 3);
    }
    // And nobody is left out: two of eight hours each, or three.
    for (const own of currents) expect(sum(own)).toBeGreaterThan(19.9);
  });

  it('take turns below the peak that the plan pays for', () => {
    const demand = { perKw: 50, peakSoFarW: 0, intervalPeriods: 1, flowedW: null };
    // Three cars of 2.67 A each are 8 A: one at a time.
    const currents = whole(alike(3, 16 / 3, 100, { demand }));
    for (let t = 0; t < 8; t++) {
      expect(sum(currents.map((own) => own[t] ?? 0))).toBeLessThanOrEqual(8 + 1e-3);
      expect(currents.filter((own) => (own[t] ?? 0) > 0).length).toBeLessThanOrEqual(1);
    }
    expect(sum(currents.flat()) * (VOLTS / 1000)).toBeGreaterThan(0.9 * 16);
  });

  it('carry what is less than a step on to later periods', () => {
    // 10 A for each of two cars behind 20 A that are set in steps of 8 A.
    const of = alike(2, 18, 20);
    const settable = { stepA: 8, valuesA: null };
    const sessions = of.sessions.map((one) => ({ ...one, minA: 8, settable }));
    const currents = whole({ ...of, sessions });
    for (const own of currents) for (const a of own) expect([0, 8, 16]).toContain(a);
    // 20 A are room for one step of each; each needs 78 ampere-hours, and can have 64.
    expect(sum(currents.flat())).toBeGreaterThan(0.95 * 8 * 16);
    for (const own of currents) expect(sum(own)).toBeGreaterThan(0.8 * 8 * 8);
  });

  it('wait with what is to be cheaper', () => {
    const importPerKwh = [9, 9, 9, 9, 1, 1, 1, 1];
    const currents = whole(alike(2, 4, 10, { prices: { importPerKwh, exportPerKwh: 0, co2KgPerKwh: 0 } }));
    for (const own of currents) expect(sum(own.slice(0, 4))).toBe(0);
    expect(sum(currents.flat())).toBeCloseTo(32, 3);
  });
});

/** The same with stations that are set in steps, or to the values of a list. */
const stepped = fc
  .tuple(problems, fc.constantFrom([1, null] as const, [7.38, null] as const, [1, [6, 10, 25]] as const))
  .map(([of, [stepA, valuesA]]): PlanProblem => {
    const settable = { stepA, valuesA };
    const sessions = of.sessions.map((one) =>
      one.v2x === null ? { ...one, settable, minA: Math.min(25, settableFrom(settable, one.minA)) } : one,
    );
    return { ...of, sessions };
  });

describe('on any problem', () => {
  it('a car has nothing or its minimum at least, in its steps, and all limits hold', () => {
    fc.assert(
      fc.property(fc.oneof(problems, stepped), (of) => {
        const plan = planned(of);
        const currents = wholeCurrents(of, plan);
        const tree = planTree(of);
        const leaves = leavesOf(of, tree, pricesOf(of));
        const links = linksOf(of, tree);
        const above = linksAbove(tree, links);
        const loads = links.map(() => new Float64Array(of.periods));
        of.sessions.forEach(({ minA, settable, energyWh, v2x }, i) => {
          const leaf = leaves[i];
          const own = currents[i] ?? [];
          if (leaf === undefined || v2x !== null) {
            expect(own).toEqual(plan.sessions[i]?.limitA);
            return;
          }
          own.forEach((a, k) => {
            expect(a === 0 || (a >= minA - 1e-6 && a <= (leaf.maxA[k] ?? 0) + 1e-6)).toBe(true);
            if (settable !== undefined) expect(settableBelow(settable, a + 1e-5)).toBeCloseTo(a, 4);
            for (const link of above[leaf.node] ?? []) {
              const at = loads[link];
              const load = loadOn(links[link] ?? fail(), leaf.perA, leaf.kwPerA) * a;
              if (at !== undefined) at[leaf.first + k] = (at[leaf.first + k] ?? 0) + load;
            }
          });
          // The last period may end early, with the car full.
          const before = own.slice(
            0,
            own.findLastIndex((a) => a > 0),
          );
          const wh = before.reduce((all, a, k) => all + a * leaf.kwPerA * 1000 * (leaf.presence[k] ?? 0), 0);
          expect((wh * leaf.efficiency * of.periodS) / 3600).toBeLessThanOrEqual(energyWh + 1);
        });
        links.forEach(({ side, onPhase, room }, i) => {
          if (side === 'export' || onPhase.some((factor) => factor < 0)) return;
          loads[i]?.forEach((load, t) => {
            expect(load).toBeLessThanOrEqual((room[t] ?? 0) + 1e-3);
          });
        });
      }),
      RUNS,
    );
  });

  it('the same plan gives the same currents', () => {
    fc.assert(
      fc.property(problems, (of) => {
        const plan = planned(of);
        expect(wholeCurrents(of, plan)).toEqual(wholeCurrents(structuredClone(of), structuredClone(plan)));
      }),
      { numRuns: 20 },
    );
  });
});

function fail(): never {
  throw new Error('no such link');
}
