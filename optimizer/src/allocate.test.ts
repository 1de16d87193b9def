import { type ConnectorConfig, type SiteConfig, topologyOf } from '@ampledger/domain';
import {
  at,
  commissioned,
  configured,
  given,
  granted,
  key,
  metered,
  siteOf,
  started,
  status,
  type Told,
} from '@ampledger/domain/testing';
import type { Phase } from '@ampledger/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocate } from './allocate.js';
import { decideLimits } from './decide.js';
import { type Candidate, type Problem, problemOf } from './problem.js';
import type { SiteNetwork } from './site-network.js';
import { type Certificate, certify } from './solver/index.js';

const SHAPES: readonly (readonly Phase[])[] = [
  [0, 1, 2],
  [1, 2, 0],
  [2, 0, 1],
  [0],
  [1],
  [2],
  [0, 1],
  [1, 2],
];

const connectors = fc.record({
  phases: fc.constantFrom(...SHAPES),
  maxA: fc.constantFrom(10, 16, 20, 32, 63),
  priority: fc.constantFrom(0, 0, 0, 1, 2),
  weight: fc.constantFrom(1, 1, 2, 0.5),
  idleA: fc.constantFrom(0, 0, 0, 6),
});

const limit = fc.constantFrom(0, 5, 6, 13, 25, 40, 80, 160);

const sites = fc.record({
  root: fc.tuple(limit, limit, limit),
  rootW: fc.option(fc.constantFrom(2_000, 11_000, 22_000, 60_000)),
  parents: fc.array(fc.nat(9), { maxLength: 8 }),
  limits: fc.array(limit, { minLength: 9, maxLength: 9 }),
  reserveA: fc.constantFrom(0, 0, 2),
  stations: fc.array(fc.tuple(fc.nat(9), connectors, fc.boolean()), { minLength: 1, maxLength: 24 }),
  draws: fc.array(fc.nat(40), { minLength: 24, maxLength: 24 }),
});
type Drawn = typeof sites extends fc.Arbitrary<infer T> ? T : never;

function build(spec: Drawn): { config: SiteConfig; history: readonly Told[] } {
  const ids = ['n0', ...spec.parents.map((_, i) => `n${i + 1}`)];
  const nodes = ids.map((id, i) =>
    i === 0
      ? {
          id,
          limitA: spec.root,
          ...(spec.rootW === null ? {} : { limitW: spec.rootW }),
          reserveA: spec.reserveA,
        }
      : { id, parent: `n${(spec.parents[i - 1] ?? 0) % i}`, limitA: spec.limits[i - 1] ?? 0 },
  );
  const stations = spec.stations.map(([node, connector], i) => ({
    id: `S${i}`,
    node: `n${node % ids.length}`,
    connectors: [connector as Partial<ConnectorConfig>],
  }));
  const history = spec.stations.flatMap(([, connector, charging], i): readonly Told[] => [
    ...commissioned(`S${i}`, { idleA: connector.idleA }),
    ...(charging ? [[i, started(`S${i}`, 't')] as Told] : []),
    ...(charging && i % 3 === 0
      ? [
          ...granted(30, `g${i}`, { station: `S${i}`, transaction: 't', limitA: 16 }),
          [90, metered(`S${i}`, [spec.draws[i] ?? 0, 0, 0])] as Told,
        ]
      : []),
  ]);
  return { config: siteOf({ nodes, stations }), history };
}

function solve(spec: Drawn, seconds = 200) {
  const { config, history } = build(spec);
  const state = given([[0, configured(config)], ...history]);
  const problem = problemOf(state, at(seconds));
  const limits = new Map(allocate(problem, config).map((a) => [a.connector, a]));
  return { config, state, problem, limits, given: (c: Candidate) => limits.get(c.key)?.limitA ?? 0 };
}

/** What each link carries by the allocation, counting what cannot be taken away. */
function loads(problem: Problem, config: SiteConfig, given: (c: Candidate) => number): Float64Array {
  const { connectors } = topologyOf(config);
  const load = new Float64Array(problem.capacity.length);
  for (const c of problem.candidates) {
    const amperes = c.stuckAtA ?? Math.max(given(c), c.floorA);
    const { links = [], weights = [] } = connectors[c.index] ?? {};
    links.forEach((link, i) => {
      load[link] = (load[link] ?? 0) + amperes * (weights[i] ?? 0);
    });
  }
  return load;
}

describe('allocate', () => {
  it('never puts a node over on any phase, and gives nobody less than the minimum but zero', () => {
    fc.assert(
      fc.property(sites, (spec) => {
        const { problem, config, given } = solve(spec);
        const unavoidable = loads(problem, config, (c) => c.floorA);
        const load = loads(problem, config, given);
        problem.capacity.forEach((capacity, link) => {
          expect(load[link]).toBeLessThanOrEqual(Math.max(capacity, unavoidable[link] ?? 0) + 1e-6);
        });
        for (const c of problem.candidates) {
          const limitA = given(c);
          expect(limitA === 0 || limitA >= c.minA).toBe(true);
          expect(limitA).toBeLessThanOrEqual(Math.max(c.maxA, c.minA));
        }
      }),
      { numRuns: Number(process.env.ALLOCATE_RUNS ?? 500) },
    );
  });

  it('shares max-min fairly, exactly until it is rounded, and never rounds further down than a tenth', () => {
    fc.assert(
      fc.property(sites, (spec) => {
        const { config, history } = build(spec);
        const problem = problemOf(given([[0, configured(config)], ...history]), at(200));
        let certificate: Certificate | undefined;
        let exactA = new Float64Array(0);
        const shared = ({ network, scratch }: SiteNetwork): void => {
          certificate = certify(network, scratch.limitA);
          exactA = Float64Array.from(scratch.limitA);
        };
        const limits = new Map(
          allocate(problem, config, { watch: { shared } }).map((a) => [a.connector, a.limitA]),
        );
        expect(certificate?.holds).toBe(true);
        for (const { key: connector, index, stuckAtA, previousA, minA } of problem.candidates) {
          const limitA = limits.get(connector) ?? 0;
          const exact = exactA[index] ?? 0;
          // A small raise is left out; who waits, or does not take limits, is told something else.
          if (stuckAtA !== null || limitA < minA || limitA === previousA) continue;
          expect(limitA).toBeGreaterThan(exact - 0.1 - 1e-6);
        }
      }),
      { numRuns: Number(process.env.ALLOCATE_RUNS ?? 500) },
    );
  });

  it('answers the same for the same state', () => {
    fc.assert(
      fc.property(sites, (spec) => {
        expect([...solve(spec).limits]).toEqual([...solve(spec).limits]);
      }),
      { numRuns: 50 },
    );
  });
});

const small = (
  limitA: number,
  stations: number,
  extra: Partial<ConnectorConfig> = {},
  control = {},
): SiteConfig =>
  siteOf({
    nodes: [{ id: 'grid', limitA }],
    stations: Array.from({ length: stations }, (_, i) => ({
      id: `S${i}`,
      node: 'grid',
      connectors: [extra],
    })),
    control,
  });
const charging = (n: number, atS = 0): readonly Told[] =>
  Array.from({ length: n }, (_, i): readonly Told[] => [
    ...commissioned(`S${i}`),
    [atS + i, started(`S${i}`, 't')],
  ]).flat();

describe('the rules, one by one', () => {
  const limitsAt = (config: SiteConfig, history: readonly Told[], seconds: number): readonly number[] => {
    const state = given([[0, configured(config)], ...history]);
    const all = new Map(allocate(problemOf(state, at(seconds)), config).map((a) => [a.connector, a.limitA]));
    return config.stations.map((s) => all.get(key(s.id)) ?? -1);
  };

  it('shares equally', () => expect(limitsAt(small(48, 3), charging(3), 10)).toEqual([16, 16, 16]));
  it('gives 6 A or nothing, first come first', () =>
    expect(limitsAt(small(20, 4), charging(4), 10)).toEqual([6.7, 6.7, 6.6, 0]));
  it('serves a higher class in full before a lower one, beyond its minimum', () => {
    const config = siteOf({
      nodes: [{ id: 'grid', limitA: 40 }],
      stations: [
        { id: 'S0', node: 'grid', connectors: [{ priority: 1 }] },
        { id: 'S1', node: 'grid' },
      ],
    });
    expect(limitsAt(config, charging(2), 10)).toEqual([32, 8]);
  });
  it('weighs within a class', () => {
    const config = siteOf({
      nodes: [{ id: 'grid', limitA: 30 }],
      stations: [
        { id: 'S0', node: 'grid', connectors: [{ weight: 2 }] },
        { id: 'S1', node: 'grid' },
      ],
    });
    expect(limitsAt(config, charging(2), 10)).toEqual([20, 10]);
  });
  it('keeps single-phase cars apart by phase', () => {
    const config = siteOf({
      nodes: [{ id: 'grid', limitA: 20 }],
      stations: [
        { id: 'S0', node: 'grid', connectors: [{ phases: [0] }] },
        { id: 'S1', node: 'grid', connectors: [{ phases: [1] }] },
      ],
    });
    expect(limitsAt(config, charging(2), 10)).toEqual([20, 20]);
  });
  it('takes back what a car leaves, and gives it to the others', () => {
    const idle: readonly Told[] = [
      ...granted(5, 'g', { station: 'S0', transaction: 't', limitA: 16 }),
      ...granted(5, 'h', { station: 'S1', transaction: 't', limitA: 16 }),
      [60, metered('S0', [8, 8, 8])],
      [120, metered('S0', [8, 8, 8])],
    ];
    expect(limitsAt(small(32, 2), [...charging(2), ...idle], 121)).toEqual([10, 22]);
    const back: readonly Told[] = [
      ...granted(125, 'i', { station: 'S0', transaction: 't', limitA: 10 }),
      [130, metered('S0', [10, 10, 10])],
    ];
    expect(limitsAt(small(32, 2), [...charging(2), ...idle, ...back], 131)).toEqual([16, 16]);
  });
  it('counts an offline station at its lease, and shares the rest', () => {
    const history: readonly Told[] = [
      ...charging(2),
      ...granted(5, 'g', { station: 'S0', transaction: 't', limitA: 20, tailA: 0, leaseEndsS: 605 }),
      [
        10,
        {
          type: 'StationDisconnected',
          data: { station: 'S0' as never, connection: 'c1', code: 1006, reason: '' },
        },
      ],
    ];
    expect(limitsAt(small(32, 2), history, 20)).toEqual([20, 12]);
    expect(limitsAt(small(32, 2), history, 700)).toEqual([0, 32]);
  });
  it('lets those who wait have their turn after the dwell', () => {
    const config = small(12, 3, {}, { minDwellS: 900 });
    let state = given([[0, configured(config)], ...charging(3)]);
    const first = decideLimits(state, at(10));
    if (!first) throw new Error('nothing decided');
    state = given([[10, { type: 'LimitsAllocated', data: first }]], state);
    const on = (seconds: number): readonly boolean[] => {
      const all = new Map(
        allocate(problemOf(state, at(seconds)), config).map((a) => [a.connector, a.limitA > 0]),
      );
      return config.stations.map((s) => all.get(key(s.id)) ?? false);
    };
    expect(on(11)).toEqual([true, true, false]);
    expect(on(905)).toEqual([true, true, false]);
    expect(on(911)).toEqual([true, false, true]);
  });
  it('serves a full car last', () => {
    const history: readonly Told[] = [
      ...charging(2),
      ...granted(5, 'g', { station: 'S0', transaction: 't', limitA: 6 }),
      [10, status('S0', 'SuspendedEV')],
      [60, metered('S0', [0, 0, 0])],
      [120, metered('S0', [0, 0, 0])],
    ];
    expect(limitsAt(small(6, 2), history, 200)).toEqual([6, 0]);
    expect(limitsAt(small(6, 2), history, 800)).toEqual([0, 6]);
  });
});
