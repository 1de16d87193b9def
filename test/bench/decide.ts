// Whole decisions on generated sites in the middle of their day: from the state to what is recorded, as the
// optimizer's service makes them, over changes as they come.

import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { at, given } from '@ampledger/domain/testing';
import { decideLimits, nextChangeAt } from '@ampledger/optimizer';
import type { Watch } from '../../optimizer/src/allocate.js';
import type { Policy } from '../../optimizer/src/policy/index.js';
import type { SiteNetwork } from '../../optimizer/src/site-network.js';
import { amountOf, countOf, namesOf } from './arguments.js';
import {
  type ChangeKind,
  DECIDE_SHAPES,
  followed,
  generateSite,
  nextChange,
  type Site,
} from './decide-sites.js';

const HELP = `Usage: npm run bench -- decide [--seconds N] [--connectors-max N] [--policies fair,...] [--seed N]

Whole decisions on generated sites, milliseconds: boards behind feeders behind a scarce connection, a third of the
cars on one phase, four of ten without needs that are known, some offline. Nine of ten changes are a meter
reading; the others are a car that comes or goes, and a limit. All stations take up their limits at once.
  by policy    p50 and p99 of all decisions; p50 of the processor's time; p50 as a ratio to one filling of the same site; p50 of each kind
               of change; "alone" is p50 where nothing is recorded
  then         where the time goes, as parts of it: gathering the numbers, admission, sharing, rounding, what one
               ampere more would give, the rest; beside them p50 of folding the change, and of asking
               when to look again

  --seconds N         how long each row is measured (default 6)
  --connectors-max N  largest site (default 10000)
  --policies LIST     of fair, urgent, throughput, balanced (default all)
  --seed N            of the generator (default 1)
  --help              this text
`;

/** The solver is no part of the package's index; its types are, at run time it is found beside it. */
type Solver = typeof import('../../optimizer/src/solver/index.js');

const POLICIES: readonly Policy[] = ['fair', 'urgent', 'throughput', 'balanced'];
const STAGES = ['gather', 'admit', 'share', 'round', 'gains', 'finish'] as const;
type Stage = (typeof STAGES)[number];
/** Changes before anything is measured: the compiler's. */
const WARM = 60;

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: 'string', default: '6' },
      'connectors-max': { type: 'string', default: '10000' },
      policies: { type: 'string', default: POLICIES.join(',') },
      seed: { type: 'string', default: '1' },
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
  const most = countOf(values['connectors-max'], { option: 'connectors-max' });
  const seconds = amountOf(values.seconds, { option: 'seconds' });
  const seed = countOf(values.seed, { option: 'seed' });
  const policies = namesOf(values.policies, { option: 'policies', known: POLICIES });
  print(['connectors / nodes', 'policy', ...COLUMNS]);
  for (const shape of DECIDE_SHAPES.filter(({ connectors }) => connectors <= most))
    for (const policy of policies)
      print([shape.name, policy, ...row(measure(generateSite(shape, policy, seed), seconds, solver))]);
}

const COLUMNS = [
  ...['decisions', 'p50', 'p99', 'cpu p50', 'of fill', 'reading', 'car', 'limit', 'alone'],
  ...STAGES,
  ...['fold', 'next'],
];

interface Decision {
  readonly kind: ChangeKind;
  readonly ms: number;
  /** Of the processor's time of this process: what it is when nothing else wants the core. */
  readonly cpuMs: number;
  readonly foldMs: number;
  readonly nextMs: number;
  readonly changed: number;
}

interface Measured {
  readonly decisions: readonly Decision[];
  readonly stageMs: ReadonlyMap<Stage, number>;
  readonly fillMs: readonly number[];
}

function measure(site: Site, seconds: number, solver: Solver): Measured {
  const stageMs = new Map<Stage, number>(STAGES.map((stage) => [stage, 0]));
  let [entered, since]: [Stage, number] = ['finish', 0];
  let network: SiteNetwork | undefined;
  const enter = (stage: Stage): void => {
    const now = performance.now();
    stageMs.set(entered, (stageMs.get(entered) ?? 0) + now - since);
    [entered, since] = [stage, now];
  };
  const watch: Watch = {
    entered: enter,
    settled(of) {
      network = of;
    },
  };
  const decide = (kind: ChangeKind, foldMs: number): Decision => {
    const now = at(site.nowS);
    const cpu = process.cpuUsage();
    const start = performance.now();
    [entered, since] = ['finish', start];
    const decided = decideLimits(site.state, now, watch);
    enter('finish');
    const { user, system } = process.cpuUsage(cpu);
    const ms = since - start;
    if (decided !== null) site.state = given(followed(site, decided), site.state);
    const asked = performance.now();
    nextChangeAt(site.state, now);
    return {
      kind,
      ms,
      cpuMs: (user + system) / 1000,
      foldMs,
      nextMs: performance.now() - asked,
      changed: decided?.allocations.length ?? 0,
    };
  };
  const step = (): Decision => {
    const { kind, events } = nextChange(site);
    const start = performance.now();
    site.state = given(events, site.state);
    return decide(kind, performance.now() - start);
  };
  decide('limit', 0);
  const warmed = performance.now() + 200 * seconds;
  for (let i = 0; i < WARM || performance.now() < warmed; i++) step();
  for (const stage of STAGES) stageMs.set(stage, 0);
  const [decisions, fillMs]: [Decision[], number[]] = [[], []];
  const end = performance.now() + 1000 * seconds;
  const scratch = network === undefined ? null : solver.createScratch(network.network);
  while (performance.now() < end || decisions.length === 0) {
    decisions.push(step());
    // A filling of its own beside some of them.
    if (decisions.length % 8 !== 0 || network === undefined || scratch === null) continue;
    const start = performance.now();
    solver.fill(network.network, scratch);
    fillMs.push(performance.now() - start);
  }
  return { decisions, stageMs, fillMs };
}

function row({ decisions, stageMs, fillMs }: Measured): readonly string[] {
  const all = decisions.map(({ ms }) => ms);
  const whole = [...stageMs.values()].reduce((sum, ms) => sum + ms, 0);
  const median = (kept: (decision: Decision) => boolean): string =>
    quantile(
      decisions.filter(kept).map(({ ms }) => ms),
      0.5,
    ).toFixed(2);
  return [
    String(decisions.length),
    quantile(all, 0.5).toFixed(2),
    quantile(all, 0.99).toFixed(2),
    quantile(
      decisions.map(({ cpuMs }) => cpuMs),
      0.5,
    ).toFixed(2),
    (quantile(all, 0.5) / quantile(fillMs, 0.5)).toFixed(1),
    median(({ kind }) => kind === 'reading'),
    median(({ kind }) => kind === 'car'),
    median(({ kind }) => kind === 'limit'),
    median(({ changed }) => changed === 0),
    ...STAGES.map((stage) => ((stageMs.get(stage) ?? 0) / whole).toFixed(2)),
    quantile(
      decisions.map(({ foldMs }) => foldMs),
      0.5,
    ).toFixed(3),
    quantile(
      decisions.map(({ nextMs }) => nextMs),
      0.5,
    ).toFixed(3),
  ];
}

function quantile(values: readonly number[], q: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(q * (values.length - 1))] ?? Number.NaN;
}

function print(cells: readonly string[]): void {
  const line = cells.map((cell, i) =>
    i === 0 ? cell.padEnd(18) : i === 1 ? cell.padEnd(10) : cell.padStart(9),
  );
  process.stdout.write(`${line.join(' ').trimEnd()}\n`);
}
