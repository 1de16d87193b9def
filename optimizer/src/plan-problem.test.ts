// What the look-ahead is asked, from histories.

import {
  type DomainEvent,
  type EventData,
  lineCurrentA,
  type PlanConfig,
  type SiteState,
  transformerLines,
} from '@ampledger/domain';
import {
  at,
  commissioned,
  configured,
  disconnected,
  given,
  granted,
  key,
  metered,
  type NodeSpec,
  needsNotified,
  SITE,
  type StationSpec,
  session,
  siteOf,
  started,
  status,
  type Told,
} from '@ampledger/domain/testing';
import { nodeId, type PerPhase } from '@ampledger/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkProblem } from './plan/check-problem.js';
import type { PlanProblem } from './plan/problem.js';
import { planProblemOf } from './plan-problem.js';

const PLAN: PlanConfig = {
  periodS: 900,
  horizonS: 14_400,
  deadlineMs: 1_000,
  currency: 'EUR',
  importPerKwh: 0.3,
  exportPerKwh: 0.1,
  tariff: [],
  demandPerKw: 0,
  co2PerKg: 0,
  battery: null,
  pv: null,
  randomDelayS: 0,
};
const HOUR_S = 3600;

interface Given {
  readonly nodes?: readonly NodeSpec[];
  readonly stations?: readonly StationSpec[];
  readonly plan?: Partial<PlanConfig> | null;
  readonly site?: Parameters<typeof siteOf>[0]['site'];
  readonly history?: readonly Told[];
}

const A: StationSpec = { id: 'A', node: 'grid', connectors: [{ maxA: 16 }] };

/** A car at A from the start, with 10 kWh to be had in three hours. */
function yard({ nodes, stations = [A], plan = {}, site = {}, history = [] }: Given): SiteState {
  const config = siteOf({
    nodes: nodes ?? [{ id: 'grid', limitA: 63 }],
    stations,
    site: { plan: plan === null ? null : { ...PLAN, ...plan }, ...site },
  });
  return given([
    [0, configured(config)],
    ...stations.flatMap(({ id }) => commissioned(id)),
    [0, started('A', 't')],
    [0, needsNotified('A', { energyWh: 10_000, departAt: at(3 * HOUR_S) })],
    ...history,
  ]);
}

function problemAt(state: SiteState, seconds: number): PlanProblem {
  const problem = planProblemOf(state, at(seconds));
  if (problem === null) throw new Error('there is nothing to plan');
  expect(checkProblem(problem)).toBeNull();
  return problem;
}

const cap = (limitA: number, said: Partial<EventData<'EnvelopeSet'>> = {}): DomainEvent => ({
  type: 'EnvelopeSet',
  data: {
    ...{ site: SITE, source: 'operator', node: nodeId('grid'), limitA: [limitA, limitA, limitA] },
    ...{ limitW: null, from: null, to: null, fallback: null, silenceS: null, heardAt: at(0) },
    ...said,
  },
});
const load = (node: string, loadA: PerPhase): DomainEvent => ({
  type: 'NodeLoadMeasured',
  data: { site: SITE, node: nodeId(node), loadA },
});
/** A limit on L1, by period. */
const l1 = ({ nodes }: PlanProblem, node = 0) => {
  const limit = nodes[node]?.limitA?.[0];
  return typeof limit === 'number' ? Array.from({ length: 16 }, () => limit) : limit;
};

describe('nothing is asked', () => {
  it.each<[string, Given]>([
    ['of a site without a plan', { plan: null }],
    ['where nothing is known of any car', { history: [[60, started('A', 'other')]] }],
    ['where the only car has what it asked for', { history: [[60, needsNotified('A', { energyWh: 0 })]] }],
    ['where its station does not answer', { history: [[60, disconnected('A')]] }],
  ])('%s', (_, of) => {
    expect(planProblemOf(yard(of), at(61))).toBeNull();
  });
});

describe('a session', () => {
  it('is there from now until a little before it leaves', () => {
    const { from, periods, sessions } = problemAt(yard({}), 450);
    expect([from, periods]).toEqual([at(0), 16]);
    expect(sessions).toHaveLength(1);
    expect(sessions[0]).toMatchObject({
      connector: key('A'),
      node: 'grid',
      arrives: 0.5,
      energyWh: 10_000,
      minA: 6,
      maxA: 16,
      perA: [1, 1, 1],
      wattsPerA: 690,
      efficiency: 1,
      weight: 1,
    });
    // On one phase, as long as nothing else is known, its need takes 2.8 of the 3 hours: less than the margin is left.
    expect(sessions[0]?.departs).toBeGreaterThan(11.5);
    expect(sessions[0]?.departs).toBeLessThanOrEqual(12);
  });

  it('of which nothing is known is asked for in this period only, and comes after those with a need', () => {
    const stations = [A, { ...A, id: 'B' }];
    const { sessions } = problemAt(yard({ stations, history: [[10, started('B', 'u')]] }), 450);
    const unknown = sessions[1];
    expect(unknown).toMatchObject({ connector: key('B'), arrives: 0.5, departs: 1, weight: 0.001 });
    expect(unknown?.energyWh).toBeCloseTo((16 * 690) / 8, 6);
  });

  it('at a DC station needs in the car what takes more from the grid', () => {
    const stations = [{ ...A, connectors: [{ maxA: 60, current: 'dc', efficiency: 0.9 } as const] }];
    expect(problemAt(yard({ stations }), 0).sessions[0]).toMatchObject({ wattsPerA: 690, efficiency: 0.9 });
  });
});

describe('the limits', () => {
  it('leave the reserve free, and what an offline station may be holding until its lease is over', () => {
    const stations = [A, { ...A, id: 'B' }];
    const history: readonly Told[] = [
      [0, started('B', 'u')],
      ...granted(0, 'g', { station: 'B', transaction: 'u', limitA: 10, tailA: 4, leaseEndsS: 600 }),
      [1, disconnected('B')],
    ];
    const nodes = [{ id: 'grid', limitA: 63, limitW: 40_000, reserveA: 3 }];
    const problem = problemAt(yard({ nodes, stations, history }), 2);
    expect(l1(problem)?.slice(0, 3)).toEqual([50, 56, 56]);
    expect(problem.nodes[0]?.limitW).toEqual(expect.arrayContaining([40_000 - 13 * 690, 40_000 - 7 * 690]));
  });

  it('are tightened by what is announced, in every period that it touches', () => {
    const soon = cap(20, { from: at(1_800), to: at(4_000) });
    const problem = problemAt(yard({ history: [[1, soon]] }), 2);
    // It acts 15 s before it begins: that is in the second period.
    expect(l1(problem)?.slice(0, 6)).toEqual([63, 20, 20, 20, 20, 63]);
  });

  it('take up again when an envelope ends', () => {
    const problem = problemAt(yard({ history: [[1, cap(20, { to: at(900) })]] }), 2);
    expect(l1(problem)?.slice(0, 3)).toEqual([20, 63, 63]);
  });

  it('take a source that speaks to go on, and a silent one by its fallback', () => {
    const live = cap(20, { silenceS: 60, fallback: { limitA: [8, 8, 8], limitW: null } });
    const state = yard({ history: [[1, live]] });
    expect(l1(problemAt(state, 30))).toEqual(Array.from({ length: 16 }, () => 20));
    expect(l1(problemAt(state, 61))).toEqual(Array.from({ length: 16 }, () => 8));
  });
});

describe('loads that nobody controls', () => {
  const metered = { kind: 'metered', maxA: [30, 30, 30], staleAfterS: 60 } as const;
  const nodes: readonly NodeSpec[] = [
    { id: 'grid', limitA: 63, unmanaged: { kind: 'constant', loadA: [2, 2, 2] } },
    { id: 'house', parent: 'grid', unmanaged: metered },
  ];
  const on = ({ nodes: all }: PlanProblem, node: number) => all[node]?.unmanagedA[0];

  it('count at their node and above, as measured now and as usual later', () => {
    const history: readonly Told[] = [
      [HOUR_S, load('house', [10, 0, 0])],
      [HOUR_S + 60, load('house', [20, 0, 0])],
      // The hour after, which ends it.
      [2 * HOUR_S, load('house', [9, 0, 0])],
      [24 * HOUR_S, load('house', [4, 0, 0])],
      [24 * HOUR_S, needsNotified('A', { energyWh: 1_000, departAt: at(26 * HOUR_S) })],
    ];
    const problem = problemAt(yard({ nodes, history }), 24 * HOUR_S + 1);
    expect(on(problem, 1)).toEqual([4, 4, 4, 4, 15, 15, 15, 15, 9, 9, 9, 9, 4, 4, 4, 4]);
    expect(on(problem, 0)).toEqual([6, 6, 6, 6, 17, 17, 17, 17, 11, 11, 11, 11, 6, 6, 6, 6]);
  });

  it('count at their most where the meter is silent', () => {
    const problem = problemAt(yard({ nodes, history: [[0, load('house', [10, 0, 0])]] }), 61);
    expect(on(problem, 0)).toEqual(Array.from({ length: 16 }, () => 32));
  });
});

describe('the lines of a transformer', () => {
  it('let through what they keep, and little else', () => {
    const transformer = {
      secondaryA: [100, 100, 80],
      primaryA: [40, 35, 40],
      ratio: 4,
    } as const;
    const nodes = [{ id: 'grid', transformer }];
    const state = yard({ nodes, site: { wiring: 'delta', voltageV: 208 } });
    const cuts = problemAt(state, 0).nodes[0]?.cuts ?? [];
    const lines = transformerLines(state.config);
    const worst = (legs: PerPhase) =>
      Math.max(...lines.map((line) => lineCurrentA(line, legs) / line.limitA));
    const worstCut = (legs: PerPhase) =>
      Math.max(
        ...cuts.map(({ onPhase, maxA }) => {
          const limit = typeof maxA === 'number' ? maxA : (maxA?.[0] ?? Number.NaN);
          return (onPhase[0] * legs[0] + onPhase[1] * legs[1] + onPhase[2] * legs[2]) / limit;
        }),
      );
    expect(lines).toHaveLength(6);
    const amperes = fc.double({ min: 0, max: 100, noNaN: true });
    fc.assert(
      fc.property(fc.tuple(amperes, amperes, amperes), (legs) => {
        fc.pre(worst(legs) > 1e-6);
        // In between, chords are 0.1 % too tight, and tangents a few percent too wide.
        expect(worstCut(legs) / worst(legs)).toBeLessThan(1.001);
        expect(worstCut(legs) / worst(legs)).toBeGreaterThan(0.93);
      }),
      { numRuns: 500 },
    );
  });
});

describe('beside the cars', () => {
  it('a battery is taken to have followed the plan', () => {
    const battery = {
      ...{ node: nodeId('grid'), capacityWh: 10_000, reserveWh: 1_000 },
      ...{ chargeW: 4_000, dischargeW: 4_000, efficiency: 0.81 },
    };
    const made: DomainEvent = {
      type: 'PlanMade',
      data: {
        ...{ site: SITE, at: at(450), basis: 0, epoch: 0, from: at(0), periodS: 900, periods: 3 },
        ...{ status: 'optimal', objective: 0, energyCost: 0, demandCost: 0, sessions: [], expected: [] },
        battery: { storedWh: 2_000, measuredAt: null, powerW: [4_000, -900, 4_000] },
        outlook: null,
      },
    };
    const state = yard({ plan: { battery }, history: [[450, made]] });
    const startWh = (seconds: number) => problemAt(state, seconds).battery?.startWh;
    expect(problemAt(yard({ plan: { battery } }), 0).battery?.startWh).toBe(1_000);
    expect(startWh(450)).toBeCloseTo(2_000, 6);
    expect(startWh(900)).toBeCloseTo(2_450, 6);
    expect(startWh(1_350)).toBeCloseTo(2_450 - 125, 6);
    expect(startWh(9_000)).toBeCloseTo(2_450 - 250 + 900, 6);
  });

  it('a battery that told its level has that, and follows the plan from then on', () => {
    const battery = {
      ...{ node: nodeId('grid'), capacityWh: 10_000, reserveWh: 1_000 },
      ...{ chargeW: 4_000, dischargeW: 4_000, efficiency: 0.81 },
    };
    const told = (storedWh: number): DomainEvent => ({
      type: 'BatteryLevelReported',
      data: { site: SITE, storedWh },
    });
    const made: DomainEvent = {
      type: 'PlanMade',
      data: {
        ...{ site: SITE, at: at(450), basis: 0, epoch: 0, from: at(0), periodS: 900, periods: 2 },
        ...{ status: 'optimal', objective: 0, energyCost: 0, demandCost: 0, sessions: [], expected: [] },
        battery: { storedWh: 2_000, measuredAt: null, powerW: [4_000, 4_000] },
        outlook: null,
      },
    };
    const startWh = (history: readonly Told[], seconds: number) =>
      problemAt(yard({ plan: { battery }, history }), seconds).battery?.startWh;
    expect(startWh([[1, told(7_000)]], 900)).toBe(7_000);
    // What was told before the plan is in the plan.
    expect(
      startWh(
        [
          [1, told(7_000)],
          [450, made],
        ],
        900,
      ),
    ).toBeCloseTo(2_450, 6);
    expect(
      startWh(
        [
          [450, made],
          [900, told(7_000)],
        ],
        900,
      ),
    ).toBe(7_000);
    expect(
      startWh(
        [
          [450, made],
          [900, told(7_000)],
        ],
        1_350,
      ),
    ).toBeCloseTo(7_450, 6);
    expect(
      startWh(
        [
          [450, made],
          [900, told(99_000)],
        ],
        900,
      ),
    ).toBe(10_000);
  });

  it('a full car keeps nothing from the plan; who has what was asked for is in it with nothing', () => {
    const stations = [A, { ...A, id: 'B' }];
    const paused: readonly Told[] = [
      [0, started('B', 't')],
      ...granted(0, 'g', { station: 'B', transaction: 't', limitA: 16 }),
      [60, metered('B', [0, 0, 0])],
      [60, status('B', 'SuspendedEV')],
      [120, metered('B', [0, 0, 0])],
      [720, metered('B', [0, 0, 0])],
    ];
    const of = (history: readonly Told[]) => {
      const { nodes, sessions } = problemAt(yard({ stations, history }), 725);
      const [limitA] = nodes[0]?.limitA ?? [];
      return {
        leftA: Array.isArray(limitA) ? limitA[0] : limitA,
        needs: sessions.map(({ energyWh }) => energyWh),
      };
    };
    expect(of(paused)).toEqual({ leftA: 63, needs: [10_000] });
    expect(of([...paused, [722, needsNotified('B', { energyWh: 0 })]])).toEqual({
      ...{ leftA: 63, needs: [10_000, 0] },
    });
  });

  it('a demand charge is for what goes beyond the peak of the month so far', () => {
    const METERED = { kind: 'metered', maxA: [50, 50, 50], staleAfterS: 900 } as const;
    const loadA = (amperes: number): DomainEvent => ({
      type: 'NodeLoadMeasured',
      data: { site: SITE, node: nodeId('grid'), loadA: [amperes, amperes, amperes] },
    });
    const demandAt = (seconds: number, plan: Partial<PlanConfig>) =>
      problemAt(
        yard({
          nodes: [{ id: 'grid', limitA: 63, unmanaged: METERED }],
          plan,
          history: [
            [0, loadA(20)],
            [900, loadA(10)],
            [900, metered('A', [6, 6, 6])],
            [1_200, metered('A', [0, 0, 0])],
          ],
        }),
        seconds,
      ).demand;
    expect(demandAt(1_350, { demandPerKw: 0 })).toBeNull();
    // Of the quarter-hour that runs, the car's third; the load is in the period.
    expect(demandAt(1_350, { demandPerKw: 10 })).toEqual({
      ...{ perKw: 10, peakSoFarW: 690 * 20, intervalPeriods: 1, flowedW: (690 * 6) / 3 },
    });
    // The first of three periods is past, with the load.
    expect(demandAt(1_350, { demandPerKw: 10, periodS: 300, horizonS: 3_600 })).toEqual({
      ...{ perKw: 10, peakSoFarW: 690 * 20, intervalPeriods: 3, flowedW: (690 * (6 + 10)) / 3 },
    });
    // Nothing is known within an hour.
    expect(demandAt(1_350, { demandPerKw: 10, periodS: 3_600 })?.flowedW).toBeNull();
  });

  it('phases may differ by no more than the site file says, with what flows there anyway', () => {
    const unmanaged = { kind: 'constant', loadA: [4, 0, 0] } as const;
    const { nodes } = problemAt(yard({ nodes: [{ id: 'grid', limitA: 63, unbalanceA: 10, unmanaged }] }), 0);
    const roomOf = (onPhase: PerPhase) => {
      const cut = nodes[0]?.cuts.find((one) => one.onPhase.every((factor, p) => factor === onPhase[p]));
      const { maxA } = cut ?? { maxA: null };
      return Array.isArray(maxA) ? maxA[0] : maxA;
    };
    expect(nodes[0]?.cuts).toHaveLength(6);
    expect([roomOf([1, -1, 0]), roomOf([-1, 1, 0]), roomOf([0, 1, -1])]).toEqual([6, 14, 10]);
    expect(problemAt(yard({}), 0).nodes[0]?.cuts).toEqual([]);
  });

  it('cars are expected in hours in which they come, no more than there is place for', () => {
    const stations = [A, { ...A, id: 'B' }];
    const weeks = 4;
    const visits = Array.from({ length: weeks }, (_, week): readonly Told[] => {
      const came = week * 168 * HOUR_S + 2 * HOUR_S;
      return [0, 60, 120].flatMap((later, i): Told[] => [
        [came + later, started('B', `${week}-${i}`)],
        [
          came + later + 30 * 60,
          {
            type: 'SessionEnded',
            data: {
              ...{ station: 'B' as never, evseId: 1, session: session('B', `${week}-${i}`) },
              ...{ transaction: `${week}-${i}`, meterStopWh: 5_000, reason: null },
            },
          },
        ],
      ]);
    });
    const now = weeks * 168 * HOUR_S;
    const history: readonly Told[] = [
      ...visits.flat().toSorted(([a], [b]) => a - b),
      [now, needsNotified('A', { energyWh: 10_000, departAt: at(now + 3 * HOUR_S) })],
    ];
    const state = yard({ stations, history });
    const { expected } = problemAt(state, now);
    expect(expected).toHaveLength(1);
    expect(expected[0]).toMatchObject({ node: 'grid', maxA: 16, wattsPerA: 690 });
    expect(expected[0]?.arrives).toBeCloseTo(10, 6);
    expect(
      problemAt(
        yard({
          stations,
          history,
          site: { needs: { energyWh: null, stayS: null, departMinute: null, learn: false } },
        }),
        now,
      ).expected,
    ).toEqual([]);
  });
});

it('a plan looks no further than its event can hold', () => {
  const stations = Array.from({ length: 700 }, (_, i) => ({ ...A, id: i === 0 ? 'A' : `A${i}` }));
  const history = stations.slice(1).flatMap(({ id }): Told[] => [
    [0, started(id, 't')],
    [0, needsNotified(id, { energyWh: 10_000, departAt: at(24 * HOUR_S) })],
  ]);
  const { periods, sessions } = problemAt(yard({ stations, history, plan: { horizonS: 86_400 } }), 0);
  const currents = sessions.reduce((sum, { departs }) => sum + Math.min(periods, Math.ceil(departs)), 0);
  expect(periods).toBeLessThan(96);
  expect(currents).toBeLessThanOrEqual(32_000);
  expect(currents).toBeGreaterThan(25_000);
});

it('asking changes nothing, and asked again the problem is the same', () => {
  const state = yard({ history: [[1, cap(20, { to: at(900) })]] });
  const before = structuredClone(state);
  const first = planProblemOf(state, at(2));
  expect(state).toEqual(before);
  expect(planProblemOf(state, at(2))).toEqual(first);
});
