// What "6 A or nothing" costs of a plan: the programme says any current, and whoever follows it makes it whole.
// Small made-up afternoons, as the engine goes through them with a plan, beside the best schedule that keeps minima.

import { parseArgs } from 'node:util';
import { type RecordedSession, type Recording, type Rules, simulateSessions } from '@ampledger/cli';
import {
  DEFAULT_CONNECTOR,
  DEFAULT_CONTROL,
  DEFAULT_NODE,
  DEFAULT_SITE,
  NO_HABITS,
  type SiteConfig,
} from '@ampledger/domain';
import {
  connectorKey,
  nodeId,
  type PerPhase,
  type Phase,
  sessionId,
  siteId,
  stationId,
} from '@ampledger/kernel';
import { loadSolver } from '@ampledger/optimizer';
import type { VariableType } from 'highs';
import { countOf } from './arguments.js';
import { generator } from './solve-trees.js';

const HELP = `Usage: npm run bench -- minima [--days N]

Small sites of 4 to 8 cars that are all there from the beginning, with needs and departures that are known: nothing
is missed for want of foresight. Energy delivered in percent of the needs, mean over the days: by the engine with a
plan, without one, and with a plan where there are no minima; the most that a schedule in quarter-hours can
deliver with minima (a mixed-integer programme) and without; and of the day on which the engine misses most,
by how much. Kinds of days: \`short\` has less room than is wanted, \`dear\` a high price in the first half, \`peak\` a
demand charge.

  --days N   days of each kind (default 20)
`;

const PERIOD_S = 900;
const PERIODS = 32;
const VOLTS = 230;
const MIN_A = 6;
const MAX_A = 16;
const FROM = Date.UTC(2026, 0, 5, 8);
const SITE = siteId('minima');

interface Car {
  readonly phases: readonly Phase[];
  /** In periods. */
  readonly departs: number;
  readonly needWh: number;
}

interface Day {
  readonly cars: readonly Car[];
  readonly limitA: number;
  readonly kind: Kind;
}
const KINDS = ['short', 'dear', 'peak'] as const;
type Kind = (typeof KINDS)[number];
type Solver = Awaited<ReturnType<typeof loadSolver>>;

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { days: { type: 'string', default: '20' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const days = countOf(values.days, { option: 'days' });
  const solver = await loadSolver();
  print(['kind', 'plan', 'no plan', 'no minima', 'best', 'best without', 'missed', 'worst']);
  for (const kind of KINDS) print(await rowOf(kind, days, solver));
}

async function rowOf(kind: Kind, days: number, solver: Solver): Promise<readonly string[]> {
  const rows = Array.from({ length: days }, (_, i) => {
    const day = dayOf(kind, generator(7_000 + i));
    const needWh = day.cars.reduce((sum, car) => sum + car.needWh, 0);
    return [
      delivered(day, MIN_A, solver),
      delivered(day, MIN_A, null),
      delivered(day, 0, solver),
      most(day, solver, true),
      most(day, solver, false),
    ].map((wh) => (100 * wh) / needWh);
  });
  const mean = (k: number): number => rows.reduce((sum, row) => sum + (row[k] ?? 0), 0) / days;
  const missed = rows.map((row) => (row[3] ?? 0) - (row[0] ?? 0));
  const means = [0, 1, 2, 3, 4].map((k) => mean(k).toFixed(2));
  return [kind, ...means, (mean(3) - mean(0)).toFixed(2), Math.max(...missed).toFixed(2)];
}

const print = (columns: readonly string[]): void => {
  process.stdout.write(`${columns.map((text) => text.padStart(13)).join('')}\n`);
};

function dayOf(kind: Kind, random: () => number): Day {
  const count = 4 + Math.floor(random() * 5);
  const cars = Array.from({ length: count }, (): Car => {
    const first = Math.floor(random() * 3) as Phase;
    const phases: readonly Phase[] = random() < 0.5 ? [0, 1, 2] : [first];
    const departs = 8 + Math.floor(random() * (PERIODS - 8));
    const hours = (departs * PERIOD_S) / 3600;
    return { phases, departs, needWh: (0.15 + 0.5 * random()) * phases.length * VOLTS * MAX_A * hours };
  });
  const byPhase = [0, 1, 2].map((p) => {
    const on = cars.filter(({ phases }) => phases.includes(p as Phase));
    return on.reduce((sum, { needWh, phases, departs }) => {
      return sum + needWh / phases.length / VOLTS / ((departs * PERIOD_S) / 3600);
    }, 0);
  });
  const share = { short: 0.7, dear: 1.3, peak: 2 }[kind];
  return { cars, kind, limitA: Math.max(MIN_A + 1, Math.round(share * Math.max(...byPhase))) };
}

function siteOf({ cars, limitA, kind }: Day, minA: number): SiteConfig {
  const all: PerPhase = [limitA, limitA, limitA];
  const tariff = [{ days: [1], fromMinute: 0, toMinute: 12 * 60, importPerKwh: 0.4 }];
  return {
    ...DEFAULT_SITE,
    ...{ id: SITE, timeZone: 'UTC', voltageV: VOLTS, control: { ...DEFAULT_CONTROL, unseen: 'absent' } },
    nodes: [
      {
        ...DEFAULT_NODE,
        ...{ id: nodeId('grid'), parent: null, limitA: all, limitW: null, reserveA: 0 },
        unmanaged: { kind: 'none' },
      },
    ],
    stations: cars.map(({ phases }, i) => ({
      ...{ id: stationId(`CP${i}`), node: nodeId('grid'), passwordHash: null },
      connectors: [
        {
          ...DEFAULT_CONNECTOR,
          ...{ evseId: 1, phases, wiredPhases: phases.length === 3 ? 3 : 1, minA, maxA: MAX_A },
          ...{ priority: 0, weight: 1, fallbackA: 0, idleA: 0 },
        },
      ],
    })),
    plan: {
      ...{ periodS: PERIOD_S, horizonS: PERIODS * PERIOD_S, deadlineMs: 1_000, currency: '' },
      ...{ importPerKwh: 0.1, exportPerKwh: 0, tariff: kind === 'dear' ? tariff : [], co2PerKg: 0 },
      ...{ demandPerKw: kind === 'peak' ? 50 : 0, battery: null, pv: null, randomDelayS: 0 },
    },
  };
}

/** Watt-hours that the cars have when they leave. */
function delivered(day: Day, minA: number, solver: Solver | null): number {
  const config = siteOf(day, minA);
  const to = FROM + PERIODS * PERIOD_S * 1000;
  const sessions = day.cars.map(({ departs, needWh }, i): RecordedSession => {
    const leaveAt = FROM + departs * PERIOD_S * 1000;
    const said = { totalWh: needWh, departAt: leaveAt, minA: null, maxA: null, source: 'driver' } as const;
    const station = stationId(`CP${i}`);
    return {
      ...{ session: sessionId(station, 't'), transaction: 't', idToken: null, ownPhases: null },
      ...{ connector: connectorKey(station, 1), arriveAt: FROM, leaveAt, carMaxA: MAX_A },
      ...{ takenWh: needWh, wantWh: needWh, wantKnown: 'full', needs: [{ at: FROM, ...said }] },
    };
  });
  const recording: Recording = {
    ...{ site: SITE, from: FROM, to, changes: [], sessions, habits: NO_HABITS, releases: [] },
    rules: [{ from: FROM, config }],
    stations: config.stations.map(({ id }) => ({ station: id, capabilities: null })),
  };
  const rules: Rules = [{ from: FROM, config }];
  return simulateSessions(recording, rules, {
    ...{ stepMs: 60_000, envelopes: [], keepsCharging: false, solver },
  }).servedWh;
}

/** Semi-continuous, in HiGHS' own numbering: 0, or between its bounds. */
const SEMI_CONTINUOUS: VariableType = 2;
const CONTINUOUS: VariableType = 0;

/** The most watt-hours that any schedule in whole periods delivers. Columns: a current by car and period of its stay. */
function most({ cars, limitA }: Day, solver: Solver, keepsMinima: boolean): number {
  const columns = cars.flatMap(({ departs }, car) => Array.from({ length: departs }, (_, t) => ({ car, t })));
  const rows = 3 * PERIODS + cars.length;
  const starts = [0];
  const [indices, values, cost]: [number[], number[], number[]] = [[], [], []];
  for (const { car, t } of columns) {
    const { phases = [] } = cars[car] ?? {};
    const whPerA = (phases.length * VOLTS * PERIOD_S) / 3600;
    for (const phase of phases.toSorted()) {
      indices.push(3 * t + phase);
      values.push(1);
    }
    indices.push(3 * PERIODS + car);
    values.push(whPerA / 1000);
    cost.push(-whPerA / 1000);
    starts.push(indices.length);
  }
  const upper = [
    ...Array.from({ length: 3 * PERIODS }, () => limitA),
    ...cars.map(({ needWh }) => needWh / 1000),
  ];
  const data = {
    ...{ numCols: columns.length, numRows: rows, colCost: cost },
    colLower: columns.map(() => (keepsMinima ? MIN_A : 0)),
    colUpper: columns.map(() => MAX_A),
    ...{ rowLower: upper.map(() => Number.NEGATIVE_INFINITY), rowUpper: upper },
    integrality: columns.map(() => (keepsMinima ? SEMI_CONTINUOUS : CONTINUOUS)),
    matrix: {
      ...{ format: 'csc' as const, numRows: rows, numCols: columns.length },
      ...{ starts, indices, values },
    },
  };
  return solver.withModel(data, (model) => {
    model.options.set({ output_flag: false, mip_rel_gap: 1e-3, time_limit: 20 });
    model.run();
    return -1000 * model.getObjectiveValue();
  });
}
