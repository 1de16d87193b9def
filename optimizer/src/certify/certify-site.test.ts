// The certificate holds for what allocate answers, and for nothing else.

import {
  type Allocation,
  addToPath,
  eitherLoad,
  grantLoad,
  ledgerInput,
  topologyOf,
} from '@ampledger/domain';
import {
  at,
  commissioned,
  configured,
  given,
  granted,
  metered,
  siteOf,
  started,
  type Told,
} from '@ampledger/domain/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocate } from '../allocate.js';
import { problemOf } from '../problem.js';
import { certifyLimits, certifySite } from './certify-site.js';

const POLICIES = ['fair', 'urgent', 'throughput', 'balanced'] as const;
const sites = fc.record({
  limitA: fc.constantFrom(0, 7, 20, 40, 90),
  panelA: fc.constantFrom(5, 16, 30, 63),
  delta: fc.boolean(),
  unbalanceA: fc.constantFrom(undefined, undefined, 10, 20),
  policy: fc.constantFrom(...POLICIES),
  stepA: fc.constantFrom(0, 1, 4),
  needs: fc.array(fc.tuple(fc.nat(40), fc.nat(12)), { minLength: 12, maxLength: 12 }),
  /** Whose car was seen on all its phases, and what a car without a session's limit may take. */
  seen: fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
  idleA: fc.constantFrom(0, 0, 6),
  shapes: fc.array(fc.constantFrom([0], [1], [2], [0, 1, 2], [0, 1]), { minLength: 2, maxLength: 12 }),
});

/** A car that has 16 A and takes them on every phase that there is. */
const onAllPhases = (station: string): readonly Told[] => [
  ...granted(12, `g-${station}`, { station, transaction: 't', limitA: 16 }),
  ...[14, 44, 75].map((s): Told => [s, metered(station, [16, 16, 16])]),
];

function stateOf(spec: typeof sites extends fc.Arbitrary<infer T> ? T : never) {
  const { limitA, panelA, delta, unbalanceA, policy, stepA, needs, seen, shapes } = spec;
  // Of a whole step, as in every site file; and what nobody can take away is no matter of unbalance.
  const idleA = stepA === 4 || unbalanceA !== undefined ? 0 : spec.idleA;
  const transformer = delta
    ? ({
        secondaryA: [limitA, limitA, limitA],
        primaryA: [limitA / 2.5, limitA / 2.5, limitA / 2.5],
        ratio: 4,
      } as const)
    : null;
  const config = siteOf({
    nodes: [
      { id: 'grid', limitA: limitA * 1.2, transformer, ...(unbalanceA === undefined ? {} : { unbalanceA }) },
      { id: 'panel', parent: 'grid', limitA: panelA },
    ],
    stations: shapes.map((phases, i) => ({
      id: `S${i}`,
      node: i % 2 === 0 ? 'grid' : 'panel',
      connectors: [{ phases: phases as [0 | 1 | 2], stepA, idleA, priority: i % 5 === 0 ? 1 : 0 }],
    })),
    site: { policy, wiring: delta ? 'delta' : 'wye' },
  });
  const history = shapes.flatMap((_, i): readonly Told[] => [
    ...commissioned(`S${i}`, { idleA }),
    [i, started(`S${i}`, 't')],
    ...(seen[i] ? onAllPhases(`S${i}`) : []),
    [
      20,
      {
        type: 'ChargingNeedsNotified',
        data: {
          station: `S${i}` as never,
          evseId: 1,
          session: null,
          source: 'api',
          energyWh: 1_000 * (needs[i]?.[0] ?? 1),
          departAt: at(3_600 * (needs[i]?.[1] ?? 1)),
          minA: null,
          maxA: null,
        },
      },
    ],
  ]);
  return given([[0, configured(config)], ...history]);
}

describe('the certificate of an allocation', () => {
  it('holds, whatever the policy', () => {
    fc.assert(
      fc.property(sites, (spec) => {
        expect(certifySite(stateOf(spec), at(80))).toEqual([]);
      }),
      { numRuns: Number(process.env.CERTIFY_RUNS ?? 300) },
    );
  });

  it('holds by the ledger too: what is given fits when stations hold it', () => {
    fc.assert(
      fc.property(sites, (spec) => {
        const state = stateOf({ ...spec, unbalanceA: undefined });
        const { connectors, linkCount } = topologyOf(state.config);
        const problem = problemOf(state, at(80));
        const limits = new Map(allocate(problem, state.config).map((a) => [a.connector, a.limitA]));
        const held = new Float64Array(linkCount);
        const unavoidable = new Float64Array(linkCount);
        for (const placed of connectors) {
          const input = ledgerInput(state, placed);
          const on = (kind: 'session' | 'idle', limitA: number) => grantLoad(input, { kind, limitA }, at(80));
          const idleA = on('idle', placed.config.idleA);
          const candidate = problem.candidates.find(({ key }) => key === placed.key);
          const leastA = candidate?.stuckAtA ?? candidate?.floorA ?? 0;
          const cannotLessA = eitherLoad(idleA, on('session', leastA));
          const givenA = on('session', limits.get(placed.key) ?? 0);
          addToPath(unavoidable, placed, cannotLessA, state.config.voltageV);
          addToPath(held, placed, eitherLoad(cannotLessA, givenA), state.config.voltageV);
        }
        problem.capacity.forEach((capacity, link) => {
          const most = Math.max(capacity, unavoidable[link] ?? 0);
          expect(held[link]).toBeLessThanOrEqual(most + 1e-6 * (link % 4 === 3 ? 230 : 1));
        });
      }),
      { numRuns: Number(process.env.CERTIFY_RUNS ?? 300) },
    );
  });

  it('fails for a limit too high, and for one below the minimum', () => {
    fc.assert(
      fc.property(sites, fc.nat(11), (spec, which) => {
        const state = stateOf(spec);
        const problem = problemOf(state, at(80));
        const allocations = allocate(problem, state.config);
        const one = allocations[which % allocations.length];
        if (one === undefined) return;
        const with_ = (limitA: number): readonly Allocation[] =>
          allocations.map((a) => (a === one ? { ...a, limitA } : a));
        expect(certifyLimits(problem, state.config, with_(4)).map((f) => f.check)).toContain('limits');
        const words = certifyLimits(problem, state.config, with_(8.05)).map((f) => f.message);
        expect(
          words.some((text) => /less than its minimum|more than its maximum|cannot be set/.test(text)),
        ).toBe(true);
        const most = topologyOf(state.config).connectors.length * 200;
        expect(certifyLimits(problem, state.config, with_(most)).map((f) => f.check)).toContain('limits');
      }),
      { numRuns: 50 },
    );
  });
});
