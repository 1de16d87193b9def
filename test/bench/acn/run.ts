// The charging of real sessions at real sites under capacities that do not suffice: how much of the energy,
// how many of the demands and how evenly, by who decides.

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { namesOf } from '../arguments.js';
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
import { simulate } from './simulate.js';
import { boundLine, headings, lineOf, type Result, resultOf } from './table.js';

const HELP = `Usage: npm run bench -- acn [--weeks] [--real] [--declared] [--only NAMES] [--json FILE] [--bounds]

Simulates real charging sessions (Caltech, March 2019; JPL, a week of May 2019) with transformers of less and
less capacity, and prints for each scheduler the energy delivered, the demands met, Jain's index of delivered
over requested, how far the energy is from what foresight could deliver (the regret, in percentage points; the
bound stands below), and the time of a decision. Over weeks these are means, with the distribution of the regret,
and the worst overload and times.

  --weeks       every week from May to December 2019 instead, at capacities that do not suffice
  --real        stations with their own minima and steps; schedulers that know none are left out
  --declared    with --weeks: schedulers are told what the drivers typed in, not when they will leave
  --only NAMES  of ${Object.keys(CONTENDERS).join(', ')}, separated by commas (default all; MPC takes a minute or more)
  --json FILE   writes all outcomes, also those of single weeks, for plots and tables
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
      json: { type: 'string' },
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
  const names = namesOf(values.only, { option: 'only', known: Object.keys(CONTENDERS) });
  const contenders = chosen(names, stations);
  const bounds = readBounds();
  const outcomes: Result[] = [];
  for (const { datasets, caps } of values.weeks ? byWeek(values.declared) : published()) {
    outcomes.push(...(await compare({ datasets, caps, contenders, stations }, bounds)));
  }
  if (values.json !== undefined) {
    const asked = { stations, departures: values.weeks && values.declared ? 'declared' : 'known' };
    // An outcome on each line, to six decimals: to be read and compared.
    const lines = outcomes.map((outcome) => JSON.stringify(outcome, rounded)).join(',\n');
    writeFileSync(values.json, `{${JSON.stringify(asked).slice(1, -1)},"outcomes":[\n${lines}\n]}\n`);
  }
}

const rounded = (_: string, value: unknown): unknown =>
  typeof value === 'number' ? Number(value.toFixed(6)) : value;

function chosen(names: readonly string[], stations: Stations): Comparison['contenders'] {
  return names.flatMap((name) => {
    const contender = Object.hasOwn(CONTENDERS, name) ? CONTENDERS[name] : undefined;
    return !contender || (stations === 'real' && !contender.steps) ? [] : [[name, contender] as const];
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
  return (['caltech', 'jpl'] as const).flatMap((site) => {
    const datasets = weeks(site, departures);
    return WEEK_CAPS[site].map((caps) => ({ datasets, caps }));
  });
}

async function compare(
  { datasets, caps, contenders, stations }: Comparison,
  bounds: Bounds,
): Promise<readonly Result[]> {
  const names =
    datasets.length === 1 ? datasets[0]?.name : `${datasets[0]?.name} and ${datasets.length - 1} more weeks`;
  process.stdout.write(`\n${names}, ${caps.join('/')} kW, ${stations} stations\n`);
  process.stdout.write(`${headings(datasets.length)}\n`);
  const boundsPct = datasets.map((dataset) => bounds.energyPct[keyOf(dataset, caps)] ?? Number.NaN);
  const all: Result[] = [];
  for (const [scheduler, contender] of contenders) {
    const results: Result[] = [];
    for (const [i, { name: dataset, sessions, topology }] of datasets.entries()) {
      const one = await contender.create();
      const outcome = simulate({ sessions, topology, capKw: caps, scheduler: one, stations });
      one.close?.();
      results.push(resultOf({ dataset, caps, scheduler, boundPct: boundsPct[i] ?? Number.NaN }, outcome));
    }
    process.stdout.write(`${lineOf(scheduler, results)}\n`);
    all.push(...results);
  }
  process.stdout.write(`${boundLine(boundsPct)}\n`);
  return all;
}
