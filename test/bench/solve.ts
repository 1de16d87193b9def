// The filling on generated sites: how long it takes, against a prototype in plain typed arrays and a naive
// filling; how long its certificate takes, and filling again after one change. Every answer that is
// timed is certified, and the naive one compared.

import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import type { Network, Scratch } from '../../optimizer/src/solver/index.js';
import { amountOf, countOf } from './arguments.js';
import { fillNaively } from './solve-naive.js';
import { policyRows } from './solve-policies.js';
import { generator, KINDS, SHAPES, SITE_OF_SIXTY, site, type TreeShape } from './solve-trees.js';

const HELP = `Usage: npm run bench -- solve [--sites N] [--seconds N] [--naive-max LEAVES] [--leaves-max LEAVES]

Prints three tables of milliseconds, for each size of site, in one phase and in three.
  fill     everything: p50 and p99; both as a ratio to the prototype's figures (on another machine; below
           1 is faster) and p50 to a naive filling in the same run; the certificate, p50
  refill   after one change, by kind: a car's maximum; its weight; the limit of a board, of a feeder,
           of the connection; and a mix, half of it any car, half any node
  policy   sharing by each policy, in three phases, with needs and departures that differ; up to 10,000
"cpu p99" counts the processor's time of this process only: p99 without what else runs on the machine.
Every answer of "fill" is certified, one in a hundred of "refill", and the naive one is compared.

  --sites N        generated sites of each size (default 4)
  --seconds N      how long each row is measured (default 4)
  --naive-max N    largest site that the naive filling is run on (default 10000)
  --leaves-max N   largest site at all (default 100000)
  --help           this text
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
/** The same for one limit or one car that changes. */
const PROTOTYPE_AGAIN: Readonly<Record<string, readonly [number, number]>> = { '1/10000': [0.069, 0.278] };

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
      help: { type: 'boolean', short: 'h' },
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
    sites: countOf(values.sites, { option: 'sites' }),
    seconds: amountOf(values.seconds, { option: 'seconds' }),
    naiveMax: countOf(values['naive-max'], { option: 'naive-max' }),
  };
  const leavesMax = countOf(values['leaves-max'], { option: 'leaves-max' });
  const shapes = ([1, 3] as const).flatMap((phases) =>
    SHAPES.filter((shape) => shape.leaves <= leavesMax).map((shape) => ({
      ...shape,
      phases,
    })),
  );
  print(['fill', 'phases', ...COLUMNS]);
  for (const shape of shapes) print([shape.name, String(shape.phases), ...row(solver, shape, options)]);
  print([]);
  print(['refill', 'phases', 'change', 'changes', 'p50', 'p99', 'cpu p99', 'of prototype', 'p99']);
  for (const shape of shapes) for (const cells of refillRows(solver, shape, options)) print(cells);
  print([]);
  const sharing = (await import(
    new URL('./policy/index.js', import.meta.resolve('@ampledger/optimizer')).href
  )) as typeof import('../../optimizer/src/policy/index.js');
  print(['policy', '', '', 'p50', 'p99']);
  for (const shape of [SITE_OF_SIXTY, ...shapes].filter(
    ({ phases, leaves }) => phases === 3 && leaves <= 10_000,
  ))
    for (const [policy = '', ...times] of policyRows(
      sharing,
      sitesOf(solver, shape, options.sites),
      options.seconds,
    ))
      print([shape.name, '3', policy, ...times]);
}

const COLUMNS = ['p50', 'p99', 'cpu p99', 'of prototype', 'p99', 'naive', 'of naive', 'certify p50'];

function sitesOf(solver: Solver, shape: TreeShape, sites: number): readonly Filled[] {
  return Array.from({ length: sites }, (_, i) => {
    const network = solver.buildNetwork(site(shape, i + 1));
    return { network, scratch: solver.createScratch(network), limitA: Float64Array.from(network.limit) };
  });
}

function row(solver: Solver, shape: TreeShape, { sites, seconds, naiveMax }: Options): readonly string[] {
  const filled = sitesOf(solver, shape, sites);
  const durationMs = (seconds * 1000) / 2;
  const fill = measure(filled, durationMs, ({ network, scratch }) => solver.fill(network, scratch));
  for (const each of filled) assertCertified(solver, each);
  const naive = shape.leaves > naiveMax ? null : naively(site(shape, 1), filled[0]?.scratch);
  const certify = measure(filled, durationMs, ({ network, scratch }) =>
    solver.certify(network, scratch.limitA),
  );
  const [p50, p99] = PROTOTYPE[`${shape.phases}/${shape.leaves}`] ?? [Number.NaN, Number.NaN];
  return [
    fill.p50.toFixed(3),
    fill.p99.toFixed(3),
    fill.cpuP99.toFixed(3),
    (fill.p50 / p50).toFixed(2),
    (fill.p99 / p99).toFixed(2),
    naive === null ? '-' : naive.toFixed(0),
    naive === null ? '-' : (fill.p50 / naive).toExponential(1),
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

type Change = { readonly link: number } | { readonly leaf: number };
type Changing = (site: Filled, random: () => number) => Change;

/** Nodes by how far they are from the connection. */
const depthOf = ({ parent }: Network, node: number): number => {
  let depth = 0;
  for (let at = parent[node] ?? -1; at >= 0; at = parent[at] ?? -1) depth++;
  return depth;
};

/** A maximum between the minimum and 26 A more. */
const maximum: Changing = ({ network }, random) => {
  const leaf = Math.floor(random() * network.leaves);
  network.maxA[leaf] = (network.minA[leaf] ?? 0) + 26 * random();
  return { leaf };
};

const weight: Changing = ({ network }, random) => {
  const leaf = Math.floor(random() * network.leaves);
  network.weight[leaf] = [0.5, 1, 2][Math.floor(3 * random())] ?? 1;
  return { leaf };
};

/** A limit up to a tenth away from the one it was built with, of a node that `fits`. */
const limitOf =
  (fits: (depth: number, deepest: number) => boolean): Changing =>
  ({ network, limitA: built }, random) => {
    const deepest = depthOf(network, network.nodes - 1);
    for (;;) {
      const node = Math.floor(random() * network.nodes);
      const link = node * KINDS + Math.floor(random() * 3);
      const limitA = built[link] ?? 0;
      if (limitA === Number.POSITIVE_INFINITY || !fits(depthOf(network, node), deepest)) continue;
      network.limit[link] = limitA * (0.9 + 0.2 * random());
      return { link };
    }
  };

const anyLimit = limitOf(() => true);

const CHANGES: Readonly<Record<string, Changing>> = {
  maximum,
  weight,
  board: limitOf((depth, deepest) => depth === deepest),
  feeder: limitOf((depth, deepest) => depth > 0 && depth < deepest),
  connection: limitOf((depth) => depth === 0),
  mix: (each, random) => {
    if (random() < 0.5) return anyLimit(each, random);
    return random() < 0.5 ? maximum(each, random) : weight(each, random);
  },
};

/** The same sites for every kind of change, as they were built. */
function refillRows(
  solver: Solver,
  shape: TreeShape,
  { sites, seconds }: Options,
): readonly (readonly string[])[] {
  const kinds = Object.entries(CHANGES);
  return kinds.map(([name, change]) => {
    const { times, count } = refills(
      solver,
      sitesOf(solver, shape, sites),
      change,
      (seconds * 1000) / kinds.length,
    );
    const [p50, p99] = PROTOTYPE_AGAIN[`${shape.phases}/${shape.leaves}`] ?? [Number.NaN, Number.NaN];
    const ratio = (ms: number, of: number): string => (name === 'mix' && of > 0 ? (ms / of).toFixed(2) : '-');
    return [
      shape.name,
      String(shape.phases),
      name,
      String(count),
      times.p50.toFixed(4),
      times.p99.toFixed(3),
      times.cpuP99.toFixed(3),
      ratio(times.p50, p50),
      ratio(times.p99, p99),
    ];
  });
}

function refills(solver: Solver, filled: readonly Filled[], change: Changing, durationMs: number) {
  const random = generator(7);
  const times: Took[] = [];
  for (const { network, scratch } of filled) solver.fill(network, scratch);
  const warm = performance.now() + durationMs / 5;
  const end = performance.now() + durationMs;
  for (let i = 0; performance.now() < end || times.length < filled.length; i++) {
    const each = filled[i % filled.length];
    if (each === undefined) break;
    const changed = change(each, random);
    const call = took(() => solver.refill(each.network, each.scratch, changed));
    if (performance.now() > warm) times.push(call);
    if (i % 100 === 0) assertCertified(solver, each);
  }
  return { times: quantiles(times), count: times.length };
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
  const line = cells.map((cell, i) => (i === 0 ? cell.padEnd(19) : cell.padStart(i === 1 ? 6 : 12)));
  process.stdout.write(`${line.join(' ').trimEnd()}\n`);
}
