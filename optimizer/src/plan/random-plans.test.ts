// Laws on random problems: the plan holds, costs what the programme's optimum costs and what another formulation's
// does, and never lets anything draw and feed back at once. PLAN_RUNS sets how many (100 by default).

import fc from 'fast-check';
import type { Highs } from 'highs';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildPlan } from './build-plan.js';
import {
  checkPlan,
  isAsGood,
  loadSolver,
  type Plan,
  type PlanProblem,
  readPlan,
  solvePlan,
} from './index.js';
import { solveLp } from './solve-plan.js';
import { problems } from './test-problems.js';
import { referenceObjective } from './test-reference.js';

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

describe('a plan', () => {
  it('holds', () => {
    fc.assert(
      fc.property(problems, (of) => {
        expect(checkPlan(of, planned(of)).violations).toEqual([]);
      }),
      RUNS,
    );
  });

  it('costs as little as the same problem written down another way', () => {
    fc.assert(
      fc.property(problems, (of) => {
        const expected = referenceObjective(highs, of);
        const { objective } = planned(of);
        expect(Math.abs(objective - expected)).toBeLessThanOrEqual(1e-6 * Math.max(10, Math.abs(expected)));
      }),
      RUNS,
    );
  });

  it('never has anything draw and feed back at once', () => {
    fc.assert(
      fc.property(problems, (of) => {
        const built = buildPlan(of);
        const solved = solveLp(highs, built.lp);
        if (typeof solved === 'number') throw new Error(`HiGHS status ${solved}`);
        const { values } = solved;
        for (const { current, discharge, count } of built.columns.leaves) {
          for (let k = 0; k < count && discharge >= 0; k++)
            expect(Math.min(values[current + k] ?? 0, values[discharge + k] ?? 0)).toBeLessThanOrEqual(1e-5);
        }
        const { battery } = built.columns;
        for (let t = 0; t < of.periods && battery !== null; t++)
          expect(
            Math.min(values[battery.charge + t] ?? 0, values[battery.discharge + t] ?? 0),
          ).toBeLessThanOrEqual(1e-5);
      }),
      RUNS,
    );
  });

  it('is as good as itself, and as nothing that was changed', () => {
    fc.assert(
      fc.property(problems, fc.nat(), (of, seed) => {
        const plan = planned(of);
        expect(isAsGood(of, plan, plan)).toBe(true);
        const changed = changeOne(plan, seed);
        if (changed !== null) expect(isAsGood(of, changed, plan)).toBe(false);
      }),
      RUNS,
    );
  });
});

/** One current more than it was by 2 A; null where there is nobody. */
function changeOne(plan: Plan, seed: number): Plan | null {
  const there = plan.sessions.filter(({ limitA }) => limitA.length > 0);
  const chosen = there[seed % Math.max(1, there.length)];
  if (chosen === undefined) return null;
  const k = seed % chosen.limitA.length;
  const limitA = chosen.limitA.with(k, (chosen.limitA[k] ?? 0) + 2);
  return { ...plan, sessions: plan.sessions.map((s) => (s === chosen ? { ...s, limitA } : s)) };
}

describe('readPlan', () => {
  it('takes out what is drawn and fed back at once, keeping the energy', () => {
    fc.assert(
      fc.property(problems, (of) => {
        const built = buildPlan(of);
        const values = new Float64Array(built.lp.numCols).map((_, i) =>
          Math.min(1, built.lp.colUpper[i] ?? 0),
        );
        const plan = readPlan(of, built, values, 'deadline');
        for (const [i, { limitA }] of plan.sessions.entries()) {
          const { current = 0, discharge = -1 } = built.columns.leaves[i] ?? {};
          const { v2x = null, efficiency = 1 } = of.sessions[i] ?? {};
          limitA.forEach((a, k) => {
            const back = v2x === null ? 0 : (values[discharge + k] ?? 0) / v2x.efficiency;
            const before = (values[current + k] ?? 0) * efficiency - back;
            const after = a > 0 ? a * efficiency : a / (v2x?.efficiency ?? 1);
            expect(Math.abs(after - before)).toBeLessThanOrEqual(2e-6);
          });
        }
      }),
      RUNS,
    );
  });
});
