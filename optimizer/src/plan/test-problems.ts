// Small problems to plan, by hand and at random: hours at 250 V, so that 4 A on one phase are 1 kW.

import fc from 'fast-check';
import { BARE_NODE, DEFAULT_WEIGHTS, type PlanNode, type PlanProblem, type PlanSession } from './problem.js';
import { unbalanceCuts } from './unbalance-cuts.js';

export const HOUR_S = 3600;
export const VOLTS = 250;

/** A site without a limit, four periods of an hour, energy for 1 each. */
export function problem(changes: Partial<PlanProblem> = {}): PlanProblem {
  return {
    site: 'site',
    from: Date.UTC(2026, 0, 5),
    periodS: HOUR_S,
    periods: 4,
    voltageV: VOLTS,
    nodes: [node('root', null)],
    envelopes: [],
    sessions: [],
    expected: [],
    prices: { importPerKwh: 1, exportPerKwh: 0, co2KgPerKwh: 0 },
    demand: null,
    battery: null,
    pv: null,
    weights: DEFAULT_WEIGHTS,
    ...changes,
  };
}

export const node = (id: string, parent: string | null, changes: Partial<PlanNode> = {}): PlanNode => ({
  ...BARE_NODE,
  id,
  parent,
  ...changes,
});

/** One phase, 250 V: 4 A are 1 kW. There for all four hours, at most 16 A, needs 4 kWh. */
export const session = (id: string, changes: Partial<PlanSession> = {}): PlanSession => ({
  id,
  connector: `${id}/1`,
  node: 'root',
  perA: [1, 0, 0],
  wattsPerA: VOLTS,
  efficiency: 1,
  arrives: 0,
  departs: 4,
  energyWh: 4000,
  minA: 6,
  maxA: 16,
  priority: 0,
  weight: 1,
  v2x: null,
  ...changes,
});

/** Trees of up to three nodes, up to six cars, every kind of limit, price and source. */
export const problems: fc.Arbitrary<PlanProblem> = fc
  .integer({ min: 2, max: 8 })
  .chain((periods) =>
    fc.record({
      periods: fc.constant(periods),
      nodes: nodesArbitrary(periods),
      envelopes: fc.array(
        fc.record({
          node: fc.constantFrom('root', 'a', 'b'),
          limitA: fc.constant(null),
          limitW: byPeriod(periods, fc.option(whole(0, 12_000), { nil: null })),
          exportW: fc.option(whole(0, 4000), { nil: null }),
        }),
        { maxLength: 1 },
      ),
      sessions: fc
        .array(sessionArbitrary(periods), { maxLength: 6 })
        .map((all) => all.map((each, i) => ({ ...each, id: `s${i}`, connector: `s${i}/1` }))),
      expected: fc.array(
        fc.record({
          id: fc.constant('later'),
          node: fc.constantFrom('root', 'a', 'b'),
          perA: fc.constant([1, 1, 1] as const),
          wattsPerA: fc.constant(3 * VOLTS),
          arrives: fc.constant(periods / 2),
          departs: fc.constant(periods),
          energyWh: whole(0, 9000),
          maxA: whole(0, 40),
        }),
        { maxLength: 1 },
      ),
      prices: fc.record({
        importPerKwh: byPeriod(periods, tenths(-2, 10)),
        exportPerKwh: byPeriod(periods, tenths(-2, 10)),
        co2KgPerKwh: byPeriod(periods, tenths(0, 10)),
      }),
      demand: fc.option(
        fc.record({
          perKw: tenths(0, 50),
          peakSoFarW: whole(0, 5000),
          intervalPeriods: whole(1, 3),
          flowedW: fc.option(whole(-3000, 6000), { nil: null }),
        }),
        { nil: null },
      ),
      battery: fc.option(batteryArbitrary, { nil: null }),
      pv: fc.option(
        fc.record({ node: fc.constantFrom('root', 'a'), forecastW: byPeriod(periods, whole(0, 8000)) }),
        { nil: null },
      ),
      weights: fc.record({
        co2PerKg: fc.constantFrom(0, 0.1),
        unservedPerKwh: fc.constant(null),
        expected: fc.constantFrom(0, 0.1, 1),
      }),
    }),
  )
  .map((parts) =>
    problem(isUneven(parts.nodes) ? { ...parts, sessions: parts.sessions.map(onlyDrawing) } : parts),
  );

/** Beside a limit on unbalance nothing feeds back: see `PlanV2x`. */
const isUneven = (nodes: readonly PlanNode[]): boolean => nodes.some(({ cuts }) => cuts.length > 0);
const onlyDrawing = (of: PlanSession): PlanSession => ({ ...of, v2x: null });

const whole = (min: number, max: number) => fc.integer({ min, max });
const tenths = (min: number, max: number) => whole(min * 10, max * 10).map((n) => n / 10);
const byPeriod = <T>(periods: number, of: fc.Arbitrary<T>): fc.Arbitrary<readonly T[]> =>
  fc.array(of, { minLength: periods, maxLength: periods });

function nodesArbitrary(periods: number): fc.Arbitrary<readonly PlanNode[]> {
  const limit = byPeriod(periods, fc.option(whole(0, 40), { nil: null }));
  const bare = fc.record({
    limitA: fc.option(fc.tuple(limit, limit, limit), { nil: null }),
    limitW: fc.option(whole(0, 20_000), { nil: null }),
    unmanagedA: fc.tuple(tenths(0, 8), tenths(0, 8), byPeriod(periods, tenths(0, 8))),
    exportA: fc.option(fc.tuple(limit, limit, limit), { nil: null }),
    exportW: fc.option(whole(0, 6000), { nil: null }),
    cuts: fc.option(whole(0, 20), { nil: null }).map(unbalanceCuts),
  });
  return fc
    .tuple(bare, bare, bare, fc.constantFrom('root', 'a'))
    .map(([root, a, b, above]) => [node('root', null, root), node('a', 'root', a), node('b', above, b)]);
}

const sessionArbitrary = (periods: number): fc.Arbitrary<PlanSession> =>
  fc
    .record({
      node: fc.constantFrom('root', 'a', 'b'),
      phases: fc.constantFrom([1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [1, 1, 1]),
      arrives: tenths(-1, periods),
      stay: tenths(0, periods),
      energyWh: whole(0, 15_000),
      efficiency: fc.constantFrom(1, 0.9),
      maxA: fc.oneof(whole(0, 32), byPeriod(periods, whole(0, 32))),
      priority: whole(0, 2),
      weight: fc.constantFrom(0.5, 1, 2),
      v2x: fc.option(
        fc.record({
          dischargeA: whole(0, 16),
          efficiency: fc.constantFrom(1, 0.9),
          storedWh: whole(0, 20_000),
          minWh: whole(0, 10_000),
          capacityWh: whole(5000, 40_000),
          wearPerKwh: tenths(0, 1),
        }),
        { nil: null },
      ),
    })
    .map(({ phases: [a = 0, b = 0, c = 0], stay, ...rest }) =>
      session('s', {
        ...rest,
        perA: [a, b, c],
        wattsPerA: VOLTS * (a + b + c),
        departs: rest.arrives + stay,
      }),
    );

const batteryArbitrary = fc.record({
  node: fc.constantFrom('root', 'a'),
  capacityWh: whole(1000, 20_000),
  reserveWh: whole(0, 1000),
  chargeW: whole(0, 8000),
  dischargeW: whole(0, 8000),
  efficiency: fc.constantFrom(1, 0.9),
  startWh: whole(0, 8000),
  finalWh: whole(0, 8000),
  wearPerKwh: tenths(0, 1),
});
