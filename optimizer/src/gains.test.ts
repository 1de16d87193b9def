// What `because` says of one ampere more, held against the very site with that ampere more.

import type { Allocation, NodeConfig, Policy, SiteConfig } from '@ampledger/domain';
import { at, commissioned, configured, given, siteOf, started, type Told } from '@ampledger/domain/testing';
import { mapPhases, type PerPhase, type Phase, stationId } from '@ampledger/kernel';
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

/** Steps: of the first station alone. */
function configOf({ policy, limitA, feederA, cars }: Cars, stepA = 0): SiteConfig {
  return siteOf({
    nodes: [
      { id: 'grid', limitA },
      { id: 'feeder', parent: 'grid', limitA: feederA },
    ],
    stations: cars.map(({ phases }, i) => ({
      id: `S${i}`,
      node: i % 2 === 0 ? 'grid' : 'feeder',
      connectors: [{ phases: PHASES[phases] ?? [0], stepA: i === 0 ? stepA : 0 }],
    })),
    site: { policy },
  });
}

interface Solved {
  readonly allocations: readonly Allocation[];
  /** By connector of the site, before rounding. */
  readonly exactA: Float64Array;
}

function solve(config: SiteConfig, spec: Cars): Solved {
  const problem = problemOf(given([[0, configured(config)], ...historyOf(spec)]), at(60));
  let exactA = new Float64Array(0);
  const shared = ({ scratch }: SiteNetwork): void => {
    exactA = scratch.limitA.slice();
  };
  return { allocations: allocate(problem, config, { watch: { shared } }), exactA };
}

const raised = ({ limitA }: NodeConfig, phases: readonly Phase[]): PerPhase =>
  mapPhases((phase) => (limitA?.[phase] ?? 0) + (phases.includes(phase) ? 1 : 0));

describe('one ampere more on the link that binds', () => {
  it('gives what it is said to give', () => {
    let seen = 0;
    fc.assert(
      fc.property(sites, (spec) => {
        const config = configOf(spec);
        const { allocations, exactA } = solve(config, spec);
        // Who waits might be let in by that ampere: its own and the others' gain are told without that.
        if (allocations.some(({ because }) => because.kind === 'waiting')) return;
        for (const { connector, because } of allocations) {
          if (because.kind !== 'link' || because.gainA === null || because.phase === null) continue;
          const { node: id, phase, together = [phase] } = because;
          const nodes = config.nodes.map((node) =>
            node.id === id ? { ...node, limitA: raised(node, together) } : node,
          );
          const after = solve({ ...config, nodes }, spec).exactA;
          const index = config.stations.findIndex(({ id }) => connector.startsWith(`${id}/`));
          const rise = (after[index] ?? 0) - (exactA[index] ?? 0);
          expect(because.gainA, `${spec.policy}, ${connector}`).toBeCloseTo(Math.max(0, rise), 2);
          if (because.gainA > 0.01) seen += 1;
        }
      }),
      { numRuns: Number(process.env.GAIN_RUNS ?? 150) },
    );
    expect(seen).toBeGreaterThan(50);
  });

  it('is one on each phase where a fuse is full on all of them', () => {
    const car = { phases: 0, needWh: 30_000, hours: 4 };
    for (const policy of ['fair', 'balanced'] as const) {
      const spec: Cars = { policy, limitA: 40, feederA: 60, cars: [car, car, car, car] };
      for (const { because } of solve(configOf(spec), spec).allocations)
        expect(because).toMatchObject({ kind: 'link', gainA: 0.25, sharers: 4, together: [0, 1, 2] });
    }
  });

  it('of a station in steps says who shares it, but no part of an ampere', () => {
    const car = { phases: 1, needWh: 30_000, hours: 4 };
    const spec: Cars = { policy: 'fair', limitA: 40, feederA: 60, cars: [car, car, car] };
    const [stepped, smooth] = solve(configOf(spec, 1), spec).allocations;
    expect(stepped?.because).toMatchObject({ kind: 'link', gainA: null, sharers: 3 });
    expect(smooth?.because).toMatchObject({ kind: 'link', gainA: 0.333, sharers: 3 });
  });
});
