// Days to plan, made up from a seed: cars that come over a day and stay for two to twelve hours, three fifths of
// them on three phases, prices that rise and fall, one limit for all or ten feeders under it, and so
// much capacity that all needs, some, or only most of them can be met.

import type { PlanNode, PlanProblem, PlanSession } from '../../optimizer/src/plan/index.js';
import { generator } from './solve-trees.js';

export interface DayShape {
  readonly sessions: number;
  readonly periods: number;
  /** 0: one limit for all. */
  readonly feeders: number;
  /** Capacity as a share of what the needs would take if they were spread evenly over the day. */
  readonly capacity: number;
  /** With a demand charge, photovoltaics, a battery and cars that feed back. */
  readonly rich: boolean;
}

const VOLTS = 230;
/** Any Monday, on the quarter-hour. */
const MONDAY = Date.UTC(2026, 0, 5);
const PERIOD_S = 900;

export function day(shape: DayShape, seed: number): PlanProblem {
  const random = generator(seed);
  const sessions = Array.from({ length: shape.sessions }, (_, i) => session(shape, i, random));
  const nodes = nodesFor(shape, sessions);
  return {
    site: `bench-${seed}`,
    from: MONDAY,
    periodS: PERIOD_S,
    periods: shape.periods,
    voltageV: VOLTS,
    nodes,
    envelopes: [],
    sessions,
    expected: [],
    prices: {
      importPerKwh: Array.from(
        { length: shape.periods },
        (_, t) => 0.2 + 0.1 * Math.sin(t / 8) + (t > 64 && t < 80 ? 0.15 : 0),
      ),
      exportPerKwh: 0.08,
      co2KgPerKwh: 0,
    },
    ...(shape.rich ? richParts(shape) : { demand: null, battery: null, pv: null }),
    weights: { co2PerKg: 0, unservedPerKwh: null, expected: 0.1 },
  };
}

/** A session that arrives within the first three quarters of the day; `i` names it. */
export function session(shape: DayShape, i: number, random: () => number): PlanSession {
  const arrives = Math.floor(random() * shape.periods * 0.75);
  const departs = Math.min(shape.periods, arrives + 8 + Math.floor(random() * 40));
  const isThree = random() < 0.6;
  const phase = Math.floor(random() * 3);
  const wattsPerA = VOLTS * (isThree ? 3 : 1);
  const maxA = isThree ? 16 : 32;
  const reachableWh = ((departs - arrives) * maxA * wattsPerA * PERIOD_S) / 3600;
  const feeder = Math.floor(random() * shape.feeders);
  const energyWh = Math.min(0.9 * reachableWh, 5000 + random() * 35_000);
  return {
    id: `session-${i}`,
    connector: `station-${i}/1`,
    node: shape.feeders === 0 ? 'site' : `feeder-${feeder}`,
    perA: isThree ? [1, 1, 1] : [phase === 0 ? 1 : 0, phase === 1 ? 1 : 0, phase === 2 ? 1 : 0],
    wattsPerA,
    efficiency: 1,
    arrives,
    departs,
    energyWh,
    minA: 6,
    maxA,
    priority: 0,
    weight: 1,
    v2x:
      shape.rich && i % 20 === 0
        ? {
            dischargeA: 16,
            efficiency: 0.9,
            storedWh: 20_000,
            minWh: 10_000,
            capacityWh: 70_000,
            wearPerKwh: 0.02,
          }
        : null,
  };
}

function nodesFor(
  { feeders, capacity, periods }: DayShape,
  sessions: readonly PlanSession[],
): readonly PlanNode[] {
  const energyWh = sessions.reduce((sum, s) => sum + s.energyWh, 0);
  const evenlyA = energyWh / ((VOLTS * 3 * PERIOD_S) / 3600) / (periods * 0.9);
  const node = (id: string, parent: string | null, limitA: number): PlanNode => ({
    id,
    parent,
    limitA: [limitA, limitA, limitA],
    limitW: null,
    unmanagedA: [0, 0, 0],
    exportA: null,
    exportW: null,
    cuts: [],
  });
  const below = Array.from({ length: feeders }, (_, i) =>
    node(`feeder-${i}`, 'site', (evenlyA / feeders) * capacity * 1.2),
  );
  return [node('site', null, evenlyA * capacity), ...below];
}

function richParts({ sessions, periods }: DayShape): Pick<PlanProblem, 'demand' | 'battery' | 'pv'> {
  const kw = sessions * 0.5;
  return {
    demand: { perKw: 5, peakSoFarW: kw * 500, intervalPeriods: 1, flowedW: null },
    battery: {
      node: 'site',
      capacityWh: kw * 2000,
      reserveWh: kw * 200,
      chargeW: kw * 500,
      dischargeW: kw * 500,
      efficiency: 0.88,
      startWh: kw * 1000,
      finalWh: kw * 1000,
      wearPerKwh: 0.01,
    },
    pv: {
      node: 'site',
      forecastW: Array.from({ length: periods }, (_, t) =>
        Math.max(0, kw * 1000 * Math.sin((Math.PI * (t - 28)) / 44)),
      ),
    },
  };
}
