// What `because` says of one ampere more, held against the very site with that ampere more.

import type { Allocation, NodeConfig, Policy, SiteConfig } from '@ampledger/domain';
import {
  answered,
  at,
  commissioned,
  configured,
  given,
  granted,
  requested,
  siteOf,
  started,
  type Told,
} from '@ampledger/domain/testing';
import { evenly, mapPhases, type PerPhase, type Phase, stationId } from '@ampledger/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocate } from './allocate.js';
import { problemOf } from './problem.js';
import type { SiteNetwork } from './site-network.js';

const PHASES = [[0, 1, 2], [0], [1], [2]] as const;

interface Cars {
  readonly policy: Policy;
  readonly limitA: number;
  readonly feederA: number;
  /** Of the grid: the difference between its phases, its power, its transformer. */
  readonly unbalanceA?: number | null;
  readonly limitW?: number | null;
  readonly primaryA?: number | null;
  readonly cars: readonly { readonly phases: number; readonly needWh: number; readonly hours: number }[];
}

const sites: fc.Arbitrary<Cars> = fc.record({
  policy: fc.constantFrom<Policy>('fair', 'urgent', 'throughput', 'balanced'),
  limitA: fc.integer({ min: 30, max: 90 }),
  feederA: fc.integer({ min: 20, max: 60 }),
  cars: fc.array(
    fc.record({
      phases: fc.nat(PHASES.length - 1),
      needWh: fc.integer({ min: 2_000, max: 60_000 }),
      hours: fc.integer({ min: 1, max: 9 }),
    }),
    { minLength: 3, maxLength: 7 },
  ),
});

/** The same with one limit of another kind each. */
const others: fc.Arbitrary<Cars> = fc
  .tuple(sites, fc.constantFrom('unbalanceA', 'limitW', 'primaryA'), fc.integer({ min: 10, max: 40 }))
  .map(([spec, kind, most]) => ({ ...spec, [kind]: kind === 'limitW' ? 600 * most : most }));

const historyOf = ({ cars }: Cars): readonly Told[] =>
  cars.flatMap(({ needWh, hours }, i): readonly Told[] => [
    ...commissioned(`S${i}`),
    [i, started(`S${i}`, 't')],
    [
      i,
      {
        type: 'ChargingNeedsNotified',
        data: {
          ...{ station: stationId(`S${i}`), evseId: 1, session: null, source: 'driver', energyWh: needWh },
          ...{ departAt: at(hours * 3_600), minA: null, maxA: null },
        },
      },
    ],
  ]);

/** Where unbalance is limited one phase carries less, so that fuses stop some cars and unbalance others. */
const gridA = ({ limitA, unbalanceA = null }: Cars): PerPhase => [
  limitA,
  limitA,
  unbalanceA === null ? limitA : limitA - 13,
];

const feederUnbalanceA = (gridA: number): number => gridA - 6;

/** Steps: of the first station alone. */
function configOf(spec: Cars, stepA = 0): SiteConfig {
  const { policy, limitA, feederA, cars, unbalanceA = null, limitW = null, primaryA = null } = spec;
  const lines = {
    secondaryA: evenly(limitA),
    primaryA: primaryA === null ? null : evenly(primaryA),
    ratio: 4,
  };
  const grid = {
    ...(unbalanceA === null ? {} : { unbalanceA }),
    ...(limitW === null ? {} : { limitW }),
    ...(primaryA === null ? {} : { transformer: lines }),
  };
  return siteOf({
    nodes: [
      { id: 'grid', limitA: gridA(spec), ...grid },
      {
        ...{ id: 'feeder', parent: 'grid', limitA: feederA },
        ...(unbalanceA === null ? {} : { unbalanceA: feederUnbalanceA(unbalanceA) }),
      },
    ],
    stations: cars.map(({ phases }, i) => ({
      id: `S${i}`,
      node: i % 2 === 0 ? 'grid' : 'feeder',
      connectors: [{ phases: PHASES[phases] ?? [0], stepA: i === 0 ? stepA : 0 }],
    })),
    site: { policy, ...(primaryA === null ? {} : { wiring: 'delta', voltageV: 208 }) },
  });
}

interface Solved {
  readonly allocations: readonly Allocation[];
  /** By connector of the site, before rounding. */
  readonly exactA: Float64Array;
  /** Of those for one ampere of the connector's own. */
  readonly factor: Float64Array;
}

function solve(config: SiteConfig, spec: Cars, more: readonly Told[] = []): Solved {
  const problem = problemOf(given([[0, configured(config)], ...historyOf(spec), ...more]), at(60));
  let exactA = new Float64Array(0);
  let factor = new Float64Array(0);
  const shared = (site: SiteNetwork): void => {
    exactA = site.scratch.limitA.slice();
    factor = site.factor.slice();
  };
  return { allocations: allocate(problem, config, { watch: { shared } }), exactA, factor };
}

type Link = Extract<Allocation['because'], { kind: 'link' }>;

/** The node with one ampere more where the link is, or one kilowatt. */
function raised(node: NodeConfig, { line, phase, together }: Link): NodeConfig {
  const phases: readonly Phase[] = together ?? (phase === null ? [] : [phase]);
  const more = (limitA: PerPhase | null | undefined): PerPhase =>
    mapPhases((each) => (limitA?.[each] ?? 0) + (phases.includes(each) ? 1 : 0));
  const { transformer } = node;
  if (line === 'unbalance') return { ...node, unbalanceA: (node.unbalanceA ?? 0) + 1 };
  if (line !== undefined && transformer !== null)
    return { ...node, transformer: { ...transformer, [`${line}A`]: more(transformer[`${line}A`]) } };
  return phase === null
    ? { ...node, limitW: (node.limitW ?? 0) + 1_000 }
    : { ...node, limitA: more(node.limitA) };
}

/** What a limit on a phase, or on the difference between phases, has left, amperes. */
function leftA(spec: Cars, exactA: Float64Array, { node, phase, line }: Link): number {
  const flowing = mapPhases((each) =>
    spec.cars.reduce((sum, { phases }, i) => {
      const isThere = (node === 'grid' || i % 2 === 1) && PHASES[phases]?.some((one) => one === each);
      return sum + (isThere ? (exactA[i] ?? 0) : 0);
    }, 0),
  );
  const carried = flowing[phase ?? 0];
  const unbalanceA = spec.unbalanceA ?? 0;
  if (line === 'unbalance')
    return (node === 'grid' ? unbalanceA : feederUnbalanceA(unbalanceA)) - (carried - Math.min(...flowing));
  return (node === 'grid' ? gridA(spec)[phase ?? 0] : spec.feederA) - carried;
}

const waitingOf = ({ allocations }: Solved): number =>
  allocations.filter(({ because }) => because.kind === 'waiting').length;

/** How much each car of a site gains by what is said to hold it back, by kind of that; asserts that it does. */
function gainsSeen(spec: Cars, seen: Map<string, number>): void {
  const config = configOf(spec);
  const before = solve(config, spec);
  // Who waits might be let in by that ampere: its own and the others' gain are told without that.
  if (waitingOf(before) > 0) return;
  for (const { connector, because } of before.allocations) {
    if (because.kind !== 'link' || because.gainA === null) continue;
    const nodes = config.nodes.map((node) => (node.id === because.node ? raised(node, because) : node));
    const after = solve({ ...config, nodes }, spec);
    const place = config.stations.findIndex(({ id }) => connector.startsWith(`${id}/`));
    const rise = (after.exactA[place] ?? 0) - (before.exactA[place] ?? 0);
    const isPower = because.phase === null && because.line === undefined;
    const said = because.gainA * (isPower ? 1_000 : 1) * (before.factor[place] ?? 1);
    // The lines of a transformer are no sums.
    const isPlain = !isPower && (spec.primaryA ?? null) === null;
    if (isPlain) expect(leftA(spec, before.exactA, because)).toBeLessThan(0.01);
    // Who uses all phases alike changes no difference between them.
    if (because.line === 'unbalance') expect(spec.cars[place]?.phases).toBe((because.phase ?? 0) + 1);
    const kind = because.line ?? (isPower ? 'power' : 'phase');
    expect(said, `${spec.policy}, ${connector}, ${kind}`).toBeCloseTo(Math.max(0, rise), 2);
    if (said > 0.01) seen.set(kind, (seen.get(kind) ?? 0) + 1);
  }
}

const RUNS = { numRuns: Number(process.env.GAIN_RUNS ?? 150) };

describe('one ampere more on the link that binds', () => {
  it('gives what it is said to give', () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(sites, (spec) => gainsSeen(spec, seen)),
      RUNS,
    );
    expect(seen.get('phase')).toBeGreaterThan(50);
  });

  it('gives it of difference between phases, of power, and of a line of a transformer', () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(others, (spec) => gainsSeen(spec, seen)),
      RUNS,
    );
    for (const kind of ['phase', 'unbalance', 'power', 'primary'])
      expect(seen.get(kind), kind).toBeGreaterThan(10);
  });

  it('names the limit on unbalance, not a fuse that has room', () => {
    const cars = [0, 0, 2].map((phases) => ({ phases, needWh: 30_000, hours: 4 }));
    for (const policy of ['fair', 'urgent', 'throughput', 'balanced'] as const) {
      const spec: Cars = { policy, limitA: 100, feederA: 60, unbalanceA: 20, cars };
      const [first, , third] = solve(configOf(spec), spec).allocations;
      expect(first?.because).toEqual({ kind: 'bound', bound: 'maximum' });
      expect(third?.because).toMatchObject({
        line: 'unbalance',
        phase: 1,
        capacity: 20,
        gainA: 1,
        sharers: 1,
      });
      expect(third?.because).not.toHaveProperty('together');
    }
  });

  it('is one on each phase where a fuse is full on all of them', () => {
    const car = { phases: 0, needWh: 30_000, hours: 4 };
    for (const policy of ['fair', 'balanced'] as const) {
      const spec: Cars = { policy, limitA: 40, feederA: 60, cars: [car, car, car, car] };
      for (const { because } of solve(configOf(spec), spec).allocations)
        expect(because).toMatchObject({ kind: 'link', gainA: 0.25, sharers: 4, together: [0, 1, 2] });
    }
  });

  it('of a station in steps is of its share, and left open where the steps decide', () => {
    const car = { phases: 1, needWh: 30_000, hours: 4 };
    const spec: Cars = { policy: 'fair', limitA: 40, feederA: 60, cars: [car, car, car] };
    const [stepped, smooth] = solve(configOf(spec, 1), spec).allocations;
    expect(stepped?.because).toMatchObject({ kind: 'link', gainA: 0.333, sharers: 3 });
    expect(smooth?.because).toMatchObject({ kind: 'link', gainA: 0.333, sharers: 3 });
    const [large] = solve(configOf(spec, 2), spec).allocations;
    expect(large?.because).toMatchObject({ kind: 'link', gainA: null, sharers: 3 });
  });

  it('is left open for who takes no limits at present', () => {
    const car = { phases: 1, needWh: 30_000, hours: 4 };
    const spec: Cars = { policy: 'fair', limitA: 40, feederA: 60, cars: [car, car, car] };
    const refused: readonly Told[] = [
      ...granted(50, 'g', { station: 'S0', limitA: 10, tailA: 6, leaseEndsS: 600, transaction: 't' }),
      [55, requested('r', { station: 'S0', limitA: 20, tailA: 6, leaseEndsS: 600, transaction: 't' })],
      [57, answered('S0', 'r', 'result', 'Rejected')],
    ];
    const [stuck, free] = solve(configOf(spec), spec, refused).allocations;
    expect(stuck?.because).toMatchObject({ kind: 'link', gainA: null, sharers: null });
    expect(free?.because).toMatchObject({ kind: 'link', gainA: 0.5, sharers: 2 });
  });

  it('never is of nobody where it is not known', () => {
    fc.assert(
      fc.property(fc.oneof(sites, others), fc.constantFrom(0.5, 1, 4), (spec, stepA) => {
        for (const { because } of solve(configOf(spec, stepA), spec).allocations)
          if (because.kind === 'link' && because.gainA === null) expect(because.sharers).not.toBe(0);
      }),
      RUNS,
    );
  });
});
