// Steps and minima of stations: what is given can be set, and what is said of it is so.

import { type ConnectorConfig, wattsPerAmpere } from '@ampledger/domain';
import {
  at,
  commissioned,
  configured,
  given,
  type NodeSpec,
  siteOf,
  started,
  type Told,
} from '@ampledger/domain/testing';
import { stationId } from '@ampledger/kernel';
import { describe, expect, it } from 'vitest';
import { allocate } from './allocate.js';
import { problemOf } from './problem.js';

const DELTA = { wiring: 'delta', voltageV: 208, policy: 'fair' } as const;
const EFFICIENCY = 0.94;
const WATTS = EFFICIENCY * wattsPerAmpere(DELTA, [0, 1, 2]);
/** As a site file makes it: twelve digits. */
const gridA = (watts: number): number => Number((watts / WATTS).toPrecision(12));

const dc = (
  watts: { min?: number; max: number; step?: number },
  more: Partial<ConnectorConfig> = {},
): Partial<ConnectorConfig> => ({
  ...{ current: 'dc', efficiency: EFFICIENCY, phases: [0, 1, 2] },
  ...{ minA: gridA(watts.min ?? 5_000), maxA: gridA(watts.max), stepA: gridA(watts.step ?? 0) },
  ...more,
});

function allocated(
  node: Omit<NodeSpec, 'id'>,
  connectors: readonly Partial<ConnectorConfig>[],
  { more = [], site = DELTA }: { more?: readonly Told[]; site?: Parameters<typeof siteOf>[0]['site'] } = {},
) {
  const config = siteOf({
    nodes: [{ id: 'grid', ...node }],
    stations: connectors.map((one, i) => ({ id: `S${i}`, node: 'grid', connectors: [one] })),
    ...(site === undefined ? {} : { site }),
  });
  const here = connectors.flatMap((_, i): readonly Told[] => [
    ...commissioned(`S${i}`),
    [i + 1, started(`S${i}`, 't')],
  ]);
  return allocate(problemOf(given([[0, configured(config)], ...here, ...more]), at(100)), config);
}
const FAIR = { policy: 'fair' } as const;
const bound = (name: string) => ({ kind: 'bound', bound: name });

describe('a DC connector', () => {
  it('has its top step, though twelve digits of it are a hair above the maximum', () => {
    const [one] = allocated({ limitA: 300 }, [dc({ max: 24_000, step: 1_000 })]);
    expect(24 * gridA(1_000)).toBeGreaterThan(gridA(24_000));
    expect((one?.limitA ?? 0) * WATTS).toBeCloseTo(24_000, 4);
    expect(one?.limitA).toBeLessThanOrEqual(gridA(24_000));
    expect(one?.because).toEqual(bound('maximum'));
  });

  it('has its top step also where that is handed on to it', () => {
    const listed = dc({ max: 30_000 }, { stepsA: [gridA(10_000), gridA(30_000)] });
    const [, one] = allocated({ limitW: 47_000 / EFFICIENCY }, [listed, dc({ max: 24_000, step: 1_000 })]);
    expect((one?.limitA ?? 0) * WATTS).toBeCloseTo(24_000, 4);
    expect(one?.because).toEqual(bound('maximum'));
  });

  it('has whole steps of power, not tenths of the grid’s amperes', () => {
    const all = allocated({ limitW: 40_000 }, [
      dc({ max: 24_000, step: 1_000 }),
      dc({ max: 24_000, step: 1_000 }),
    ]);
    // 37.6 kW in the cars.
    expect(all.map(({ limitA }) => Math.round(limitA * WATTS * 1e4) / 1e4).sort()).toEqual([18_000, 19_000]);
  });

  it('keeps a minimum that is no tenth, where there is no more', () => {
    const least = dc({ max: 20_000 });
    const all = allocated({ limitW: (2 * 5_000.001) / EFFICIENCY }, [least, least]);
    for (const { limitA } of all) expect(limitA * WATTS).toBeCloseTo(5_000, 4);
  });

  it('is let in on a whole module, not on a minimum that no module gives', () => {
    const outlet = dc({ max: 60_000, step: 10_000 });
    const [first, second] = allocated({ limitW: 19_000 / EFFICIENCY }, [outlet, outlet]);
    expect((first?.limitA ?? 0) * WATTS).toBeCloseTo(10_000, 4);
    expect(second).toMatchObject({ limitA: 0, because: { kind: 'waiting', node: 'grid', phase: null } });
    // It was not let in: what it is short of brings its turn.
    expect(second?.fairA).toBeGreaterThan(0);
  });
});

describe('an AC connector', () => {
  it('keeps a minimum that is no tenth by the next one', () => {
    const least = { phases: [0], minA: 6.087 } as const;
    const all = allocated(
      { limitA: 12.2 },
      [
        { ...least, phases: [0] },
        { ...least, phases: [0] },
      ],
      { site: FAIR },
    );
    expect(all.map(({ limitA }) => limitA)).toEqual([6.1, 6.1]);
    const [, second] = allocated(
      { limitA: 12.19 },
      [
        { ...least, phases: [0] },
        { ...least, phases: [0] },
      ],
      { site: FAIR },
    );
    expect(second?.because).toMatchObject({ kind: 'waiting', node: 'grid', phase: 0 });
  });

  it('that was handed the rest up to its maximum is bound by that, and by no fuse', () => {
    // 22 A each; one can only be set to 10, and the other then has all that it can take.
    const [listed, other] = allocated(
      { limitA: 44 },
      [
        { phases: [0], stepsA: [10, 24], maxA: 24 },
        { phases: [0], stepA: 1, maxA: 32 },
      ],
      { site: FAIR },
    );
    expect(listed).toMatchObject({ limitA: 10, because: { kind: 'link', node: 'grid' } });
    expect(other).toMatchObject({ limitA: 32, because: bound('maximum') });
  });

  const said = (maxA: number): Told => [
    50,
    {
      type: 'ChargingNeedsNotified',
      data: {
        ...{ station: stationId('S0'), evseId: 1, session: null, source: 'iso15118' },
        ...{ energyWh: 20_000, departAt: null, minA: null, maxA },
      },
    },
  ];
  it('has what its car said that it takes, and says whose word that is', () => {
    const [one] = allocated({ limitA: 44 }, [{ phases: [0] }], { more: [said(16)], site: FAIR });
    expect(one).toMatchObject({ limitA: 16, because: bound('car') });
    const [wide] = allocated({ limitA: 44 }, [{ phases: [0] }], { more: [said(40)], site: FAIR });
    expect(wide).toMatchObject({ limitA: 32, because: bound('maximum') });
    const [stepped] = allocated({ limitA: 44 }, [{ phases: [0], stepA: 5 }], {
      more: [said(16)],
      site: FAIR,
    });
    expect(stepped).toMatchObject({ limitA: 15, because: bound('car') });
  });
});
