// The certificate holds for what allocate answers, and for nothing else.

import { type Allocation, topologyOf } from '@ampledger/domain';
import { at, commissioned, configured, given, siteOf, started, type Told } from '@ampledger/domain/testing';
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
  shapes: fc.array(fc.constantFrom([0], [1], [2], [0, 1, 2], [0, 1]), { minLength: 2, maxLength: 12 }),
});

function stateOf(spec: typeof sites extends fc.Arbitrary<infer T> ? T : never) {
  const { limitA, panelA, delta, unbalanceA, policy, stepA, needs, shapes } = spec;
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
      connectors: [{ phases: phases as [0 | 1 | 2], stepA, priority: i % 5 === 0 ? 1 : 0 }],
    })),
    site: { policy, wiring: delta ? 'delta' : 'wye' },
  });
  const history = shapes.flatMap((_, i): readonly Told[] => [
    ...commissioned(`S${i}`),
    [i, started(`S${i}`, 't')],
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
        expect(certifySite(stateOf(spec), at(60))).toEqual([]);
      }),
      { numRuns: Number(process.env.CERTIFY_RUNS ?? 300) },
    );
  });

  it('fails for a limit too high, and for one below the minimum', () => {
    fc.assert(
      fc.property(sites, fc.nat(11), (spec, which) => {
        const state = stateOf(spec);
        const problem = problemOf(state, at(60));
        const allocations = allocate(problem, state.config);
        const one = allocations[which % allocations.length];
        if (one === undefined) return;
        const with_ = (limitA: number): readonly Allocation[] =>
          allocations.map((a) => (a === one ? { ...a, limitA } : a));
        expect(certifyLimits(problem, state.config, with_(4)).map((f) => f.check)).toContain('limits');
        const most = topologyOf(state.config).connectors.length * 200;
        expect(certifyLimits(problem, state.config, with_(most)).map((f) => f.check)).toContain('limits');
      }),
      { numRuns: 50 },
    );
  });
});
