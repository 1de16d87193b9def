// That a check finds what was planted, each kind by its own words.

import type { Highs } from 'highs';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkPlan, isAsGood, loadSolver, type Plan, type PlanProblem, solvePlan } from './index.js';
import { node, problem, session } from './test-problems.js';

const v2x = {
  dischargeA: 16,
  efficiency: 1,
  storedWh: 6000,
  minWh: 4000,
  capacityWh: 10_000,
  wearPerKwh: 0,
};
const of: PlanProblem = problem({
  nodes: [
    node('root', null, { limitA: [30, 30, 30], exportW: 1000 }),
    node('a', 'root', { limitW: 6000, cuts: [{ onPhase: [1, 0, 0], maxA: 20 }] }),
  ],
  sessions: [
    session('s0', { node: 'a', energyWh: 6000 }),
    session('s1', { node: 'a', energyWh: 9000 }),
    session('s2', { departs: 3, energyWh: 2000, v2x }),
  ],
  battery: {
    node: 'root',
    capacityWh: 4000,
    reserveWh: 500,
    chargeW: 2000,
    dischargeW: 2000,
    efficiency: 0.9,
    startWh: 1000,
    finalWh: 0,
    wearPerKwh: 0,
  },
});

let highs: Highs;
let plan: Plan;
beforeAll(async () => {
  highs = await loadSolver();
  const solved = solvePlan(highs, of);
  if (solved.kind !== 'planned') throw new Error(solved.reason);
  plan = solved.plan;
});

const withCurrents = (id: string, limitA: readonly number[]): Plan => ({
  ...plan,
  sessions: plan.sessions.map((s) => (s.id === id ? { ...s, limitA } : s)),
});

describe('checkPlan', () => {
  it('finds nothing in a plan', () => {
    expect(checkPlan(of, plan)).toMatchObject({ holds: true, violations: [] });
  });

  const planted: readonly (readonly [string, () => Plan, RegExp])[] = [
    ['more than a car may have', () => withCurrents('s0', [17, 0, 0, 0]), /s0 has 17 A in period 0/],
    ['a car that may not feed back', () => withCurrents('s0', [-1, 0, 0, 0]), /s0 has -1 A/],
    ['currents outside the stay', () => withCurrents('s2', [1, 1, 1, 1]), /s2 is planned outside its stay/],
    ['more than a car needs', () => withCurrents('s0', [16, 16, 0, 0]), /s0 gets too much/],
    ['a shortage that is not said', () => withCurrents('s0', [0, 0, 0, 0]), /s0 is short of 6000 Wh, not 0/],
    ['a car emptied too far', () => withCurrents('s2', [-4, -4, -4]), /s2 holds 3000 Wh after period 2/],
    ['a car filled too far', () => withCurrents('s2', [16, 16, 16]), /s2 holds 14000 Wh after period 1/],
    ['a cut', () => withCurrents('s0', [16, 16, 16, 16]), /cut:0:a carries 32 in period/],
    ['a phase of the root', () => withCurrents('s2', [16, 16, 16]), /import:0:root carries 3\d/],
    ['what may flow back', () => withCurrents('s2', [-8, 0, 0]), /export:w:root carries 2\.\d+ in period 0/],
    ['the power of the battery', () => ({ ...plan, batteryW: [3000, 0, 0, 0] }), /the battery has 3000 W/],
    ['the level of the battery', () => ({ ...plan, batteryW: [-600, 0, 0, 0] }), /the battery holds 36\d/],
    ['what it costs', () => ({ ...plan, energyCost: 0 }), /energyCost is said to be 0/],
    ['what is no number', () => withCurrents('s1', [Number.NaN, 0, 0, 0]), /s1 has NaN A/],
  ];
  it.each(planted)('finds %s', (_, change, violation) => {
    const check = checkPlan(of, change());
    expect(check.holds).toBe(false);
    expect(check.violations.join('\n')).toMatch(violation);
  });

  it('refuses a plan of another problem', () => {
    expect(() => checkPlan({ ...of, from: 0 }, plan)).toThrow(RangeError);
    expect(() => checkPlan({ ...of, sessions: of.sessions.slice(1) }, plan)).toThrow(RangeError);
  });
});

describe('isAsGood', () => {
  it('lets a plan that the deadline ended be worse, and none be better than the optimum', () => {
    // Nothing at all is feasible, and as bad as can be.
    const nothing = problem({ sessions: [session('a')] });
    const solved = solvePlan(highs, nothing);
    const empty = solvePlan(highs, problem({ sessions: [session('a', { maxA: 0 })] }));
    if (solved.kind !== 'planned' || empty.kind !== 'planned') throw new Error('no plan');
    const late: Plan = { ...empty.plan, status: 'deadline' };
    expect(checkPlan(nothing, late).holds).toBe(true);
    expect(isAsGood(nothing, late, solved.plan)).toBe(true);
    expect(isAsGood(nothing, empty.plan, solved.plan)).toBe(false);
    expect(isAsGood(nothing, { ...solved.plan, status: 'deadline' }, late)).toBe(false);
  });
});
