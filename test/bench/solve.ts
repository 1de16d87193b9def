// The filling on generated sites: how long it takes, against a prototype in plain typed arrays and a naive
// filling; how long its certificate takes, and filling again after one change. Every answer that is
// timed is certified, and the naive one compared.

import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import type { Network, Scratch } from '../../optimizer/src/solver/index.js';
import { fillNaively } from './solve-naive.js';
import { generator, SHAPES, site, type TreeShape } from './solve-trees.js';

const HELP = `Usage: npm run bench -- solve [--sites N] [--seconds N] [--naive-max LEAVES] [--leaves-max LEAVES]

Prints p50 and p99 in milliseconds for each size of site, in one phase and in three: filling everything,
filling again after one limit or one leaf changed, and the certificate; the first also as a ratio to
the prototype's figures (on another machine) and to a naive filling in the same run. Below 1 is faster.
"cpu p99" counts the processor's time of this process only: p99 without what else runs on the machine.

  --sites N        generated sites of each size (default 4)
  --seconds N      how long each row is measured (default 4)
  --naive-max N    largest site that the naive filling is run on (default 10000)
  --leaves-max N   largest site at all (default 100000)
`;

/** The solver is no part of the package's index; its types are, at run time it is found beside it. */
type Solver = typeof import('../../optimizer/src/solver/index.js');

/** Milliseconds, p50 and p99, of the prototype by phases and leaves. */
const PROTOTYPE: Readonly<Record<string, readonly [number, number]>> = {
  '1/1000': [0.033, 0.051],
  '1/10000': [1.0, 1.7],
  '1/100000': [15.5, 38],
  '3/1000': [0.513, 0.725],
  '3/10000': [4.35, 10.5],
  '3/100000': [46, 61],
};

interface Options {
  readonly sites: number;
  readonly seconds: number;
  readonly naiveMax: number;
}

interface Times {
  readonly p50: number;
  readonly p99: number;
  /** Of the processor's time: what p99 is when nothing else wants the core. */
  readonly cpuP99: number;
}

/** One call: by the clock, and by the processor's time of this process. */
interface Took {
  readonly wallMs: number;
  readonly cpuMs: number;
}

function took(once: () => void): Took {
  const cpu = process.cpuUsage();
  const start = performance.now();
  once();
  const wallMs = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { wallMs, cpuMs: (user + system) / 1000 };
}

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      sites: { type: 'string', default: '4' },
      seconds: { type: 'string', default: '4' },
      'naive-max': { type: 'string', default: '10000' },
      'leaves-max': { type: 'string', default: '100000' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const solver = (await import(
    new URL('./solver/index.js', import.meta.resolve('@ampledger/optimizer')).href
  )) as Solver;
  const options = {
    sites: Number(values.sites),
    seconds: Number(values.seconds),
    naiveMax: Number(values['naive-max']),
  };
  print(['connectors / nodes', 'phases', ...COLUMNS]);
  for (const phases of [1, 3] as const) {
    for (const shape of SHAPES) {
      if (shape.leaves > Number(values['leaves-max'])) continue;
      print([shape.name, String(phases), ...row(solver, { ...shape, phases }, options)]);
    }
  }
}

const COLUMNS = [
  'fill p50',
  'p99',
  'cpu p99',
  'of prototype',
  'p99',
  'naive',
  'of naive',
  'refill p50',
  'p99',
  'cpu p99',
  'certify p50',
];

function row(solver: Solver, shape: TreeShape, { sites, seconds, naiveMax }: Options): readonly string[] {
  const arrays = Array.from({ length: sites }, (_, i) => site(shape, i + 1));
  const filled = arrays.map((each) => {
    const network = solver.buildNetwork(each);
    return { network, scratch: solver.createScratch(network), limitA: Float64Array.from(network.limit) };
  });
  const durationMs = (seconds * 1000) / 3;
  const fill = measure(filled, durationMs, ({ network, scratch }) => solver.fill(network, scratch));
  for (const each of filled) assertCertified(solver, each);
  const naive = shape.leaves > naiveMax ? null : naively(arrays[0] ?? site(shape, 1), filled[0]?.scratch);
  const certify = measure(filled, durationMs, ({ network, scratch }) =>
    solver.certify(network, scratch.limitA),
  );
  const refill = refills(solver, filled, durationMs);
  const [p50, p99] = PROTOTYPE[`${shape.phases}/${shape.leaves}`] ?? [Number.NaN, Number.NaN];
  return [
    fill.p50.toFixed(3),
    fill.p99.toFixed(3),
    fill.cpuP99.toFixed(3),
    (fill.p50 / p50).toFixed(2),
    (fill.p99 / p99).toFixed(2),
    naive === null ? '-' : naive.toFixed(0),
    naive === null ? '-' : (fill.p50 / naive).toExponential(1),
    refill.p50.toFixed(3),
    refill.p99.toFixed(3),
    refill.cpuP99.toFixed(3),
    certify.p50.toFixed(3),
  ];
}

interface Filled {
  readonly network: Network;
  readonly scratch: Scratch;
  /** The limits that it was built with: changes go to and fro around them. */
  readonly limitA: Float64Array;
}

function measure(filled: readonly Filled[], durationMs: number, once: (site: Filled) => void): Times {
  const times: Took[] = [];
  // A fifth of the time is for the compiler.
  const warm = performance.now() + durationMs / 5;
  const end = performance.now() + durationMs;
  for (let i = 0; performance.now() < end || times.length < filled.length; i++) {
    const each = filled[i % filled.length];
    if (each === undefined) break;
    const call = took(() => once(each));
    if (performance.now() > warm) times.push(call);
  }
  return quantiles(times);
}

function quantiles(times: readonly Took[]): Times {
  const at = (values: readonly number[], q: number): number =>
    values.toSorted((a, b) => a - b)[Math.floor(q * (values.length - 1))] ?? Number.NaN;
  const wallMs = times.map((call) => call.wallMs);
  const cpuMs = times.map((call) => call.cpuMs);
  return { p50: at(wallMs, 0.5), p99: at(wallMs, 0.99), cpuP99: at(cpuMs, 0.99) };
}

/** One limit changes by up to a tenth, or one car's maximum, half and half; then it is certified. */
function refills(solver: Solver, filled: readonly Filled[], durationMs: number): Times {
  const random = generator(7);
  const times: Took[] = [];
  const warm = performance.now() + durationMs / 5;
  const end = performance.now() + durationMs;
  for (const { network, scratch } of filled) solver.fill(network, scratch);
  for (let i = 0; performance.now() < end || times.length < filled.length; i++) {
    const each = filled[i % filled.length];
    if (each === undefined) break;
    const { network, scratch } = each;
    const change = changeOne(each, random);
    const call = took(() => solver.refill(network, scratch, change));
    if (performance.now() > warm) times.push(call);
    if (i % 100 === 0) assertCertified(solver, each);
  }
  return quantiles(times);
}

type Change = { readonly link: number } | { readonly leaf: number };

function changeOne({ network, limitA: built }: Filled, random: () => number): Change {
  const { limit, leaves, minA, maxA } = network;
  if (random() < 0.5) {
    for (;;) {
      const link = Math.floor(random() * limit.length);
      const limitA = built[link] ?? 0;
      if (limitA === Number.POSITIVE_INFINITY) continue;
      limit[link] = limitA * (0.9 + 0.2 * random());
      return { link };
    }
  }
  const leaf = Math.floor(random() * leaves);
  maxA[leaf] = (minA[leaf] ?? 0) + 26 * random();
  return { leaf };
}

function assertCertified(solver: Solver, { network, scratch }: Filled): void {
  const certificate = solver.certify(network, scratch.limitA);
  if (!certificate.holds) throw new Error(`not max-min: ${JSON.stringify(certificate.violation)}`);
}

/** Milliseconds of the naive filling; throws when the two disagree. */
function naively(arrays: Parameters<typeof fillNaively>[0], scratch: Scratch | undefined): number {
  const start = performance.now();
  const { limitA } = fillNaively(arrays);
  const took = performance.now() - start;
  const furthest = limitA.reduce(
    (most, got, i) => Math.max(most, Math.abs(got - (scratch?.limitA[i] ?? Number.NaN))),
    0,
  );
  if (!(furthest < 1e-6)) throw new Error(`the naive filling differs by ${furthest} A`);
  return took;
}

function print(cells: readonly string[]): void {
  const widths = [19, 6, ...COLUMNS.map((column) => Math.max(8, column.length))];
  const line = cells.map((cell, i) => (i === 0 ? cell.padEnd(19) : cell.padStart(widths[i] ?? 0)));
  process.stdout.write(`${line.join('  ')}\n`);
}
