// The charging of real sessions at real sites under capacities that do not suffice: how much of the energy,
// how many of the demands and how evenly, by who decides.

import { parseArgs } from 'node:util';
import {
  type Bounds,
  CALTECH_CAPS,
  type CapsKw,
  JPL_CAPS,
  keyOf,
  readBounds,
  WEEK_CAPS,
  writeBounds,
} from './bounds.js';
import { caltechMarch, type Dataset, jplWeek, weeks } from './datasets.js';
import type { Stations } from './network.js';
import { CONTENDERS, type Contender } from './schedulers.js';
import { type Outcome, simulate } from './simulate.js';

const HELP = `Usage: npm run bench -- acn [--weeks] [--real] [--declared] [--only NAMES] [--bounds]

Simulates real charging sessions (Caltech, March 2019; JPL, a week of May 2019) with transformers of less and
less capacity, and prints for each scheduler the energy delivered, the demands met, Jain's index of delivered
over requested, and the time of a decision; and what could be delivered with foresight (the bound). Over weeks
these are means; what is worst of them stands for the share of the bound, for overloads and for times.

  --weeks       every week from May to December 2019 instead, at one capacity for each site
  --real        stations with their own minima and steps; schedulers that know none are left out
  --declared    with --weeks: schedulers are told what the drivers typed in, not when they will leave
  --only NAMES  of ${Object.keys(CONTENDERS).join(', ')}, separated by commas (default all; MPC takes a minute or more)
  --bounds      solves the offline bounds again and writes them beside the data (minutes)
`;

interface Comparison {
  readonly datasets: readonly Dataset[];
  readonly caps: CapsKw;
  readonly contenders: readonly (readonly [name: string, Contender])[];
  readonly stations: Stations;
}

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      weeks: { type: 'boolean', default: false },
      real: { type: 'boolean', default: false },
      declared: { type: 'boolean', default: false },
      only: { type: 'string', default: Object.keys(CONTENDERS).join() },
      bounds: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  if (values.bounds) return writeBounds((line) => process.stdout.write(`${line}\n`));
  const stations = values.real ? 'real' : 'ideal';
  const contenders = chosen(values.only.split(','), stations);
  const bounds = readBounds();
  for (const { datasets, caps } of values.weeks ? byWeek(values.declared) : published()) {
    await compare({ datasets, caps, contenders, stations }, bounds);
  }
}

function chosen(names: readonly string[], stations: Stations): Comparison['contenders'] {
  return names.flatMap((name) => {
    const contender = Object.hasOwn(CONTENDERS, name) ? CONTENDERS[name] : undefined;
    if (!contender) throw new Error(`No scheduler is called ${name}: ${Object.keys(CONTENDERS).join(', ')}`);
    return stations === 'real' && !contender.steps ? [] : [[name, contender] as const];
  });
}

type Cases = readonly Pick<Comparison, 'datasets' | 'caps'>[];

function published(): Cases {
  const [march, week] = [caltechMarch(), jplWeek()];
  return [
    ...CALTECH_CAPS.map((caps) => ({ datasets: [march], caps })),
    ...JPL_CAPS.map((caps) => ({ datasets: [week], caps })),
  ];
}

function byWeek(declared: boolean): Cases {
  const departures = declared ? 'declared' : 'known';
  return (['caltech', 'jpl'] as const).map((site) => ({
    datasets: weeks(site, departures),
    caps: WEEK_CAPS[site],
  }));
}

interface Line {
  readonly energyPct: number;
  readonly demandsMetPct: number;
  readonly jain: number;
  readonly ofBoundPct: number;
  readonly worstOverA: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

async function compare({ datasets, caps, contenders, stations }: Comparison, bounds: Bounds): Promise<void> {
  const names =
    datasets.length === 1 ? datasets[0]?.name : `${datasets[0]?.name} and ${datasets.length - 1} more weeks`;
  process.stdout.write(`\n${names}, ${caps.join('/')} kW, ${stations} stations\n`);
  process.stdout.write(`${HEADINGS.map((heading) => heading.padStart(WIDTH)).join('')}\n`);
  for (const [name, contender] of contenders) {
    const outcomes: Outcome[] = [];
    for (const { sessions, topology } of datasets) {
      const scheduler = await contender.create();
      outcomes.push(simulate({ sessions, topology, capKw: caps, scheduler, stations }));
      scheduler.close?.();
    }
    const boundsPct = datasets.map((dataset) => bounds.energyPct[keyOf(dataset, caps)] ?? Number.NaN);
    process.stdout.write(`${shown(name, lineOf(datasets, outcomes, boundsPct))}\n`);
  }
  const bound = mean(datasets.map((dataset) => bounds.energyPct[keyOf(dataset, caps)] ?? Number.NaN));
  process.stdout.write(`${'bound'.padStart(WIDTH)}${bound.toFixed(2).padStart(WIDTH)}\n`);
}

const WIDTH = 11;
const HEADINGS = ['', 'energy %', 'met %', 'Jain', 'of bound %', 'over A', 'p50 ms', 'p99 ms'];

/** Means over the datasets; of the bound, of what is over and of times, the worst. */
function lineOf(
  datasets: readonly Dataset[],
  outcomes: readonly Outcome[],
  boundsPct: readonly number[],
): Line {
  if (datasets.length !== outcomes.length) throw new Error('not one outcome for each dataset');
  return {
    energyPct: mean(outcomes.map((o) => o.energyPct)),
    demandsMetPct: mean(outcomes.map((o) => o.demandsMetPct)),
    jain: mean(outcomes.map((o) => o.jain)),
    ofBoundPct: Math.min(...outcomes.map((o, i) => (100 * o.energyPct) / (boundsPct[i] ?? Number.NaN))),
    worstOverA: Math.max(...outcomes.map((o) => o.worstOverA)),
    p50Ms: Math.max(...outcomes.map((o) => o.solveMs.p50)),
    p99Ms: Math.max(...outcomes.map((o) => o.solveMs.p99)),
  };
}

const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;

function shown(name: string, line: Line): string {
  const cells = [
    name,
    line.energyPct.toFixed(2),
    line.demandsMetPct.toFixed(1),
    line.jain.toFixed(3),
    line.ofBoundPct.toFixed(2),
    line.worstOverA < 5e-8 ? '0' : line.worstOverA.toExponential(0),
    line.p50Ms.toFixed(3),
    line.p99Ms.toFixed(2),
  ];
  return cells.map((cell) => cell.padStart(WIDTH)).join('');
}
