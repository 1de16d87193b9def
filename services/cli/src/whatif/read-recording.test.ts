import type { DomainEvent, EventData, SiteConfig } from '@ampledger/domain';
import {
  commissioned,
  configured,
  ended,
  granted,
  key,
  SITE,
  session,
  started,
  status,
  T0,
} from '@ampledger/domain/testing';
import { nodeId, type PerPhase, stationId } from '@ampledger/kernel';
import { describe, expect, it } from 'vitest';
import type { RecordedSession } from './recording.js';
import { type Line, reading, readOf, yard } from './test-recordings.js';

const HOUR_S = 3_600;
const online: readonly Line[] = commissioned('CP1') as unknown as readonly Line[];
const limited = (atS: number, limitA: number): readonly Line[] =>
  granted(atS, `c${atS}`, { station: 'CP1', limitA, transaction: 't' }) as unknown as readonly Line[];
/** Amperes on three phases, and what the register shows after so many seconds at them from 100 s on. */
const drawing = (atS: number, amperes: number): Line => [
  atS,
  reading('CP1', 't', [[amperes, amperes, amperes], ((atS - 100) * 3 * 230 * amperes) / HOUR_S]),
];
const needs = (energyWh: number): DomainEvent => ({
  type: 'ChargingNeedsNotified',
  data: {
    ...{ station: stationId('CP1'), evseId: 1, session: null, source: 'driver', energyWh },
    ...{ departAt: T0 + 8 * HOUR_S * 1000, minA: null, maxA: null },
  },
});
const site: SiteConfig = yard(1, 32);

function sessionsOf(
  lines: readonly Line[],
  options: Parameters<typeof readOf>[2] = {},
): readonly RecordedSession[] {
  return readOf(site, [...online, ...lines], options)?.recording.sessions ?? [];
}

describe('what a car wanted and could take', () => {
  const begins: readonly Line[] = [[100, started('CP1', 't')], ...limited(101, 20)];

  it('is seen where it left some of its limit, and stopped of its own accord', () => {
    const [one] = sessionsOf([
      ...begins,
      drawing(400, 16),
      drawing(3_700, 16),
      [3_700, status('CP1', 'SuspendedEV')],
      [4_000, ended('CP1', 't')],
    ]);
    expect(one).toMatchObject({
      ...{ connector: key('CP1'), wantKnown: 'full', carMaxA: 16, ownPhases: [0, 1, 2] },
      ...{ arriveAt: T0 + 100_000, leaveAt: T0 + 4_000_000 },
      ...{ takenWh: 11_040, wantWh: 11_040 },
    });
  });

  it('is unknown where it always took all of its limit and left so', () => {
    const [one] = sessionsOf([...begins, drawing(400, 20), drawing(3_700, 20), [3_700, ended('CP1', 't')]]);
    expect(one).toMatchObject({ wantKnown: 'at-least', carMaxA: null, takenWh: 13_800, wantWh: 13_800 });
  });

  it('is what was said, from when it was said on, where it left before it had that', () => {
    const [one] = sessionsOf([
      ...begins,
      drawing(400, 20),
      [3_700, needs(10_000)],
      drawing(3_700, 20),
      [3_800, ended('CP1', 't')],
    ]);
    // 300 s at 20 A had been metered when it was said.
    expect(one).toMatchObject({ wantKnown: 'said', takenWh: 13_800 });
    expect(one?.wantWh).toBeCloseTo(Math.max(13_800, (300 * 3 * 230 * 20) / HOUR_S + 10_000), 6);
    expect(one?.needs).toMatchObject([{ at: T0 + 3_700_000, source: 'driver' }]);
  });

  it('stops where the meter shows nothing of what is offered, whatever the status says', () => {
    const [one] = sessionsOf([
      ...begins,
      drawing(400, 16),
      [700, reading('CP1', 't', [[0, 0, 0], 2_000])],
      [4_000, ended('CP1', 't')],
    ]);
    expect(one?.wantKnown).toBe('full');
  });

  it('uses the phases that drew', () => {
    const [one] = sessionsOf([
      ...begins,
      [400, reading('CP1', 't', [[16, 0.2, 0], 300])],
      [700, ended('CP1', 't')],
    ]);
    expect(one?.ownPhases).toEqual([0]);
  });

  it('follows from currents where there is no register', () => {
    const [one] = sessionsOf([
      ...begins,
      [200, reading('CP1', 't', [[10, 10, 10], null])],
      [3_700, reading('CP1', 't', [[10, 10, 10], null])],
      [7_400, ended('CP1', 't')],
    ]);
    expect(one?.takenWh).toBeCloseTo(2 * 6_900, 6);
  });
});

describe('the span', () => {
  const long: readonly Line[] = [
    [100, started('CP1', 't')],
    ...limited(101, 20),
    ...Array.from({ length: 20 }, (_, i) => drawing(100 + (i + 1) * 600, 10)),
    [13_000, ended('CP1', 't')],
  ];

  it('cuts sessions that reach beyond it', () => {
    const from = T0 + 3_700_000;
    const to = T0 + 7_600_000;
    const [one, ...others] = sessionsOf(long, { from, to });
    expect(others).toEqual([]);
    expect(one).toMatchObject({ arriveAt: from, leaveAt: to, takenWh: 7_475 });
  });

  it('adds up to the whole, wherever it is cut', () => {
    const cut = T0 + 5_000_000;
    const whole = sessionsOf(long)[0]?.takenWh ?? 0;
    const parts = [sessionsOf(long, { to: cut }), sessionsOf(long, { from: cut })].flat();
    expect(whole).toBeCloseTo(23_000, 6);
    expect(parts.reduce((sum, { takenWh }) => sum + takenWh, 0)).toBeCloseTo(whole, 6);
  });

  it('knows which releases decided in it', () => {
    const engine = (version: string): DomainEvent => ({
      type: 'EngineStarted',
      data: { site: SITE, engine: 'e', version },
    });
    const lines: readonly Line[] = [
      [10, engine('1.0.0')],
      [20, engine('2.0.0')],
      [200, engine('3.0.0')],
    ];
    const read = readOf(site, [...lines, [300, configured(site)]], { from: T0 + 100_000, to: T0 + 250_000 });
    expect(read?.recording.releases).toEqual(['2.0.0', '3.0.0']);
  });

  it('knows nothing before the site was there', () => {
    expect(readOf(site, [], { to: T0 })).toBeNull();
    expect(readOf(site, [], { from: T0 - 5_000 })?.recording.from).toBe(T0);
  });

  it('begins with the envelopes and the site file that held then', () => {
    const envelope: EventData<'EnvelopeSet'> = {
      ...{ site: SITE, source: 'operator', node: nodeId('grid'), limitA: [10, 10, 10], limitW: null },
      ...{ from: null, to: null, fallback: null, silenceS: null, heardAt: T0 },
    };
    const read = readOf(
      site,
      [
        [10, { type: 'EnvelopeSet', data: envelope }],
        [20, configured(yard(1, 50))],
        [500, configured(yard(1, 60))],
        [600, { type: 'EnvelopeRemoved', data: { site: SITE, source: 'operator', node: nodeId('grid') } }],
      ],
      { from: T0 + 100_000 },
    );
    expect(read?.recording.rules.map(({ from, config }) => [from, config.nodes[0]?.limitA?.[0]])).toEqual([
      [T0 + 100_000, 50],
      [T0 + 500_000, 60],
    ]);
    expect(read?.recording.changes.map(({ at, kind }) => [at, kind])).toEqual([
      [T0 + 100_000, 'envelope'],
      [T0 + 600_000, 'envelope-removed'],
    ]);
  });
});

describe('what happened', () => {
  const allocated = (
    atS: number,
    limitA: number,
    because: EventData<'LimitsAllocated'>['allocations'][number]['because'],
  ): Line => [
    atS,
    {
      type: 'LimitsAllocated',
      data: {
        ...{ site: SITE, at: T0 + atS * 1000, basis: 0, epoch: 0 },
        allocations: [{ connector: key('CP1'), limitA, fairA: null, because }],
      },
    },
  ];
  const link = (kind: 'link' | 'waiting') => ({
    ...({ kind, node: nodeId('grid'), phase: 1, envelope: 'operator', capacity: 5 } as const),
    ...{ gainA: null, sharers: null, until: null },
  });

  it('has the minutes that a limit bound, and those of waiting', () => {
    const read = readOf(site, [
      ...online,
      [600, started('CP1', 't')],
      allocated(600, 0, link('waiting')),
      allocated(1_200, 10, link('link')),
      allocated(3_000, 32, { kind: 'bound', bound: 'maximum' }),
      [4_000, ended('CP1', 't')],
    ]);
    expect(read?.happened).toMatchObject({
      ...{ waitedMs: 600_000, longestWaitMs: 600_000 },
      bound: [{ node: 'grid', phase: 1, line: null, by: 'operator', boundMs: 2_400_000 }],
    });
    expect(read?.happened.sessions).toMatchObject([{ session: session('CP1', 't'), waitedMs: 600_000 }]);
  });

  it('has quarter-hour means of what the meters showed', () => {
    const lines: readonly Line[] = [
      [900, started('CP1', 't')],
      ...limited(900, 20),
      [900, reading('CP1', 't', [[20, 20, 20], 0])],
      [1_350, reading('CP1', 't', [[10, 10, 10], 1_725])],
      [1_800, ended('CP1', 't')],
    ];
    const read = readOf(site, [...online, ...lines, [9_000, configured(site)]]);
    expect(read?.happened.peaks).toMatchObject([{ node: 'grid', peakA: [15, 15, 15] }]);
    expect(read?.happened.peaks[0]?.peakW).toBeCloseTo(3 * 230 * 15, 6);
  });
});

describe('load that nobody controls', () => {
  const unmanaged = { kind: 'metered', maxA: [30, 30, 30], staleAfterS: 60 } as const;
  const metered = yard(1, 0, { nodes: [{ id: 'grid', limitA: 40, unmanaged }] });
  const load = (atS: number, loadA: PerPhase): Line => [
    atS,
    { type: 'NodeLoadMeasured', data: { site: SITE, node: nodeId('grid'), loadA } },
  ];

  it('is kept as means, and as silence', () => {
    const lines = [
      ...Array.from({ length: 30 }, (_, i) => load(i * 10, [10, 0, 0])),
      ...Array.from({ length: 15 }, (_, i) => load(300 + i * 20, i < 5 ? [30, 0, 0] : [0, 3, 0])),
      load(1_500, [7, 7, 7]),
    ];
    const read = readOf(metered, [...lines, [1_799, configured(metered)]]);
    const told = read?.recording.changes.map((change) => [
      (change.at - T0) / 1000,
      change.kind === 'load' ? change.loadA?.map((a) => Math.round(a * 100) / 100) : change.kind,
    ]);
    // 580 s has the last reading before the silence: it is believed for a minute.
    expect(told).toEqual([
      [0, [10, 0, 0]],
      [300, [10, 2, 0]],
      [600, [0, 3, 0]],
      [900, undefined],
      [1_500, [7, 7, 7]],
    ]);
  });
});
