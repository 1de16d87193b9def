// Who gets the minimum when not everybody can: how near admission comes to the best set of an independent
// solver, beside the two greedy orders, and how long it takes.

import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import type { AdmissionInput } from '../../optimizer/src/admission/index.js';
import type { SiteShape } from '../../optimizer/src/admission/test-sites.js';
import { countOf } from './arguments.js';
import { generator, SHAPES, site } from './solve-trees.js';

const HELP = `Usage: npm run bench -- admission [--sites N] [--repeats N]

Random sites with cars on one, two and three phases, rotated at random, on which about half of the cars can have
their minimum. For each order the value that it admits, as a part of the best set (HiGHS, to 1e-4):
mean and worst; then the time of the best set and of admission, p50 and p99, in milliseconds. After that the
time on large sites, where everybody fits and where not.

  --sites N    sites of each kind (default 20)
  --repeats N  how often each admission is timed (default 30)
`;

type Modules = typeof import('../../optimizer/src/admission/index.js') &
  typeof import('../../optimizer/src/admission/test-sites.js') & {
    readonly buildNetwork: typeof import('../../optimizer/src/solver/index.js').buildNetwork;
  };

/** Admission is no part of the package's index; its types are, at run time it is found beside it. */
async function load(): Promise<Modules> {
  const index = import.meta.resolve('@ampledger/optimizer');
  const parts = ['./admission/index.js', './admission/test-sites.js', './solver/index.js'];
  const loaded = await Promise.all(parts.map((part) => import(new URL(part, index).href)));
  return Object.assign({}, ...loaded) as Modules;
}

const KINDS: readonly Omit<SiteShape, 'cars'>[] = [
  { values: 'equal', minima: 'equal' },
  { values: 'equal', minima: 'mixed' },
  { values: 'mixed', minima: 'equal' },
  { values: 'mixed', minima: 'mixed' },
];

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      sites: { type: 'string', default: '20' },
      repeats: { type: 'string', default: '30' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const options = {
    sites: countOf(values.sites, { option: 'sites' }),
    repeats: countOf(values.repeats, { option: 'repeats' }),
  };
  const modules = await load();
  await quality(modules, options);
  largeSites(modules, options.repeats);
}

interface Options {
  readonly sites: number;
  readonly repeats: number;
}

async function quality(modules: Modules, { sites, repeats }: Options): Promise<void> {
  const highs = await modules.loadSolver();
  print(['cars', 'values', 'minima', 'by time', 'worst', 'by density', 'worst', 'ours', 'worst', ...TIMES]);
  for (const cars of [60, 200]) {
    for (const kind of KINDS) {
      const parts: Record<'time' | 'density' | 'ours', number[]> = { time: [], density: [], ours: [] };
      const times: number[] = [];
      let bestMs = 0;
      for (let i = 0; i < sites; i++) {
        const input = modules.waitingSite(generator(1000 * cars + i), { ...kind, cars });
        const start = performance.now();
        const best = modules.bestValue(highs, input);
        bestMs += performance.now() - start;
        const orders = modules.greedyOrders(input);
        parts.time.push(modules.greedyValue(input, orders.byTime) / best);
        parts.density.push(modules.greedyValue(input, orders.byDensity) / best);
        parts.ours.push(admitted(modules, input, { repeats, times }) / best);
      }
      const columns = [parts.time, parts.density, parts.ours].flatMap((of) => [mean(of), Math.min(...of)]);
      print([
        String(cars),
        kind.values,
        kind.minima,
        ...columns.map((part) => part.toFixed(4)),
        (bestMs / sites).toFixed(1),
        ...[0.5, 0.99].map((q) => quantile(times, q).toFixed(3)),
      ]);
    }
  }
}

const TIMES = ['best ms', 'ours p50', 'p99'];

/** The value that is admitted; how long each repeat took goes into `times`. */
function admitted(
  { admit, createAdmissionScratch }: Modules,
  input: AdmissionInput,
  { repeats, times }: { readonly repeats: number; readonly times: number[] },
): number {
  const scratch = createAdmissionScratch(input.network);
  for (let k = 0; k < repeats; k++) {
    const start = performance.now();
    admit(input, scratch);
    // The first ones are for the compiler.
    if (k >= repeats / 5) times.push(performance.now() - start);
  }
  return scratch.admitted.reduce((sum, on, leaf) => sum + on * (input.value[leaf] ?? 0), 0);
}

/** The sites of `solve`, with limits for all minima, and then with limits for part of them. */
function largeSites(modules: Modules, repeats: number): void {
  print(['connectors / nodes', '', '', 'all fit p50', 'p99', 'waiting', 'p50', 'p99']);
  for (const shape of SHAPES) {
    const arrays = site({ ...shape, phases: 3 }, 1);
    const fits = timesOf(modules, inputOf(modules, arrays, 1), repeats);
    const short = timesOf(modules, inputOf(modules, arrays, 0.2), repeats);
    print([
      shape.name,
      '',
      '',
      ...[0.5, 0.99].map((q) => quantile(fits.times, q).toFixed(3)),
      String(short.waiting),
      ...[0.5, 0.99].map((q) => quantile(short.times, q).toFixed(3)),
    ]);
  }
}

/** Everybody asks for 6 A where the site's cars have a minimum or none. */
function inputOf(
  { buildNetwork, TIER }: Modules,
  arrays: ReturnType<typeof site>,
  part: number,
): AdmissionInput {
  const limit = Float64Array.from(arrays.limit, (most) => part * most);
  const network = buildNetwork({ ...arrays, limit });
  const all = (value: number): Float64Array => new Float64Array(network.leaves).fill(value);
  const since = generator(5);
  return {
    network,
    needA: network.minA,
    floorA: all(0),
    tier: all(TIER.open),
    value: all(1).map((_, leaf) => 0.5 + ((leaf * 7919) % 100) / 100),
    since: all(0).map(() => Math.floor(1000 * since())),
    wakes: all(1),
  };
}

function timesOf(
  { admit, createAdmissionScratch }: Modules,
  input: AdmissionInput,
  repeats: number,
): { readonly times: readonly number[]; readonly waiting: number } {
  const scratch = createAdmissionScratch(input.network);
  const times: number[] = [];
  let waiting = 0;
  for (let k = 0; k < repeats; k++) {
    const start = performance.now();
    waiting = admit(input, scratch);
    if (k >= repeats / 5) times.push(performance.now() - start);
  }
  return { times, waiting };
}

const mean = (of: readonly number[]): number => of.reduce((a, b) => a + b, 0) / of.length;

const quantile = (of: readonly number[], q: number): number =>
  of.toSorted((a, b) => a - b)[Math.floor(q * (of.length - 1))] ?? Number.NaN;

function print(cells: readonly string[]): void {
  const line = cells.map((cell, i) => (i === 0 ? cell.padEnd(18) : cell.padStart(i < 3 ? 6 : 10)));
  process.stdout.write(`${line.join('  ')}\n`);
}
