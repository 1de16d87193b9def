// What the benchmark prints: a line for each scheduler, over one dataset or over many weeks.

import type { Outcome } from './simulate.js';

/** One run of one scheduler over one dataset; what `--json` writes. */
export interface Result
  extends Pick<Outcome, 'energyPct' | 'demandsMetPct' | 'jain' | 'worstOverA' | 'calls'> {
  readonly dataset: string;
  readonly caps: readonly number[];
  readonly scheduler: string;
  /** What foresight could deliver. */
  readonly boundPct: number;
  readonly worstDrawnOverA: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export function resultOf(
  of: Pick<Result, 'dataset' | 'caps' | 'scheduler' | 'boundPct'>,
  outcome: Outcome,
): Result {
  const { energyPct, demandsMetPct, jain, worstOverA, worstDrawnOverA, calls, solveMs } = outcome;
  return {
    ...of,
    ...{ energyPct, demandsMetPct, jain, worstOverA, worstDrawnOverA, calls },
    p50Ms: solveMs.p50,
    p99Ms: solveMs.p99,
  };
}

const WIDTH = 11;
const MEANS = ['', 'energy %', 'met %', 'Jain', 'regret'];
const SPREAD = ['p10', 'p50', 'p90', 'worst'];
const WORST = ['over A', 'p50 ms', 'p99 ms'];

const columns = (cells: readonly string[]): string => cells.map((cell) => cell.padStart(WIDTH)).join('');

export const headings = (datasets: number): string =>
  columns([...MEANS, ...(datasets > 1 ? SPREAD : []), ...WORST]);

/** Means over the datasets; of what is over and of times, the worst. */
export function lineOf(name: string, results: readonly Result[]): string {
  const regrets = results.map(({ boundPct, energyPct }) => boundPct - energyPct).sort((a, b) => a - b);
  const overA = Math.max(...results.map((result) => result.worstOverA));
  const spread = [0.1, 0.5, 0.9, 1].map((q) => quantile(regrets, q).toFixed(2));
  return columns([
    name,
    mean(results.map(({ energyPct }) => energyPct)).toFixed(2),
    mean(results.map(({ demandsMetPct }) => demandsMetPct)).toFixed(1),
    mean(results.map(({ jain }) => jain)).toFixed(3),
    mean(regrets).toFixed(2),
    ...(results.length > 1 ? spread : []),
    overA < 5e-8 ? '0' : overA.toExponential(0),
    Math.max(...results.map(({ p50Ms }) => p50Ms)).toFixed(3),
    Math.max(...results.map(({ p99Ms }) => p99Ms)).toFixed(2),
  ]);
}

export const boundLine = (boundsPct: readonly number[]): string =>
  columns(['bound', mean(boundsPct).toFixed(2)]);

const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;

/** Of ascending values, the one at this part of the way. */
const quantile = (ascending: readonly number[], q: number): number =>
  ascending[Math.round(q * (ascending.length - 1))] ?? Number.NaN;
