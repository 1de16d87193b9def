// The look-ahead on made-up days: a plan from nothing, and again after something changed, in the planner's thread.
// Every plan that is timed is checked against the problem, link by link, and its objective reckoned anew.

import { parseArgs } from 'node:util';
import type { Planner, PlanProblem } from '../../optimizer/src/plan/index.js';
import { countOf } from './arguments.js';
import { type DayShape, day, session } from './plan-problems.js';
import { generator } from './solve-trees.js';

const HELP = `Usage: npm run bench -- plan [--days N] [--changes N]

Prints milliseconds for sessions x periods: a plan from nothing (cold), and again (warm) after one session arrived,
one node's limit was lowered for five hours, one car needs half as much, one period has passed. Median and
worst in the solver's thread; then "cpu", the median of all warm ones in the processor's time of the whole process,
which includes building the programme and reading the plan and not what else runs on the machine. Ratios
are to the prototype's figures (its solver alone, on another machine, one kind of change); below 1 is faster.
The last rows have a demand charge, photovoltaics, a battery and cars that feed back; the prototype had none.

  --days N      made-up days for each row (default 3)
  --changes N   changes of each kind on each day (default 5)
`;

type PlanModule = typeof import('../../optimizer/src/plan/index.js');

interface Row {
  readonly name: string;
  readonly shape: DayShape;
  /** Milliseconds of the prototype, cold and warm. */
  readonly prototype: readonly [number, number] | null;
}

const base = { periods: 96, feeders: 0, capacity: 1.3, rich: false };
const tight = { periods: 96, feeders: 10, capacity: 0.8, rich: false };
const ROWS: readonly Row[] = [
  { name: '50 x 96', shape: { ...base, sessions: 50 }, prototype: [202, 20] },
  { name: '200 x 96', shape: { ...base, sessions: 200 }, prototype: [100, 33] },
  { name: '1000 x 96', shape: { ...base, sessions: 1000 }, prototype: [698, 38] },
  { name: '200 x 96, tight, 10 feeders', shape: { ...tight, sessions: 200 }, prototype: [1800, 56] },
  { name: '1000 x 96, tight, 10 feeders', shape: { ...tight, sessions: 1000 }, prototype: [21_000, 610] },
  { name: '200 x 96, with all', shape: { ...base, sessions: 200, rich: true }, prototype: null },
  { name: '200 x 96, tight, with all', shape: { ...tight, sessions: 200, rich: true }, prototype: null },
  { name: '1000 x 96, with all', shape: { ...base, sessions: 1000, rich: true }, prototype: null },
];

type Change = (problem: PlanProblem, shape: DayShape, i: number, random: () => number) => PlanProblem;

const CHANGES: Readonly<Record<string, Change>> = {
  arrives: (problem, shape, i, random) => ({
    ...problem,
    sessions: [...problem.sessions, session(shape, 100_000 + i, random)],
  }),
  limit: (problem, _, __, random) => {
    const { nodes, periods } = problem;
    const node = nodes[Math.floor(random() * nodes.length)];
    const from = Math.floor(random() * (periods - 20));
    const limit = node?.limitA?.[0];
    const lowered = Array.from({ length: periods }, (_, t) =>
      typeof limit === 'number' && t >= from && t < from + 20 ? limit * (0.7 + 0.25 * random()) : null,
    );
    const envelope = {
      node: node?.id ?? '',
      limitA: [lowered, lowered, lowered],
      limitW: null,
      exportW: null,
    } as const;
    return { ...problem, envelopes: [envelope] };
  },
  need: (problem, _, __, random) => {
    const at = Math.floor(random() * problem.sessions.length);
    return {
      ...problem,
      sessions: problem.sessions.map((s, k) => (k === at ? { ...s, energyWh: s.energyWh / 2 } : s)),
    };
  },
  period: (problem) => passed(problem),
};

/** One period later: who has left is gone, who charges needs less by what an even share was. */
function passed(problem: PlanProblem): PlanProblem {
  const { periods, periodS, prices, pv } = problem;
  const later = <T>(values: T | readonly T[]): T | readonly T[] =>
    Array.isArray(values) ? [...values.slice(1), values[0] as T] : values;
  return {
    ...problem,
    from: problem.from + periodS * 1000,
    sessions: problem.sessions
      .map((s) => ({
        ...s,
        arrives: s.arrives - 1,
        departs: s.departs - 1,
        energyWh: s.arrives > 0 ? s.energyWh : s.energyWh * (1 - 1 / Math.max(1, s.departs)),
      }))
      .filter(({ departs }) => departs > 0),
    prices: { ...prices, importPerKwh: later(prices.importPerKwh) },
    pv: pv === null ? null : { ...pv, forecastW: later(pv.forecastW) },
    periods,
  };
}

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      days: { type: 'string', default: '3' },
      changes: { type: 'string', default: '5' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const days = countOf(values.days, { option: 'days' });
  const changes = countOf(values.changes, { option: 'changes' });
  const module = (await import(
    new URL('./plan/index.js', import.meta.resolve('@ampledger/optimizer')).href
  )) as PlanModule;
  print(['sessions x periods', ...COLUMNS]);
  for (const row of ROWS) {
    print([row.name, ...(await measure(module, row, days, changes))]);
  }
}

const COLUMNS = [
  'cold',
  'worst',
  'cpu',
  'of prototype',
  ...Object.keys(CHANGES).flatMap((kind) => [kind, 'worst']),
  'warm',
  'cpu',
  'of prototype',
];

/** One plan, in milliseconds: in the solver's thread, and of the processor's time. */
interface Took {
  readonly solveMs: number;
  readonly cpuMs: number;
}

async function measure(
  module: PlanModule,
  row: Row,
  days: number,
  changes: number,
): Promise<readonly string[]> {
  const cold: Took[] = [];
  const warm = new Map(Object.keys(CHANGES).map((kind): [string, Took[]] => [kind, []]));
  const planner = module.createPlanner({ deadlineMs: 600_000 });
  try {
    // The first of each process compiles the solver.
    await solve(module, planner, day({ ...row.shape, sessions: Math.min(200, row.shape.sessions) }, 100));
    for (let seed = 1; seed <= days; seed++) {
      const problem = day(row.shape, seed);
      cold.push(await solve(module, planner, problem));
      const random = generator(seed);
      for (const [kind, change] of Object.entries(CHANGES)) {
        for (let i = 0; i < changes; i++) {
          warm.get(kind)?.push(await solve(module, planner, change(problem, row.shape, i, random)));
          // Back to the day itself, so that every change is measured alone.
          await solve(module, planner, problem);
        }
      }
    }
  } finally {
    await planner.close();
  }
  const all = [...warm.values()].flat();
  return [
    ...show(cold),
    median(cold, 'cpuMs').toFixed(0),
    ratio(median(cold, 'solveMs'), row.prototype?.[0]),
    ...[...warm.values()].flatMap(show),
    median(all, 'solveMs').toFixed(0),
    median(all, 'cpuMs').toFixed(0),
    ratio(median(all, 'solveMs'), row.prototype?.[1]),
  ];
}

async function solve(module: PlanModule, planner: Planner, problem: PlanProblem): Promise<Took> {
  const cpu = process.cpuUsage();
  const outcome = await planner.solve(problem);
  const { user, system } = process.cpuUsage(cpu);
  if (outcome.kind !== 'planned') throw new Error(`no plan: ${JSON.stringify(outcome)}`);
  const check = module.checkPlan(problem, outcome.plan);
  if (!check.holds) throw new Error(`the plan does not hold: ${check.violations.join('; ')}`);
  return { solveMs: outcome.effort.solveMs, cpuMs: (user + system) / 1000 };
}

const median = (all: readonly Took[], of: keyof Took): number =>
  all.map((took) => took[of]).toSorted((a, b) => a - b)[Math.floor((all.length - 1) / 2)] ?? Number.NaN;
const show = (all: readonly Took[]): readonly string[] => [
  median(all, 'solveMs').toFixed(0),
  Math.max(...all.map(({ solveMs }) => solveMs)).toFixed(0),
];
const ratio = (ms: number, prototypeMs: number | undefined): string =>
  prototypeMs === undefined ? '-' : (ms / prototypeMs).toFixed(2);

function print(cells: readonly string[]): void {
  const line = cells.map((cell, i) =>
    i === 0 ? cell.padEnd(29) : cell.padStart(COLUMNS[i - 1]?.length ?? 0),
  );
  process.stdout.write(`${line.map((cell) => cell.padStart(6)).join(' ')}\n`);
}
