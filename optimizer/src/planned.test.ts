// What a plan says of a connector at a moment.

import { type EventData, ledgerInput, type PlanConfig, type SiteState, topologyOf } from '@ampledger/domain';
import {
  at,
  commissioned,
  configured,
  given,
  granted,
  key,
  metered,
  needsNotified,
  SITE,
  session,
  siteOf,
  started,
  type Told,
} from '@ampledger/domain/testing';
import { describe, expect, it } from 'vitest';
import { decideLimits } from './decide.js';
import { nextChangeAt } from './next-change.js';
import { randomDelayS } from './plan/random-delay.js';
import { plannedAt } from './planned.js';

const PLAN: PlanConfig = {
  ...{ periodS: 900, horizonS: 14_400, deadlineMs: 1_000, currency: '' },
  ...{ importPerKwh: 0.3, exportPerKwh: 0, tariff: [], demandPerKw: 0, co2PerKg: 0 },
  ...{ battery: null, pv: null, randomDelayS: 0 },
};
const HOUR_S = 3600;
const IDS = ['A', 'B', 'C', 'D'];

type Entry = Partial<EventData<'PlanMade'>['sessions'][number]> & { readonly limitA: readonly number[] };

/** Cars at A to D, of which each wants 10 kWh in twelve hours, and a plan for A made at `madeS`. */
function yard(
  entry: Entry | null,
  { delayS = 0, madeS = 0, history = [] as readonly Told[], more = [] as readonly Entry[] } = {},
): SiteState {
  const config = siteOf({
    nodes: [{ id: 'grid', limitA: 100 }],
    stations: IDS.map((id) => ({ id, node: 'grid', connectors: [{ maxA: 16 }] })),
    site: { plan: { ...PLAN, randomDelayS: delayS } },
  });
  const entries = [
    ...(entry === null ? [] : [{ connector: key('A'), session: session('A', 't'), ...entry }]),
    ...more,
  ];
  return given([
    [0, configured(config)],
    ...IDS.flatMap((id): readonly Told[] => [
      ...commissioned(id),
      [0, started(id, 't')],
      [0, needsNotified(id, { energyWh: 10_000, departAt: at(12 * HOUR_S) })],
    ]),
    ...history,
    [
      madeS,
      {
        type: 'PlanMade',
        data: {
          ...{ site: SITE, at: at(madeS), basis: 0, epoch: 0, periodS: 900, periods: 16, expected: [] },
          from: at(madeS - (madeS % 900)),
          ...{ status: 'optimal', objective: 0, energyCost: 0, demandCost: 0, battery: null, outlook: null },
          sessions: entries.map((one) => ({
            ...{ connector: key('A'), session: session('A', 't'), beforeA: null, first: 0, unservedWh: 0 },
            ...{ assumed: null, wholeA: null },
            ...one,
          })),
        },
      },
    ],
  ]);
}

function said(state: SiteState, seconds: number, station = 'A') {
  const placed = topologyOf(state.config).byKey.get(key(station));
  if (placed === undefined) throw new Error(`there is no ${station}`);
  return plannedAt(state, placed, ledgerInput(state, placed), at(seconds));
}

function allocated(limitA: number, seconds = 0): Told {
  return [
    seconds,
    {
      type: 'LimitsAllocated',
      data: {
        ...{ site: SITE, at: at(seconds), basis: 0, epoch: 0 },
        allocations: [
          { connector: key('A'), limitA, fairA: null, because: { kind: 'bound', bound: 'maximum' } },
        ],
      },
    },
  ];
}

const NONE = { kind: 'none' };
const limit = (limitA: number) => ({ kind: 'limit', limitA });

describe('a plan', () => {
  it('says for each of its periods how much, and nothing after the last', () => {
    const state = yard({ first: 1, limitA: [16, 0, 12.34] });
    expect([0, 900, 1_800, 2_700, 3_600, 14_399].map((s) => said(state, s))).toEqual(
      [0, 16, 0, 12.4, 0, 0].map(limit),
    );
    expect(said(state, 14_400)).toEqual(NONE);
    expect(nextChangeAt(state, at(10))).toBe(at(900));
  });

  it('says nothing of another session, nor of one that is not in it', () => {
    expect(said(yard({ limitA: [8], session: session('A', 'earlier') }), 1)).toEqual(NONE);
    expect(said(yard({ limitA: [8] }), 1, 'B')).toEqual(NONE);
  });

  it('is followed by the allocation, with its reason', () => {
    const state = yard({ limitA: [10, 0] });
    const of = (seconds: number) =>
      decideLimits(state, at(seconds))?.allocations.find(({ connector }) => connector === key('A'));
    expect(of(1)).toMatchObject({ limitA: 10, because: { kind: 'bound', bound: 'plan' } });
    expect(of(901)).toMatchObject({ limitA: 0, because: { kind: 'bound', bound: 'plan' } });
  });

  it('holds a car back no longer than it can do without', () => {
    const state = yard(
      { limitA: Array.from({ length: 16 }, () => 0) },
      {
        history: [[0, needsNotified('A', { energyWh: 10_000, departAt: at(3 * HOUR_S) })]],
      },
    );
    // On one phase of 16 A 10 kWh take 2 h 43 min, and a little is added.
    const needS = (10_000 / (230 * 16)) * HOUR_S * 1.02 + 60;
    const lastS = 3 * HOUR_S - needS;
    expect(said(state, lastS - 1)).toEqual(limit(0));
    expect(said(state, lastS + 1)).toEqual(NONE);
    expect(nextChangeAt(state, at(1))).toBeLessThanOrEqual(at(lastS + 1));
  });

  it('knows that a car on three phases is faster, once it has seen it', () => {
    const history: readonly Told[] = [
      [0, needsNotified('A', { energyWh: 10_000, departAt: at(3 * HOUR_S) })],
      ...granted(0, 'g', { station: 'A', transaction: 't', limitA: 16 }),
    ];
    const of = (phases: readonly [number, number, number]) => {
      const seen = [30, 60, 90, 120].map((s): Told => [s, metered('A', phases)]);
      return yard(
        { limitA: Array.from({ length: 16 }, () => 0) },
        { madeS: 130, history: [...history, ...seen] },
      );
    };
    // The meter has long been silent by then.
    expect(said(of([16, 16, 16]), 1_500)).toEqual(limit(0));
    expect(said(of([16, 0, 0]), 1_500)).toEqual(NONE);
  });

  it('holds who was let go back again only when there is time to spare', () => {
    const series = Array.from({ length: 16 }, () => 0);
    const of = (limitA: number, departS: number) =>
      yard(
        { limitA: series },
        {
          history: [[0, needsNotified('A', { energyWh: 10_000, departAt: at(departS) })], allocated(limitA)],
        },
      );
    const needS = (10_000 / (230 * 16)) * HOUR_S * 1.02 + 60;
    const to = (spareS: number): number => Math.round(needS) + spareS + 1;
    for (const [heldA, spareS, expected] of [
      [6, 300, NONE],
      [0, 300, limit(0)],
      [6, 900, limit(0)],
      [6, -300, NONE],
      [0, -300, NONE],
    ] as const)
      expect([heldA, spareS, said(of(heldA, to(spareS)), 1)]).toEqual([heldA, spareS, expected]);
  });

  it('remembers how many phases a car used before it was switched off', () => {
    const seen = [30, 60, 90, 120].map((s): Told => [s, metered('A', [16, 16, 16])]);
    const history: readonly Told[] = [
      [0, needsNotified('A', { energyWh: 10_000, departAt: at(3 * HOUR_S) })],
      allocated(16),
      ...granted(0, 'g', { station: 'A', transaction: 't', limitA: 16 }),
      ...seen,
      [121, allocated(0, 121)[1]],
    ];
    const state = yard({ limitA: Array.from({ length: 16 }, () => 0) }, { madeS: 130, history });
    expect(state.connectors.get(key('A'))?.usage.phases).toBeNull();
    expect(said(state, 1_500)).toEqual(limit(0));
  });

  it('is followed as whole currents where it has them', () => {
    const state = yard({ limitA: [3, 3, 9.04], wholeA: [6, 0, 9.1] });
    expect([0, 900, 1_800].map((s) => said(state, s))).toEqual([6, 0, 9.1].map(limit));
  });

  it('gives no more to a car that has what was asked for', () => {
    const state = yard({ limitA: [0] }, { history: [[1, needsNotified('A', { energyWh: 0 })]] });
    expect(said(state, 2)).toEqual(limit(0));
  });

  it('holds a car of which nothing is known back only where it says so for this very period', () => {
    const other: readonly Told[] = [[0, started('A', 'u')]];
    const of = (limitA: readonly number[]) =>
      yard({ session: session('A', 'u'), limitA }, { history: other });
    expect(said(of([9]), 1)).toEqual(limit(9));
    expect(said(of([15.9]), 1)).toEqual(NONE);
    expect(said(of([9]), 901)).toEqual(NONE);
  });
});

describe('a current below the minimum', () => {
  const PERIODS = 16;
  const series = (limitA: number): readonly number[] => Array.from({ length: PERIODS }, () => limitA);

  it('is the minimum in as many periods as make its energy', () => {
    for (const plannedA of [1.5, 3, 4.5]) {
      const state = yard({ limitA: series(plannedA) });
      let sum = 0;
      for (let period = 0; period < PERIODS; period++) {
        const now = said(state, period * 900 + 1);
        if (now.kind !== 'limit') throw new Error('the plan is silent');
        expect([0, 6]).toContain(now.limitA);
        sum += now.limitA;
      }
      expect(Math.abs(sum - plannedA * PERIODS)).toBeLessThanOrEqual(9);
    }
  });

  it('is not everybody’s at once', () => {
    const more = ['B', 'C', 'D'].map((id) => ({
      ...{ connector: key(id), session: session(id, 't'), limitA: series(3) },
    }));
    const state = yard({ limitA: series(3) }, { more });
    for (let period = 0; period < PERIODS; period++) {
      const on = IDS.filter((id) => {
        const now = said(state, period * 900 + 1, id);
        return now.kind === 'limit' && now.limitA > 0;
      });
      expect(on.length).toBe(2);
    }
  });
});

describe('a random delay', () => {
  const MOST_S = 600;
  const beginS = randomDelayS(session('A', 't'), at(0), MOST_S);
  const changeS = randomDelayS(session('A', 't'), at(900), MOST_S);

  it('comes before a charge begins', () => {
    expect(beginS).toBeGreaterThan(0);
    const state = yard({ limitA: [16] }, { delayS: MOST_S });
    expect(said(state, beginS - 1)).toEqual({ kind: 'delay' });
    expect(said(state, beginS)).toEqual(limit(16));
    expect(nextChangeAt(state, at(1))).toBeLessThanOrEqual(at(beginS));
  });

  it('stops nobody who charges already', () => {
    const state = yard({ limitA: [16] }, { delayS: MOST_S, history: [allocated(10)] });
    expect(said(state, beginS - 1)).toEqual(limit(16));
  });

  it('comes before a change by the plan, up and down', () => {
    for (const [before, after] of [
      [16, 0],
      [0, 16],
      [16, 8],
    ] as const) {
      const state = yard({ limitA: [before, after] }, { delayS: MOST_S });
      expect(said(state, 900 + changeS - 1)).toEqual(limit(before));
      expect(said(state, 900 + changeS)).toEqual(limit(after));
      expect(nextChangeAt(state, at(900 + changeS) - 500)).toBe(at(900 + changeS));
    }
  });

  it('goes on through the plan that is made meanwhile', () => {
    const state = yard({ limitA: [16, 16], beforeA: 7 }, { delayS: MOST_S, madeS: 900 });
    expect(said(state, 900 + changeS - 1)).toEqual(limit(7));
    expect(said(state, 900 + changeS)).toEqual(limit(16));
  });

  it('is none for a car that would then not be full in time', () => {
    const history: readonly Told[] = [[0, needsNotified('A', { departAt: at(2 * HOUR_S) })]];
    expect(said(yard({ limitA: [16] }, { delayS: MOST_S, history }), 1)).toEqual(NONE);
  });

  it('does not keep a cut waiting that a limit asks for', () => {
    const state = yard({ limitA: [16, 16] }, { delayS: MOST_S });
    const capped = given(
      [
        [
          MOST_S,
          {
            type: 'EnvelopeSet',
            data: {
              ...{ site: SITE, source: 'operator', node: state.config.nodes[0]?.id as never },
              ...{ limitA: [20, 20, 20], limitW: null, from: null, to: null, fallback: null },
              ...{ silenceS: null, heardAt: at(MOST_S) },
            },
          },
        ],
      ],
      state,
    );
    const sum = decideLimits(capped, at(MOST_S))?.allocations.reduce((all, { limitA }) => all + limitA, 0);
    expect(sum).toBeLessThanOrEqual(20);
  });
});
