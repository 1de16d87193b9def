// What others hold, in the plan's limits of power: as in the ledger.

import { countedLoad, ledgerInput, sumOfA, topologyOf } from '@ampledger/domain';
import {
  at,
  commissioned,
  configured,
  given,
  key,
  needsNotified,
  siteOf,
  started,
} from '@ampledger/domain/testing';
import { expect, it } from 'vitest';
import { allocate, loadSolver, planBasis, planMade, problemOf, solvePlan } from './index.js';
import { planProblemOf } from './plan-problem.js';

const PLAN = {
  ...{ periodS: 900, horizonS: 7200, deadlineMs: 2000, currency: 'EUR' },
  ...{ importPerKwh: 0.3, exportPerKwh: 0, tariff: [], demandPerKw: 0, co2PerKg: 0 },
  ...{ battery: null, pv: null, randomDelayS: 0 },
};

const unknown = { rotationKnown: false, wiredPhases: 1 } as const;
const config = siteOf({
  nodes: [{ id: 'grid', limitW: 22_000 }],
  stations: [
    { id: 'A', node: 'grid' },
    { id: 'B', node: 'grid', connectors: [unknown] },
    { id: 'C', node: 'grid', connectors: [unknown] },
  ],
  site: { plan: PLAN },
});
// B and C have never been heard of: they count at their rating, 32 A on the one phase that they have.
const state = given([
  [0, configured(config)],
  ...commissioned('A'),
  [1, started('A', 't')],
  [2, needsNotified('A', { energyWh: 8_000, departAt: at(20_000) })],
]);

it('what others hold counts in the plan with as many watts as in the ledger', () => {
  const heldA = ['B', 'C'].reduce((sum, id) => {
    const placed = topologyOf(config).byKey.get(key(id));
    if (!placed) throw new Error();
    return sum + sumOfA(countedLoad(ledgerInput(state, placed), at(3)));
  }, 0);
  expect(heldA).toBe(64);
  const limitW = planProblemOf(state, at(3))?.nodes[0]?.limitW;
  expect(Array.isArray(limitW) ? limitW[0] : limitW).toBeCloseTo(22_000 - 230 * heldA);
});

it('and a car is not planned out of power that is free', async () => {
  const problem = planProblemOf(state, at(3));
  if (problem === null) throw new Error();
  const basis = planBasis(state, at(3), problem);
  const solved = solvePlan(await loadSolver(), problem);
  if (solved.kind !== 'planned') throw new Error(JSON.stringify(solved));
  const planned = given(
    [[4, { type: 'PlanMade', data: planMade(state.site, basis, problem, solved.plan) }]],
    state,
  );
  const after = allocate(problemOf(planned, at(5)), config).find(({ connector }) => connector === key('A'));
  expect(after?.limitA).toBeGreaterThan(0);
});
