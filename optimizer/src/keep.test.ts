// What is kept from one decision to the next changes none of them: random histories, decided with all that was kept
// on the way, and by an engine that sees the site for the first time. KEEP_RUNS sets how many.

import type { ConnectorStatus, DomainEvent, EventData, SiteState } from '@ampledger/domain';
import {
  answered,
  at,
  booted,
  commissioned,
  configured,
  connected,
  disconnected,
  ended,
  given,
  granted,
  key,
  metered,
  needsNotified,
  requested,
  SITE,
  session,
  siteOf,
  started,
  type Told,
} from '@ampledger/domain/testing';
import { nodeId } from '@ampledger/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideLimits } from './decide.js';
import { nextChangeAt } from './next-change.js';
import { problemOf } from './problem.js';

const RUNS = Number(process.env.KEEP_RUNS ?? 60);
const STATIONS = 7;

const specs = fc.record({
  policy: fc.constantFrom('fair' as const, 'urgent' as const, 'throughput' as const, 'balanced' as const),
  gridA: fc.constantFrom(12, 20, 40, 90),
  delta: fc.boolean(),
  metered: fc.boolean(),
  assumes: fc.constantFrom({}, { stayS: 600 }, { energyWh: 2_000 }, { stayS: 300, energyWh: 900 }),
  meterStaleS: fc.constantFrom(60, 90.0005),
  minDwellS: fc.constantFrom(0, 120),
  /** The site knows cars, and those that are there draw less than they may, on one phase. */
  begun: fc.boolean(),
});
type Spec = typeof specs extends fc.Arbitrary<infer T> ? T : never;

function siteWith({ policy, gridA, delta, metered: isMetered, assumes, meterStaleS, minDwellS }: Spec) {
  const unmanaged = { kind: 'metered', maxA: [4, 4, 4], staleAfterS: 100 } as const;
  return siteOf({
    nodes: [
      { id: 'grid', limitA: gridA, ...(isMetered ? { unmanaged } : {}) },
      { id: 'panel', parent: 'grid', limitA: 30 },
    ],
    stations: Array.from({ length: STATIONS }, (_, i) => ({
      id: `S${i}`,
      node: i % 2 === 0 ? 'grid' : 'panel',
      connectors: [{ phases: i % 3 === 0 ? [0] : [0, 1, 2], priority: i === 3 ? 1 : 0 }],
    })),
    site: {
      policy,
      wiring: delta ? 'delta' : 'wye',
      needs: { energyWh: null, stayS: null, departMinute: null, learn: true, ...assumes },
    },
    control: { meterStaleS, minDwellS },
  });
}

/** Seconds that pass, a station, what happens there, and a number for it. */
const steps = fc.array(
  fc.tuple(
    fc.constantFrom(0, 0, 1, 5, 15, 59, 60, 61, 90, 120, 180, 240, 600),
    fc.nat(STATIONS - 1),
    fc.constantFrom(
      ...(['start', 'start', 'needs', 'end', 'meter', 'meter', 'meter', 'grant', 'ask', 'answer'] as const),
      ...(['leave', 'come', 'boot', 'status', 'envelope', 'load', 'back', 'wait', 'wait'] as const),
    ),
    fc.nat(40),
  ),
  { minLength: 10, maxLength: 50 },
);
type Step = typeof steps extends fc.Arbitrary<readonly (infer T)[]> ? T : never;

const STATUSES: readonly ConnectorStatus[] = ['Charging', 'SuspendedEV', 'Faulted', 'Finishing'];

const HABIT_S = 3_400;
const BEGUN_S = HABIT_S + 110;
const ALL = Array.from({ length: STATIONS }, (_, i) => `S${i}`);
/** Three stays of nearly an hour, from which more is expected; then everybody comes. */
const begun: readonly Told[] = [
  ...ALL.slice(0, 3).map((station): Told => [0, started(station, 'h')]),
  ...ALL.slice(0, 3).map((station): Told => [HABIT_S, ended(station, 'h')]),
  ...ALL.flatMap((station): readonly Told[] => [
    [HABIT_S, started(station, 't')],
    ...granted(HABIT_S, `b-${station}`, { station, transaction: 't', limitA: 16 }),
    ...[40, 75, 110].map((s): Told => [HABIT_S + s, metered(station, [7, 0, 0])]),
  ]),
];

function happens([, i, what, n]: Step, s: number): readonly DomainEvent[] {
  const station = `S${i}`;
  const grant = { station, transaction: 't', limitA: n, tailA: n % 7, leaseEndsS: s + 60 * (n % 5) };
  const reading = metered(station, n % 2 === 0 ? [n, n, n] : [n, 0, 0]) as Extract<
    DomainEvent,
    { type: 'MeterSampled' }
  >;
  const envelope: EventData<'EnvelopeSet'> = {
    ...{ site: SITE, source: 'operator', node: nodeId('grid'), limitA: [n, n, n], limitW: null },
    ...{ from: n % 3 === 0 ? at(s + 30) : null, to: n % 4 === 0 ? at(s + 90) : null },
    ...{ fallback: null, silenceS: n % 5 === 0 ? 100 : null, heardAt: at(s) },
  };
  switch (what) {
    case 'start':
      return [started(station, 't')];
    case 'needs':
      return [needsNotified(station, { energyWh: n % 6 === 0 ? null : 300 * n, departAt: at(s + 50 * n) })];
    case 'end':
      return [ended(station, 't')];
    case 'meter':
      return [
        { ...reading, data: { ...reading.data, session: session(station, 't'), energyWh: 10 * s + n } },
      ];
    case 'grant':
      return [requested(`g${i}-${s}`, grant), answered(station, `g${i}-${s}`)];
    case 'ask':
      return [requested(`a${i}`, grant)];
    case 'answer':
      return [answered(station, `a${i}`, 'result', n % 2 === 0 ? 'Accepted' : 'Rejected')];
    case 'leave':
      return [disconnected(station)];
    case 'come':
      return [connected(station)];
    case 'boot':
      return [booted(station)];
    case 'status': {
      const status = STATUSES[n % STATUSES.length] ?? 'Charging';
      const data = { station: reading.data.station, evseId: 1, connectorId: 1, status, errorCode: null };
      return [{ type: 'ConnectorStatusChanged', data }];
    }
    case 'envelope':
      return [{ type: 'EnvelopeSet', data: envelope }];
    case 'load':
      return [{ type: 'NodeLoadMeasured', data: { site: SITE, node: nodeId('grid'), loadA: [n / 9, 1, 0] } }];
    case 'back':
    case 'wait':
      return [];
  }
}

/** Equal configurations have nothing in common of what is kept. */
const seenAnew = (state: SiteState): SiteState => ({ ...state, config: structuredClone(state.config) });

const answersAt = (state: SiteState, now: number) => ({
  problem: problemOf(state, now),
  decided: decideLimits(state, now),
  next: nextChangeAt(state, now),
});

describe('what is kept', () => {
  it('changes no problem, no decision and no moment', () => {
    fc.assert(
      fc.property(specs, steps, (spec, history) => {
        const open = Array.from({ length: STATIONS }, (_, i) => commissioned(`S${i}`));
        let state = given([[0, configured(siteWith(spec))], ...open.flat(), ...(spec.begun ? begun : [])]);
        let s = spec.begun ? BEGUN_S : 0;
        for (const step of history) {
          s += step[0];
          const told = happens(step, s).map((event): Told => [s, event]);
          if (told.length > 0) state = given(told, state);
          // Others may ask of the same site at an earlier moment: a log that is checked.
          const now = at(step[2] === 'back' ? Math.max(0, s - step[3] * 10) : s);
          const answers = answersAt(state, now);
          expect(answers).toStrictEqual(answersAt(seenAnew(state), now));
          const data = answers.decided;
          if (data !== null && step[3] % 4 !== 0)
            state = given([[s, { type: 'LimitsAllocated', data }]], state);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('is taken up while nothing changes, and not when time alone does', () => {
    const spec: Spec = {
      ...{ policy: 'fair', gridA: 90, delta: false, metered: false, assumes: {} },
      ...{ meterStaleS: 60, minDwellS: 0, begun: false },
    };
    const state = given([
      [0, configured(siteWith(spec))],
      ...commissioned('S1'),
      [0, started('S1', 't')],
      [1, needsNotified('S1', { departAt: at(500) })],
    ]);
    const candidateAt = (s: number) => problemOf(state, at(s)).candidates[0];
    const first = candidateAt(10);
    expect(first).toBeDefined();
    expect(candidateAt(59)).toBe(first);
    // Its first turn is over after a minute: what was known of it is worked out again.
    expect(candidateAt(60)).not.toBe(first);
  });

  it('sees that a station is another, though its connector is not: leases end only by themselves where it is offline', () => {
    const spec: Spec = {
      ...{ policy: 'fair', gridA: 90, delta: false, metered: false, assumes: {} },
      ...{ meterStaleS: 60, minDwellS: 0, begun: false },
    };
    const state = given([
      [0, configured(siteWith(spec))],
      ...commissioned('S1'),
      [0, started('S1', 't')],
      ...granted(0, 'g', { station: 'S1', transaction: 't', limitA: 10, tailA: 0, leaseEndsS: 900 }),
    ]);
    const online = nextChangeAt(state, at(300));
    const connector = state.connectors.get(key('S1'));
    const left = given([[310, disconnected('S1')]], state);
    expect(left.connectors.get(key('S1'))).toBe(connector);
    expect(nextChangeAt(left, at(310))).toBe(nextChangeAt(seenAnew(left), at(310)));
    expect(nextChangeAt(left, at(310))).not.toBe(online);
  });
});
