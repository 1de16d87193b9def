import { mapPhases, onPhases, type PerPhase, PHASES, type Phase, stationId, ZERO } from '@ampledger/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  besideA,
  countedA,
  currentOn,
  type DomainEvent,
  grantOnA,
  ledgerInput,
  lineOfLegsA,
  phasesInUse,
  phasesInUseUntil,
  type SiteConfig,
  siteView,
  topologyOf,
} from './index.js';
import {
  at,
  booted,
  commissioned,
  configured,
  ended,
  given,
  granted,
  key,
  metered,
  siteOf,
  started,
  status,
  type Told,
} from './testing.js';

const siteWith = (
  connector: Partial<SiteConfig['stations'][number]['connectors'][number]>,
  site: Partial<SiteConfig> = {},
) =>
  siteOf({
    nodes: [{ id: 'grid', limitA: 80 }],
    stations: [{ id: 'A', node: 'grid', connectors: [connector] }],
    site,
  });
const wired = siteWith({});

/** A car at A that was given 16 A at second 2; the default profile gives 0. */
const charging = (config = wired, idleA = 0): readonly Told[] => [
  [0, configured(config)],
  ...commissioned('A', { idleA }),
  [1, started('A', 't1')],
  ...granted(2, 'g1', { station: 'A', transaction: 't1', limitA: 16 }),
];
const onL1: readonly [number, number, number] = [15.8, 0.1, 0];
/** Seen on L1 alone, three times in 70 seconds. */
const learned: readonly Told[] = [20, 55, 90].map((s): Told => [s, metered('A', onL1)]);

function inputOf(history: readonly Told[]) {
  const state = given(history);
  const placed = topologyOf(state.config).byKey.get(key('A'));
  if (placed === undefined) throw new Error('no A');
  return ledgerInput(state, placed);
}
const counted = (history: readonly Told[], seconds: number): PerPhase =>
  countedA(inputOf(history), at(seconds));
const used = (history: readonly Told[], seconds: number) => phasesInUse(inputOf(history), at(seconds));

/** The optimizer switches A off. */
const given0 = (seconds: number): Told => [
  seconds,
  {
    type: 'LimitsAllocated',
    data: {
      site: wired.id,
      at: at(seconds),
      basis: 0,
      epoch: 0,
      allocations: [
        { connector: key('A'), limitA: 0, fairA: 3, because: { kind: 'bound', bound: 'maximum' } },
      ],
    },
  },
];

describe('which phases a car uses', () => {
  const cases: readonly [string, readonly Told[], number, readonly number[]][] = [
    ['is not known before its meter spoke', [], 10, [0, 1, 2]],
    ['is not known any more once it was switched off', [...learned, given0(95)], 100, [0, 1, 2]],
    ['is not known from two readings', learned.slice(0, 2), 60, [0, 1, 2]],
    [
      'is not known from a minute less a second',
      [...learned.slice(0, 2), [79, metered('A', onL1)]],
      79,
      [0, 1, 2],
    ],
    ['is known once seen for a minute', learned, 91, [0]],
    [
      'is not known while readings differ',
      [...learned.slice(0, 2), [60, metered('A', [15, 15, 15])], [90, metered('A', onL1)]],
      91,
      [0, 1, 2],
    ],
    [
      'is not known from small currents',
      [20, 55, 90].map((s): Told => [s, metered('A', [3, 0, 0])]),
      91,
      [0, 1, 2],
    ],
    [
      'is not known where a phase is neither used nor unused',
      [20, 55, 90].map((s): Told => [s, metered('A', [15, 1, 0])]),
      91,
      [0, 1, 2],
    ],
    [
      'is not known where a phase was not measured',
      [20, 55, 90].map((s): Told => [s, metered('A', [15, 0, null])]),
      91,
      [0, 1, 2],
    ],
    ['stays known while it pauses', [...learned, [120, metered('A', [0, 0, 0])]], 121, [0]],
    [
      'is open again at once when another draws',
      [...learned, [120, metered('A', [15, 6, 0])]],
      120,
      [0, 1, 2],
    ],
    [
      'stays open then until the session ends',
      [
        ...learned,
        [120, metered('A', [15, 6, 0])],
        ...[130, 190, 250, 310].map((s): Told => [s, metered('A', onL1)]),
      ],
      311,
      [0, 1, 2],
    ],
    [
      'is forgotten with the session',
      [...learned, [95, ended('A', 't1')], [96, started('A', 't2')]],
      97,
      [0, 1, 2],
    ],
    [
      'stays open then though the car may have been changed: the transaction is the same',
      [
        ...learned,
        [120, metered('A', [15, 6, 0])],
        [125, status('A', 'Preparing')],
        ...[130, 190, 250, 310].map((s): Told => [s, metered('A', onL1)]),
      ],
      311,
      [0, 1, 2],
    ],
    [
      'is forgotten when the car may have been changed',
      [...learned, [95, status('A', 'Preparing')]],
      96,
      [0, 1, 2],
    ],
    ['is not trusted when the meter was silent for long', learned, 90 + 601, [0, 1, 2]],
    ['is trusted over a reading that is lost', learned, 90 + 599, [0]],
  ];
  it.each(cases)('%s', (_, history, seconds, expected) => {
    expect(used([...charging(), ...history], seconds)).toEqual(expected);
  });

  it('says when it ends being trusted', () => {
    const input = inputOf([...charging(), ...learned]);
    const until = phasesInUseUntil(input, at(100)) ?? 0;
    expect(phasesInUse(input, until - 1)).toEqual([0]);
    expect(phasesInUse(input, until)).toEqual([0, 1, 2]);
    expect(phasesInUseUntil(input, until)).toBeNull();
  });

  it('is never narrowed where the station switches phases, nor where its rotation is not known', () => {
    const switches: DomainEvent = {
      type: 'StationCapabilitiesRead',
      data: {
        station: stationId('A'),
        rateUnits: ['A'],
        maxStackLevel: null,
        maxPeriods: null,
        maxProfiles: null,
        phaseSwitching: true,
        connectorCount: 1,
        raw: {},
      },
    };
    expect(used([...charging(), [3, switches], ...learned], 91)).toEqual([0, 1, 2]);
    // What it said of that holds over a boot, until it is asked again.
    const restarted: readonly Told[] = [...charging(), [3, switches], ...learned, [92, booted('A')]];
    expect(used(restarted, 93)).toEqual([0, 1, 2]);
    expect(counted(restarted, 93)).toEqual([16, 16, 16]);
    const unknown = [...charging(siteWith({ rotationKnown: false })), ...learned];
    expect(used(unknown, 91)).toEqual([0, 1, 2]);
    // And what is measured may be on any of them.
    expect(inputOf(unknown).connector.meter?.drawA).toEqual([15.8, 15.8, 15.8]);
  });

  it('is not learned on two phases where the meter may name either the grid’s or the station’s', () => {
    const two = [
      ...charging(siteWith({ phases: [1, 2] })),
      ...[20, 55, 90].map((s): Told => [s, metered('A', [0, 16, 0])]),
    ];
    expect(used(two, 91)).toEqual([1, 2]);
    expect(counted(two, 91)).toEqual([0, 16, 16]);
  });

  it('follows the station’s rotation', () => {
    const rotated = siteWith({ phases: [1, 2, 0] });
    expect(used([...charging(rotated), ...learned], 91)).toEqual([1]);
  });

  it('was learned under another site file and says nothing of this wiring', () => {
    const rewired: Told = [95, configured(siteWith({ phases: [1, 2] }))];
    expect(used([...charging(), ...learned, rewired], 96)).toEqual([1, 2]);
  });

  it('is shown', () => {
    expect(siteView(given([...charging(), ...learned]), at(91)).connectors[0]?.carPhases).toEqual([0]);
  });
});

describe('what a connector counts at', () => {
  it('is its limit on the phases of its car, and what flows beside', () => {
    expect(counted([...charging(), ...learned], 91)).toEqual([16, 0.1, 0]);
    expect(besideA(inputOf([...charging(), ...learned]), at(91))).toEqual([0, 0.1, 0]);
  });

  it('is the default profile on every phase: another car may come', () => {
    const history = [...charging(siteWith({ idleA: 6 }), 6), ...learned];
    expect(counted(history, 91)).toEqual([16, 6, 6]);
    expect(grantOnA(inputOf(history), { kind: 'session', limitA: 20 }, at(91))).toEqual([20, 0, 0]);
    expect(grantOnA(inputOf(history), { kind: 'idle', limitA: 6 }, at(91))).toEqual([6, 6, 6]);
  });

  it('is what a phase shows at the first reading that shows it', () => {
    expect(counted([...charging(), ...learned, [120, metered('A', [16, 16, 16])]], 120)).toEqual([
      16, 16, 16,
    ]);
    // Too little to open the phase, but not nothing.
    expect(counted([...charging(), ...learned, [120, metered('A', [16, 1.2, 0])]], 120)).toEqual([
      16, 1.2, 0,
    ]);
  });

  it('changes the state’s revision where it changes', () => {
    const before = given([...charging(), ...learned.slice(0, 2)]).revision;
    const narrowed = given([...charging(), ...learned]).revision;
    const opened = given([...charging(), ...learned, [120, metered('A', [16, 16, 16])]]).revision;
    expect([narrowed > before, opened > narrowed]).toEqual([true, true]);
    expect(given([...charging(), ...learned, [120, metered('A', onL1)]]).revision).toBe(narrowed);
  });

  it('is never below a car that keeps to its limit and to the phases that it was seen on', () => {
    const limitA = 16;
    const car = fc.record({
      phases: fc.constantFrom<readonly Phase[]>([0], [1], [2], [0, 1], [1, 2], [0, 1, 2]),
      shares: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 12 }),
      everyS: fc.integer({ min: 5, max: 290 }),
    });
    fc.assert(
      fc.property(car, ({ phases, shares, everyS }) => {
        const drawn = shares.map((share): PerPhase => {
          return onPhases(phases, share * limitA);
        });
        const readings = drawn.map((draw, i): Told => [10 + (i + 1) * everyS, metered('A', draw)]);
        for (let n = 0; n <= readings.length; n++) {
          const history = [...charging(), ...readings.slice(0, n)];
          const now = 10 + n * everyS + everyS - 1;
          // Until the next reading it may draw its limit on all of its phases.
          const holds = counted(history, now);
          for (const p of phases) expect(holds[p]).toBeGreaterThanOrEqual(limitA);
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe('behind a delta', () => {
  const delta = siteWith({}, { wiring: 'delta', voltageV: 208 });
  const leg = 16 / Math.sqrt(3);
  const onThree = [20, 55, 90].map((s): Told => [s, metered('A', [16, 16, 16])]);
  const between: readonly [number, number, number] = [15.9, 15.9, 0];

  it('a car counts in full on every leg that it may be on, until its meter has shown which', () => {
    for (const history of [[], onThree.slice(0, 2)])
      expect(counted([...charging(delta), ...history], 60)).toEqual([16, 16, 16]);
  });

  it('a car that was seen on three legs loads each with 1/√3 of its line current', () => {
    const history = [...charging(delta), ...onThree];
    for (const p of counted(history, 91)) expect(p).toBeCloseTo(leg, 9);
    expect(inputOf(history).connector.meter?.overdrawn).toBe(false);
    const until = phasesInUseUntil(inputOf(history), at(91)) ?? 0;
    expect(until).toBe(at(90 + 600) + 1);
    expect(countedA(inputOf(history), until)).toEqual([16, 16, 16]);
  });

  it('the default profile counts in full there all the same: another car may come', () => {
    const history = [...charging(siteWith({ idleA: 12 }, { wiring: 'delta' }), 12), ...onThree];
    expect(counted(history, 91)).toEqual([12, 12, 12]);
  });

  it('DC is even on three legs, whatever the car', () => {
    const dc = siteWith({ current: 'dc', efficiency: 0.95 }, { wiring: 'delta', voltageV: 208 });
    for (const p of counted(charging(dc), 10)) expect(p).toBeCloseTo(leg, 9);
  });

  it('a car that leaves one of three legs counts in full on each until its session ends', () => {
    const left: readonly Told[] = [...charging(delta), ...onThree, [120, metered('A', between)]];
    const back = [130, 190, 250].map((s): Told => [s, metered('A', [16, 16, 16])]);
    expect(counted(left, 120)).toEqual([16, 16, 16]);
    expect(counted([...left, ...back], 251)).toEqual([16, 16, 16]);
    expect(given(left).revision).toBeGreaterThan(given([...charging(delta), ...onThree]).revision);
  });

  const linesOf = (legs: PerPhase) => mapPhases((line) => lineOfLegsA(legs, line));
  const uneven = linesOf([13, 4, 4]);

  it('a car that is on three legs but not evenly counts in full on each', () => {
    const never: readonly Told[] = [
      ...charging(delta),
      ...[20, 55, 90].map((s): Told => [s, metered('A', uneven)]),
    ];
    expect(counted(never, 91)).toEqual([16, 16, 16]);
    const notAnyMore: readonly Told[] = [...charging(delta), ...onThree, [120, metered('A', uneven)]];
    const back = [130, 190, 250].map((s): Told => [s, metered('A', [16, 16, 16])]);
    expect(counted(notAnyMore, 120)).toEqual([16, 16, 16]);
    expect(counted([...notAnyMore, ...back], 251)).toEqual([16, 16, 16]);
  });

  it('nearly even is even', () => {
    const nearly = linesOf([9.2, 9, 8.6]);
    const history = [...charging(delta), ...[20, 55, 90].map((s): Told => [s, metered('A', nearly)])];
    for (const p of counted(history, 91)) expect(p).toBeCloseTo(leg, 9);
  });

  it('where the order of its lines is not known it counts in full, and obeys all the same', () => {
    const unknown = siteWith({ rotationKnown: false }, { wiring: 'delta', voltageV: 208 });
    for (const lines of [[16, 16, 16], between] as const) {
      const history = [...charging(unknown), ...[20, 55, 90].map((s): Told => [s, metered('A', lines)])];
      expect(counted(history, 91)).toEqual([16, 16, 16]);
      expect(inputOf(history).connector.meter?.overdrawn).toBe(false);
    }
    const over: readonly Told[] = [...charging(unknown), [60, metered('A', [25, 25, 0])]];
    expect(counted(over, 60)).toEqual([25, 25, 25]);
  });

  it('is never below a car that keeps to its limit, on whichever legs it is', () => {
    const reading = fc.record({
      legs: fc.constantFrom<readonly Phase[]>([0], [1], [2], [0, 1, 2]),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(reading, { maxLength: 8 }), (readings) => {
        const legsOf = ({ legs, share }: { legs: readonly Phase[]; share: number }) =>
          currentOn('delta', legs, 16 * share);
        const told = readings.map((r, i): Told => [20 + 35 * i, metered('A', linesOf(legsOf(r)))]);
        const holds = counted([...charging(delta), ...told], 20 + 35 * Math.max(0, told.length - 1));
        const last = readings.at(-1);
        // What it draws now; and as long as it was not learned, what any car may.
        const draws = last === undefined ? ZERO : legsOf(last);
        const isKnown =
          phasesInUseUntil(inputOf([...charging(delta), ...told]), at(20 + 35 * told.length)) !== null;
        for (const p of PHASES) expect(holds[p]).toBeGreaterThanOrEqual((isKnown ? draws[p] : 16) - 1e-3);
      }),
      { numRuns: 200 },
    );
  });

  it('a car between two lines is seen on one leg', () => {
    const history = [...charging(delta), ...[20, 55, 90].map((s): Told => [s, metered('A', between)])];
    expect(used(history, 91)).toEqual([0]);
    expect(counted(history, 91)[0]).toBeCloseTo(16, 9);
  });

  it('a station that draws more than it may is found by its line current', () => {
    const history: readonly Told[] = [...charging(delta), [60, metered('A', [25, 25, 25])]];
    expect(inputOf(history).connector.meter?.overdrawn).toBe(true);
    expect(counted(history, 60)[1]).toBeCloseTo(16, 9);
    const learned: readonly Told[] = [...charging(delta), ...onThree, [120, metered('A', [25, 25, 25])]];
    expect(counted(learned, 120)[1]).toBeCloseTo(25 / Math.sqrt(3), 9);
  });
});
