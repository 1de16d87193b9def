// What people and programs see of a node: the ledger's own sums, in amperes and in watts.

import { evenly, nodeId } from '@ampledger/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ConnectorConfig, countedLoads, LINKS_PER_NODE, type SiteState, siteView } from './index.js';
import {
  at,
  commissioned,
  configured,
  given,
  granted,
  key,
  metered,
  phases,
  SITE,
  siteOf,
  started,
  type Told,
} from './testing.js';

type Wiring = 'wye' | 'delta';
const VOLTS = { wye: 230, delta: 208 };

function stateOf(
  connectors: readonly Partial<ConnectorConfig>[],
  wiring: Wiring,
  history: readonly Told[],
): SiteState {
  const config = siteOf({
    nodes: [
      { id: 'grid', limitA: 400 },
      { id: 'panel', parent: 'grid', limitW: 30_000 },
    ],
    stations: connectors.map((connector, k) => ({ id: `S${k}`, node: 'panel', connectors: [connector] })),
    site: { wiring, voltageV: VOLTS[wiring] },
  });
  return given([[0, configured(config)], ...history]);
}

/** A car that was given its limit, and what its meter says. */
const charging = (k: number, limitA: number, drawnA: Parameters<typeof metered>[1]): readonly Told[] => [
  ...commissioned(`S${k}`),
  [1, started(`S${k}`, 't')],
  ...granted(2, `c${k}`, { station: `S${k}`, limitA, transaction: 't' }),
  [3, metered(`S${k}`, drawnA)],
];

const UNKNOWN_ONE = { rotationKnown: false, wiredPhases: 1 } as const;
const UNKNOWN_THREE = { rotationKnown: false, wiredPhases: 3 } as const;

describe('watts of a node', () => {
  it('count a car on one phase that nobody knows once', () => {
    const state = stateOf([UNKNOWN_ONE], 'wye', charging(0, 16, [15, null, null]));
    expect(siteView(state, at(4)).nodes[1]).toMatchObject({
      offeredA: [16, 16, 16],
      offeredW: 16 * 230,
      drawnA: [15, 15, 15],
      drawnW: 15 * 230,
    });
  });

  it('count a car between three lines √3 times, though each leg has all of it', () => {
    const state = stateOf([UNKNOWN_THREE], 'delta', charging(0, 16, [15, 15, 15]));
    const node = siteView(state, at(4)).nodes[1];
    expect(node).toMatchObject({ offeredA: [16, 16, 16], drawnA: [15, 15, 15] });
    expect(node?.offeredW).toBeCloseTo(Math.sqrt(3) * 16 * 208, 6);
    expect(node?.drawnW).toBeCloseTo(Math.sqrt(3) * 15 * 208, 6);
  });

  it('of what the optimizer gave are reckoned alike', () => {
    const allocated: Told = [
      2,
      {
        type: 'LimitsAllocated',
        data: {
          ...{ site: SITE, at: at(2), basis: 0, epoch: 0 },
          allocations: [
            {
              connector: key('S0'),
              limitA: 10,
              fairA: null,
              because: { kind: 'bound', bound: 'maximum' },
            },
          ],
        },
      },
    ];
    const state = stateOf([UNKNOWN_ONE], 'wye', [...charging(0, 16, [15, null, null]), allocated]);
    expect(siteView(state, at(4)).nodes[1]).toMatchObject({ allocatedA: [10, 10, 10], allocatedW: 2300 });
  });

  it('are those that the ledger holds against limits of power, and no more of a draw than was offered', () => {
    const ampere = fc.integer({ min: 6, max: 32 });
    const wired = fc.constantFrom<Partial<ConnectorConfig>>(
      UNKNOWN_ONE,
      UNKNOWN_THREE,
      { phases: [1] },
      { phases: [0, 1, 2] },
      { phases: [0, 1, 2], current: 'dc', efficiency: 0.95 },
    );
    const car = fc.record({ wired, limitA: ampere, share: fc.double({ min: 0, max: 1, noNaN: true }) });
    fc.assert(
      fc.property(
        fc.array(car, { minLength: 1, maxLength: 4 }),
        fc.constantFrom<Wiring>('wye', 'delta'),
        (cars, wiring) => {
          const history = cars.flatMap(({ limitA, share }, k) => charging(k, limitA, evenly(limitA * share)));
          const state = stateOf(
            cars.map((each) => each.wired),
            wiring,
            history,
          );
          const { load } = countedLoads(state, at(4));
          siteView(state, at(4)).nodes.forEach((node, index) => {
            expect(node.offeredW).toBeCloseTo(load[index * LINKS_PER_NODE + 3] ?? Number.NaN, 6);
            expect(node.drawnW).toBeLessThanOrEqual(node.offeredW + 1e-6);
          });
        },
      ),
    );
  });
});

describe('lines of a node', () => {
  const cap = (limitA: number): Told => {
    const open = { limitW: null, from: null, to: null, fallback: null, silenceS: null, heardAt: at(3) };
    const data = { site: SITE, source: 'operator', node: nodeId('panel'), limitA: evenly(limitA), ...open };
    return [3, { type: 'EnvelopeSet', data }];
  };
  const cars = [{ phases: phases(0) }, { phases: phases(1) }];
  const history = [...charging(0, 20, [20, 20, null]), ...charging(1, 20, [0, 10, 10])];
  const linesOf = (wiring: Wiring, ...more: readonly Told[]) =>
    siteView(stateOf(cars, wiring, [...history, ...more]), at(4)).nodes[1]?.lines;

  it('are shown under an envelope, which limits them', () => {
    expect(linesOf('delta')).toEqual([]);
    const [line] = linesOf('delta', cap(40)) ?? [];
    expect(line).toMatchObject({ side: 'secondary', limitA: [40, 40, 40] });
    expect(line?.offeredA[1]).toBeCloseTo(Math.sqrt(3) * 20, 9);
    expect(line?.drawnA[1]).toBeCloseTo(Math.hypot(20 + 10 / 2, 10 * Math.sqrt(0.75)), 9);
    expect(linesOf('wye', cap(40))).toEqual([]);
  });
});

describe('a connector', () => {
  it('draws in amperes of its own limit: behind a delta those of its lines', () => {
    const both: readonly Partial<ConnectorConfig>[] = [{}, { phases: phases(1) }];
    const history = [...charging(0, 32, [32, 32, 32]), ...charging(1, 16, [15, 15, null])];
    const [three, one] = siteView(stateOf(both, 'delta', history), at(4)).connectors;
    expect(three?.drawA?.[0]).toBeCloseTo(32 / Math.sqrt(3), 9);
    expect(three?.ownDrawA).toBeCloseTo(32, 9);
    expect(one).toMatchObject({ drawA: [0, 15, 0], ownDrawA: 15 });
    const [mute] = siteView(stateOf(both, 'delta', history.slice(0, -10)), at(100_000)).connectors;
    expect(mute?.ownDrawA).toBeNull();
  });

  it('of DC says what an ampere is to its car', () => {
    const dc = { current: 'dc', efficiency: 0.95 } as const;
    const [car] = siteView(stateOf([dc], 'delta', []), at(1)).connectors;
    expect(car?.carWattsPerA).toBeCloseTo(Math.sqrt(3) * 208 * 0.95, 6);
    expect(siteView(stateOf([{}], 'delta', []), at(1)).connectors[0]?.carWattsPerA).toBeNull();
  });
});
