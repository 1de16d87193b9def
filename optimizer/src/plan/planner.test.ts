// The planner with its thread: warm answers are the cold ones, and every question is answered whatever happens.

import fc from 'fast-check';
import type { Highs } from 'highs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  checkPlan,
  createPlanner,
  isAsGood,
  loadSolver,
  type Planner,
  type PlannerOptions,
  type PlanOutcome,
  type PlanProblem,
  solvePlan,
} from './index.js';
import { node, problem, problems, session } from './test-problems.js';

const RUNS = Number(process.env.PLAN_RUNS ?? 30);

let highs: Highs;
beforeAll(async () => {
  highs = await loadSolver();
});
const open: Planner[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((planner) => planner.close()));
});
function planner(options: Partial<PlannerOptions> = {}): Planner {
  const created = createPlanner({ deadlineMs: 60_000, startMs: 60_000, ...options });
  open.push(created);
  return created;
}

function expectAsGoodAsCold(of: PlanProblem, outcome: PlanOutcome): void {
  if (outcome.kind !== 'planned') throw new Error(JSON.stringify(outcome));
  expect(checkPlan(of, outcome.plan).violations).toEqual([]);
  const cold = solvePlan(highs, of);
  if (cold.kind !== 'planned') throw new Error(cold.reason);
  expect(isAsGood(of, outcome.plan, cold.plan)).toBe(true);
}

/** `count` cars over a day of quarter-hours behind two feeders that do not suffice. */
function depot(count: number): PlanProblem {
  return problem({
    periodS: 900,
    periods: 96,
    nodes: [
      node('root', null, { limitA: [count * 3, count * 3, count * 3] }),
      node('a', 'root', { limitA: [count * 2, count * 2, count * 2] }),
      node('b', 'root', { limitW: count * 900 }),
    ],
    sessions: Array.from({ length: count }, (_, i) =>
      session(`s${i}`, {
        node: i % 2 === 0 ? 'a' : 'b',
        perA: i % 3 === 0 ? [1, 1, 1] : [i % 3 === 1 ? 1 : 0, i % 3 === 2 ? 1 : 0, 0],
        wattsPerA: i % 3 === 0 ? 750 : 250,
        arrives: (i * 7) % 60,
        departs: ((i * 7) % 60) + 8 + ((i * 5) % 28),
        energyWh: 8000 + ((i * 977) % 20_000),
      }),
    ),
  });
}

describe('a planner', () => {
  it('goes on from the last model when only numbers change', async () => {
    const solver = planner();
    const of = depot(40);
    expect(await solver.solve(of)).toMatchObject({ kind: 'planned', effort: { start: 'cold' } });
    const dearer = { ...of, prices: { ...of.prices, importPerKwh: 2 } };
    const outcome = await solver.solve(dearer);
    expect(outcome).toMatchObject({ kind: 'planned', effort: { start: 'same' } });
    expectAsGoodAsCold(dearer, outcome);
  });

  it('carries the basis over when cars come and go and time passes', async () => {
    const solver = planner();
    const of = depot(40);
    const cold = await solver.solve(of);
    const later = {
      ...of,
      from: of.from + 900_000,
      sessions: [
        ...of.sessions.slice(2).map((s) => ({ ...s, arrives: s.arrives - 1, departs: s.departs - 1 })),
        session('new', { node: 'a', arrives: 3, departs: 30, energyWh: 12_000 }),
      ],
    };
    const outcome = await solver.solve(later);
    expect(outcome).toMatchObject({ kind: 'planned', effort: { start: 'carried' } });
    expectAsGoodAsCold(later, outcome);
    if (cold.kind !== 'planned' || outcome.kind !== 'planned') throw new Error('no plan');
    expect(outcome.effort.iterations).toBeLessThan(cold.effort.iterations / 2);
  });

  it('answers as well as a cold solve, whatever was asked before', async () => {
    const solver = planner();
    await fc.assert(
      fc.asyncProperty(fc.array(problems, { minLength: 2, maxLength: 4 }), async (all) => {
        for (const of of all) expectAsGoodAsCold(of, await solver.solve(of));
      }),
      { numRuns: RUNS },
    );
  });

  it('keeps sites apart, and more of them than it has models for', async () => {
    const solver = planner();
    const sites = Array.from({ length: 10 }, (_, i) => ({ ...depot(4 + i), site: `site-${i}` }));
    const outcomes = await Promise.all([...sites, ...sites].map((of) => solver.solve(of)));
    outcomes.forEach((outcome, i) => {
      const of = sites[i % sites.length] ?? sites[0];
      if (of !== undefined) expectAsGoodAsCold(of, outcome);
    });
  });

  it('plans a site where nobody is', async () => {
    expect(await planner().solve(problem())).toMatchObject({ kind: 'planned', plan: { sessions: [] } });
  });

  it('rejects what is no problem, and goes on', async () => {
    const solver = planner();
    const garbage = [
      problem({ periods: Number.NaN }),
      problem({ sessions: [session('a', { node: 'nowhere' })] }),
      problem({ nodes: [node('root', 'root')] }),
      problem({ sessions: [session('a', { maxA: [1, 2] })] }),
      problem({ sessions: [session('a', { energyWh: Number.POSITIVE_INFINITY })] }),
      {} as PlanProblem,
    ];
    for (const each of garbage) expect((await solver.solve(each)).kind).toBe('rejected');
    expect((await solver.solve(problem({ sessions: [session('a')] }))).kind).toBe('planned');
  });
});

describe('the deadline', () => {
  it('ends a solve, and leaves the last plan standing where no better was found', async () => {
    // Nothing to solve takes no time at all; three hundred cars take more than a millisecond anywhere.
    const solver = planner({ deadlineMs: 1, graceMs: 60_000 });
    const before = await solver.solve(problem());
    if (before.kind !== 'planned') throw new Error(before.kind);
    const of = depot(300);
    const outcome = await solver.solve(of);
    if (outcome.kind !== 'deadline' || outcome.plan === null) throw new Error(outcome.kind);
    if (outcome.isOld) expect(outcome.plan).toEqual(before.plan);
    else expect(checkPlan(of, outcome.plan).violations).toEqual([]);
  });

  it('leaves nothing where there was no plan before', async () => {
    const outcome = await planner({ deadlineMs: 1, graceMs: 60_000 }).solve(depot(300));
    if (outcome.kind !== 'deadline') throw new Error(outcome.kind);
    expect(outcome.isOld).toBe(false);
  });

  it('ends a thread that does not stop by itself, and starts another', async () => {
    const solver = planner({ deadlineMs: 1, graceMs: 0 });
    const outcomes = [await solver.solve(depot(300)), await solver.solve(depot(300))];
    for (const { kind } of outcomes) expect(kind).toBe('deadline');
  });
});

describe('a thread that fails', () => {
  it('is an outcome, each time anew', async () => {
    // No thread starts in so little memory.
    const solver = planner({ heapMb: 1 });
    for (let i = 0; i < 2; i++) {
      const outcome = await solver.solve(depot(4));
      expect(outcome).toMatchObject({ kind: 'failed', reason: expect.stringMatching(/memory|thread/) });
    }
  });

  it('is not the only thing that may: what is thrown on this side is an outcome, too', async () => {
    const solver = planner();
    const of = depot(3);
    let reads = 0;
    const twoFaced = Object.defineProperty({ ...of }, 'voltageV', {
      get: () => {
        // Passes the first look, and not the second.
        reads += 1;
        if (reads > 1) throw new Error('changed its mind');
        return of.voltageV;
      },
    });
    expect(await solver.solve(twoFaced)).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('not of its type'),
    });
    expect((await solver.solve(of)).kind).toBe('planned');
  });

  it('that does not start in time is one, too', async () => {
    expect(await planner({ startMs: 0 }).solve(depot(4))).toMatchObject({ kind: 'failed' });
  });
});

describe('aborting', () => {
  it('answers at once, takes what waits out of the queue, and goes on with the rest', async () => {
    const solver = planner();
    const [running, waiting] = [new AbortController(), new AbortController()];
    const outcomes = [
      solver.solve(depot(300), running.signal),
      solver.solve(depot(5), waiting.signal),
      solver.solve(depot(6)),
    ];
    waiting.abort();
    running.abort();
    expect(await outcomes[0]).toEqual({ kind: 'aborted' });
    expect(await outcomes[1]).toEqual({ kind: 'aborted' });
    const last = await outcomes[2];
    if (last !== undefined) expectAsGoodAsCold(depot(6), last);
    expect(await solver.solve(depot(3), AbortSignal.abort())).toEqual({ kind: 'aborted' });
  });

  it('is what closing does to all that is open', async () => {
    const solver = planner();
    const outcomes = [solver.solve(depot(300)), solver.solve(depot(5))];
    await solver.close();
    expect(await Promise.all(outcomes)).toEqual([{ kind: 'aborted' }, { kind: 'aborted' }]);
    expect(await solver.solve(depot(3))).toEqual({ kind: 'aborted' });
  });

  it('refuses more than may wait', async () => {
    const solver = planner({ waitingMax: 1 });
    const outcomes = await Promise.all([depot(3), depot(4), depot(5)].map((of) => solver.solve(of)));
    expect(outcomes.map(({ kind }) => kind)).toEqual(['planned', 'planned', 'failed']);
  });
});
