// Small days with an answer that can be worked out by hand.

import type { Highs } from 'highs';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkPlan, loadSolver, type Plan, type PlanProblem, solvePlan } from './index.js';
import { node, problem, session, VOLTS } from './test-problems.js';
import { unbalanceCuts } from './unbalance-cuts.js';

let highs: Highs;
beforeAll(async () => {
  highs = await loadSolver();
});

function plan(of: PlanProblem): Plan {
  const solved = solvePlan(highs, of);
  if (solved.kind !== 'planned') throw new Error(solved.reason);
  expect(checkPlan(of, solved.plan).violations).toEqual([]);
  return solved.plan;
}

/** Amperes by period, to a hundredth, by session. */
const currents = ({ sessions }: Plan): Record<string, number[]> =>
  Object.fromEntries(sessions.map(({ id, limitA }) => [id, limitA.map((a) => Math.round(a * 100) / 100)]));
const limited = (limitA: number, changes = {}) =>
  node('root', null, { limitA: [limitA, limitA, limitA], ...changes });

describe('time', () => {
  it('charges at once where nothing else decides', () => {
    expect(currents(plan(problem({ sessions: [session('a')] })))).toEqual({ a: [16, 0, 0, 0] });
  });

  it('gives way to who leaves earlier', () => {
    const sessions = [session('a'), session('b', { departs: 2, energyWh: 8000 })];
    expect(currents(plan(problem({ nodes: [limited(16)], sessions })))).toEqual({
      a: [0, 0, 16, 0],
      b: [16, 16],
    });
  });

  it('counts the part of a period that a car is there', () => {
    const { sessions } = plan(
      problem({ sessions: [session('a', { arrives: 0.5, departs: 1.25, energyWh: 9000 })] }),
    );
    expect(sessions[0]).toMatchObject({ first: 0, limitA: [16, 16] });
    expect(sessions[0]?.unservedWh).toBeCloseTo(9000 - 0.75 * 4000, 1);
  });

  it('lets in nobody who is not there', () => {
    const sessions = [session('gone', { departs: 0 }), session('later', { arrives: 9, departs: 12 })];
    expect(plan(problem({ sessions })).sessions.map((s) => [s.limitA, s.unservedWh])).toEqual([
      [[], 4000],
      [[], 4000],
    ]);
  });
});

describe('money', () => {
  it('moves load to where energy is cheap', () => {
    const prices = { importPerKwh: [3, 1, 2, 3], exportPerKwh: 0, co2KgPerKwh: 0 };
    const { energyCost, ...made } = plan(problem({ prices, sessions: [session('a', { energyWh: 6000 })] }));
    expect(currents({ energyCost, ...made })).toEqual({ a: [0, 16, 8, 0] });
    expect(energyCost).toBeCloseTo(4 * 1 + 2 * 2, 6);
  });

  it('moves load to where it is clean, when that is worth something', () => {
    const prices = { importPerKwh: 1, exportPerKwh: 0, co2KgPerKwh: [0.5, 0.5, 0.1, 0.5] };
    const weights = { co2PerKg: 0.2, unservedPerKwh: null, expected: 0.1 };
    expect(currents(plan(problem({ prices, weights, sessions: [session('a')] })))).toEqual({
      a: [0, 0, 16, 0],
    });
  });

  it('flattens where the peak costs', () => {
    const demand = { perKw: 10, peakSoFarW: 0, intervalPeriods: 1, flowedW: null };
    const made = plan(problem({ demand, sessions: [session('a'), session('b', { energyWh: 8000 })] }));
    const sums = [0, 1, 2, 3].map((t) => made.sessions.reduce((sum, s) => sum + (s.limitA[t] ?? 0), 0));
    for (const sum of sums) expect(sum).toBeCloseTo(12, 3);
    expect(made.demandCost).toBeCloseTo(30, 4);
  });

  it('does not flatten below the peak that was', () => {
    const demand = { perKw: 10, peakSoFarW: 4000, intervalPeriods: 1, flowedW: null };
    expect(currents(plan(problem({ demand, sessions: [session('a')] })))).toEqual({ a: [16, 0, 0, 0] });
  });

  it('means the peak of an interval, not of a period', () => {
    const demand = { perKw: 10, peakSoFarW: 2000, intervalPeriods: 2, flowedW: null };
    const made = plan(problem({ demand, sessions: [session('a')] }));
    expect(currents(made)).toEqual({ a: [16, 0, 0, 0] });
    expect(made.demandCost).toBe(0);
  });

  it('counts what flowed in the interval before now', () => {
    const peakOf = (flowedW: number | null) => ({ perKw: 10, peakSoFarW: 2000, intervalPeriods: 1, flowedW });
    const of = (flowedW: number | null) =>
      currents(plan(problem({ demand: peakOf(flowedW), sessions: [session('a', { energyWh: 2000 })] })));
    expect(of(null)).toEqual({ a: [8, 0, 0, 0] });
    expect(of(1000)).toEqual({ a: [4, 4, 0, 0] });
    // Less than the period counts for its load flowed.
    expect(of(-1000)).toEqual({ a: [8, 0, 0, 0] });
    const made = plan(problem({ demand: peakOf(5000), sessions: [session('a', { energyWh: 2000 })] }));
    expect(made.demandCost).toBeCloseTo(30, 6);
  });

  it('serves a car even where its peak costs far more than its energy', () => {
    const demand = { perKw: 500, peakSoFarW: 0, intervalPeriods: 1, flowedW: null };
    const { sessions } = plan(problem({ demand, sessions: [session('a', { departs: 1 })] }));
    expect(sessions[0]?.unservedWh).toBeCloseTo(0, 1);
  });

  it('charges when the sun shines, where feeding back earns little', () => {
    const pv = { node: 'root', forecastW: [0, 0, 4000, 0] };
    const made = plan(problem({ pv, sessions: [session('a')] }));
    expect(currents(made)).toEqual({ a: [0, 0, 16, 0] });
    expect(made.energyCost).toBeCloseTo(0, 6);
  });
});

describe('limits', () => {
  it('keeps two phases as near to each other as a node asks for, period by period', () => {
    const nodes = [node('root', null, { cuts: unbalanceCuts(6) })];
    const [a, b] = [
      session('a', { energyWh: 16_000 }),
      session('b', { perA: [0, 1, 0], energyWh: 16_000, departs: 2 }),
    ];
    expect(currents(plan(problem({ nodes, sessions: [a] })))).toEqual({ a: [6, 6, 6, 6] });
    // As long as the other is there, both may have all; but for a third phase, which has nothing.
    expect(currents(plan(problem({ nodes, sessions: [a, b] })))).toEqual({ a: [6, 6, 6, 6], b: [6, 6] });
    const c = session('c', { perA: [0, 0, 1], energyWh: 16_000, departs: 2 });
    expect(currents(plan(problem({ nodes, sessions: [a, b, c] })))).toEqual({
      ...{ a: [16, 16, 6, 6], b: [16, 16], c: [16, 16] },
    });
    // Who loads all phases alike is held back by nothing.
    const even = session('even', { perA: [1, 1, 1], wattsPerA: 750, energyWh: 48_000 });
    expect(currents(plan(problem({ nodes, sessions: [even] })))).toEqual({ even: [16, 16, 16, 16] });
  });

  it('keeps a node, less its unmanaged load, on every phase', () => {
    const nodes = [limited(20, { unmanagedA: [[10, 0, 0, 0], 0, 0] })];
    const sessions = [session('a', { perA: [1, 1, 1], wattsPerA: 3 * VOLTS, energyWh: 15_000 })];
    expect(currents(plan(problem({ nodes, sessions })))).toEqual({
      a: [10, 10, 0, 0].map((a, t) => (t === 1 ? 10 : a)),
    });
  });

  it('keeps an announced envelope while it lasts', () => {
    const envelopes = [{ node: 'root', limitA: null, limitW: [1000, 1000, null, null], exportW: null }];
    const sessions = [session('a', { energyWh: 8000 })];
    expect(currents(plan(problem({ envelopes, sessions })))).toEqual({ a: [4, 4, 16, 8] });
  });

  it('gives nothing where the unmanaged load takes all', () => {
    const nodes = [limited(20, { unmanagedA: [25, 0, 0] })];
    const { sessions } = plan(problem({ nodes, sessions: [session('a')] }));
    expect(sessions[0]).toMatchObject({ limitA: [0, 0, 0, 0], unservedWh: 4000 });
  });

  it('lets photovoltaics make no room', () => {
    const pv = { node: 'root', forecastW: 4000 };
    const nodes = [node('root', null, { limitW: 1000 })];
    expect(currents(plan(problem({ nodes, pv, sessions: [session('a')] })))).toEqual({ a: [4, 4, 4, 4] });
  });

  it('keeps the cuts of a line', () => {
    const nodes = [node('root', null, { cuts: [{ onPhase: [0.5, 0.5, 0], maxA: 8 }] })];
    const { sessions } = plan(
      problem({
        nodes,
        sessions: [session('a', { energyWh: 99_000 }), session('b', { perA: [0, 1, 0], energyWh: 99_000 })],
      }),
    );
    for (let t = 0; t < 4; t++) {
      expect(sessions.reduce((sum, s) => sum + (s.limitA[t] ?? 0), 0)).toBeCloseTo(16, 3);
    }
  });
});

describe('shortage', () => {
  const short = (changes: readonly Partial<Parameters<typeof session>[1]>[]) =>
    plan(
      problem({
        nodes: [limited(16)],
        sessions: changes.map((each, i) => session(`s${i}`, { energyWh: 8000, ...each })),
      }),
    ).sessions.map(({ unservedWh }) => unservedWh);

  it('is shared between those alike, to one step of an eighth', () => {
    const unserved = short([{}, {}, {}, {}]);
    expect(unserved.reduce((sum, wh) => sum + wh, 0)).toBeCloseTo(16_000, 0);
    expect(Math.max(...unserved) - Math.min(...unserved)).toBeLessThanOrEqual(1000 + 1);
  });

  it('is shared by need', () => {
    const [large = 0, small = 0] = short([{ energyWh: 16_000 }, { energyWh: 8000 }]);
    expect(large / 16_000 - small / 8000).toBeLessThanOrEqual(1 / 8 + 1e-3);
    expect(small / 8000 - large / 16_000).toBeLessThanOrEqual(1 / 8 + 1e-3);
  });

  it('spares who has more weight, and not altogether', () => {
    const [heavy = 0, light = 0, other = 0] = short([{ weight: 2 }, { weight: 1 }, { weight: 1 }]);
    expect(heavy).toBeLessThan(light);
    expect(heavy).toBeLessThan(other);
    expect(heavy).toBeGreaterThan(0);
  });

  it('falls on the lower class altogether', () => {
    const [high = 0, low = 0] = short([
      { priority: 1, energyWh: 12_000 },
      { priority: 0, weight: 1000 },
    ]);
    expect(high).toBeCloseTo(0, 1);
    expect(low).toBeCloseTo(4000, 1);
  });

  it('falls on those who are only expected, before those who are here', () => {
    const later = {
      id: 'later',
      node: 'root',
      perA: [1, 0, 0] as const,
      wattsPerA: VOLTS,
      arrives: 0,
      departs: 4,
      energyWh: 12_000,
      maxA: 32,
    };
    const of = problem({
      nodes: [limited(16)],
      sessions: [session('a', { energyWh: 8000 })],
      expected: [later],
    });
    const { sessions, expected } = plan(of);
    expect(sessions[0]?.unservedWh).toBeCloseTo(0, 1);
    expect(expected[0]?.unservedWh).toBeCloseTo(4000, 1);
  });

  it('makes who is here come first in time, so that the expected find room', () => {
    const later = {
      id: 'later',
      node: 'root',
      perA: [1, 0, 0] as const,
      wattsPerA: VOLTS,
      arrives: 2,
      departs: 4,
      energyWh: 8000,
      maxA: 32,
    };
    const prices = { importPerKwh: [1.2, 1.2, 1, 1], exportPerKwh: 0, co2KgPerKwh: 0 };
    const of = problem({ prices, nodes: [limited(16)], sessions: [session('a', { energyWh: 8000 })] });
    expect(currents(plan(of))).toEqual({ a: [0, 0, 16, 16] });
    expect(currents(plan({ ...of, expected: [later] }))).toEqual({ a: [16, 16, 0, 0] });
  });
});

describe('storage', () => {
  const battery = {
    node: 'root',
    capacityWh: 10_000,
    reserveWh: 1000,
    chargeW: 4000,
    dischargeW: 4000,
    efficiency: 0.81,
    startWh: 1000,
    finalWh: 1000,
    wearPerKwh: 0,
  };
  const prices = { importPerKwh: [1, 1, 3, 3], exportPerKwh: 0, co2KgPerKwh: 0 };

  it('fills a battery when energy is cheap and uses it when it is dear', () => {
    const sessions = [session('a', { arrives: 2, departs: 3, energyWh: 3240 })];
    const made = plan(problem({ battery, prices, sessions }));
    expect(made.batteryW?.map((w) => Math.round(w))).toEqual([4000, 0, -3240, 0]);
  });

  it('leaves a battery alone where its losses cost more', () => {
    const flat = { ...prices, importPerKwh: [1, 1, 1.2, 1.2] };
    const sessions = [session('a', { arrives: 2, departs: 3, energyWh: 3240 })];
    const { batteryW } = plan(problem({ battery, prices: flat, sessions }));
    expect(batteryW?.map((w) => Math.abs(w) < 1)).toEqual([true, true, true, true]);
  });

  it('shaves a peak with the battery, and counts it for nothing under the limit', () => {
    const full = { ...battery, startWh: 9000 };
    const nodes = [limited(16)];
    const sessions = [session('a', { departs: 1, energyWh: 6000 })];
    const demand = { perKw: 10, peakSoFarW: 1000, intervalPeriods: 1, flowedW: null };
    const made = plan(problem({ battery: full, nodes, demand, sessions }));
    expect(currents(made)).toEqual({ a: [16] });
    expect(made.demandCost).toBeCloseTo(0, 4);
  });

  const v2x = {
    dischargeA: 16,
    efficiency: 1,
    storedWh: 6000,
    minWh: 4000,
    capacityWh: 10_000,
    wearPerKwh: 0,
  };

  it('lets a car feed back when energy is dear, and fills it before it leaves', () => {
    const dear = { importPerKwh: [3, 1, 1, 1], exportPerKwh: 0, co2KgPerKwh: 0 };
    const nodes = [node('root', null, { unmanagedA: [16, 0, 0] })];
    const made = plan(problem({ prices: dear, nodes, sessions: [session('a', { energyWh: 2000, v2x })] }));
    // Down to its minimum of 4 kWh, then up to 8.
    expect(currents(made)).toEqual({ a: [-8, 16, 0, 0] });
    expect(made.energyCost).toBeCloseTo(3 * 2 + 1 * 8 + 2 * 4, 4);
  });

  it('makes no room for others by feeding back, and keeps the limit on it', () => {
    const nodes = [limited(16, { exportW: 1000 })];
    const sessions = [session('a', { energyWh: 0, v2x }), session('b', { energyWh: 99_000 })];
    const dear = { importPerKwh: 3, exportPerKwh: 3, co2KgPerKwh: 0 };
    const { sessions: made } = plan(problem({ prices: dear, nodes, sessions }));
    expect(made[1]?.limitA).toEqual([16, 16, 16, 16]);
    for (const a of made[0]?.limitA ?? []) expect(a).toBeGreaterThanOrEqual(-4 - 1e-4);
  });
});

describe('solvePlan', () => {
  it('gives the same bits for the same problem', () => {
    const sessions = ['a', 'b', 'c'].map((id) => session(id, { energyWh: 9000 }));
    const of = problem({ nodes: [limited(20)], sessions });
    expect(plan(structuredClone(of))).toEqual(plan(of));
  });

  it('plans a site where nobody is', () => {
    expect(plan(problem()).sessions).toEqual([]);
  });

  it('refuses what is no problem', () => {
    expect(() => solvePlan(highs, problem({ periods: 0 }))).toThrow(RangeError);
    expect(() => solvePlan(highs, problem({ sessions: [session('a'), session('a')] }))).toThrow('twice');
  });
});
