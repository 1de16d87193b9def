// An allocation checked by what shares nothing with the way that it was found: the exact share by its
// certificate, and the limits that are given by the domain's own rows and lines.

import {
  type Allocation,
  addToNode,
  addToPath,
  currentOn,
  type Load,
  linesOver,
  linkAt,
  type SiteConfig,
  type SiteState,
  settableBelow,
  togetherA,
  topologyOf,
} from '@ampledger/domain';
import { onPhases, PHASES, type Phase } from '@ampledger/kernel';
import { allocate } from '../allocate.js';
import { policyOf } from '../asked.js';
import { type Candidate, type Problem, problemOf } from '../problem.js';
import { EVEN, type SiteNetwork } from '../site-network.js';
import { type Certificate, certify } from '../solver/index.js';
import { certifyMaximal } from './maximal.js';

export interface Finding {
  /**
   * `share`: the exact share is not what its policy promises. `limits`: what is given is over a limit, or
   * nothing that the station can be set to.
   */
  readonly check: 'share' | 'limits';
  readonly message: string;
}

/** Solves the site as it is at `now` again, and says what is wrong with the answer: nothing, normally. */
export function certifySite(state: SiteState, now: number): readonly Finding[] {
  const problem = problemOf(state, now);
  const findings: Finding[] = [];
  const shared = (site: SiteNetwork): void => {
    const { network, scratch } = site;
    // Max-min has a certificate of its own; of the others it is checked that nobody could just have more.
    const exact = policyOf(problem, state.config) === 'fair';
    const found = (exact ? certify : certifyMaximal)(network, scratch.limitA);
    if (!found.holds) findings.push({ check: 'share', message: words(found, state.config) });
  };
  const allocations = allocate(problem, state.config, { watch: { shared }, explains: () => false });
  return [...findings, ...certifyLimits(problem, state.config, allocations)];
}

function words({ violation }: Extract<Certificate, { holds: false }>, config: SiteConfig): string {
  const named = (leaf: number): string => topologyOf(config).connectors[leaf]?.key ?? `load ${leaf}`;
  switch (violation.kind) {
    case 'over':
      return `link ${violation.link} carries ${violation.carries}, limit ${violation.limit}`;
    case 'unbalanced':
      return `the phases of ${config.nodes[violation.node]?.id} differ by more than their limit`;
    default:
      return `${named(violation.leaf)}: ${violation.kind} at ${violation.limitA} A`;
  }
}

/** Amperes, or watts by as much as these are. */
const TOLERANCE_A = 1e-6;

/** The limits themselves, as the stations will be told. */
export function certifyLimits(
  problem: Problem,
  config: SiteConfig,
  allocations: readonly Allocation[],
): readonly Finding[] {
  const limits = new Map(allocations.map(({ connector, limitA }) => [connector, limitA]));
  const { connectors, linkCount } = topologyOf(config);
  const given = new Float64Array(linkCount);
  const unavoidable = new Float64Array(linkCount);
  const findings: Finding[] = [];
  for (const candidate of problem.candidates) {
    const placed = connectors[candidate.index];
    if (placed === undefined) continue;
    const limitA = limits.get(candidate.key) ?? 0;
    const unsettable = unsettableWords(candidate, limitA);
    if (unsettable !== null) findings.push({ check: 'limits', message: unsettable });
    const heldA = candidate.stuckAtA ?? candidate.floorA;
    const load = (amperes: number): Load => onGrid(problem, config, candidate, amperes);
    addToPath(given, placed, load(Math.max(limitA, heldA)), config.voltageV);
    addToPath(unavoidable, placed, load(heldA), config.voltageV);
  }
  return [
    ...findings,
    ...overRows(problem, config, { given, unavoidable }),
    ...overLines(problem, config, { given, unavoidable }),
  ];
}

/**
 * What is wrong with a limit (A) for the station itself: it is between zero and the least of use, above the most, or
 * between two steps. null: nothing.
 */
export function unsettableWords(
  { key, settable, minA, maxA, floorA }: Candidate,
  limitA: number,
): string | null {
  if (limitA === 0) return null;
  const has = `${key} has ${limitA} A`;
  if (limitA < minA - TOLERANCE_A) return `${has}, less than its minimum of ${minA} A`;
  const mostA = Math.max(maxA, floorA);
  if (limitA > mostA + TOLERANCE_A) return `${has}, more than its maximum of ${mostA} A`;
  const stepA = settableBelow(settable, limitA + TOLERANCE_A);
  return Math.abs(stepA - limitA) <= TOLERANCE_A
    ? null
    : `${has}, to which its station cannot be set: ${stepA} A is the next below`;
}

function onGrid(
  { phases }: Problem,
  { wiring }: SiteConfig,
  { index, config }: Candidate,
  amperes: number,
): Load {
  const set = phases[index] ?? 0;
  const isEven = (set & EVEN) !== 0;
  const used = PHASES.filter((phase: Phase) => (set & (1 << phase)) !== 0);
  return {
    eachA: isEven ? currentOn(wiring, PHASES, amperes) : onPhases(used, amperes),
    togetherA: isEven ? Number.POSITIVE_INFINITY : togetherA(wiring, config, amperes),
  };
}

interface Rows {
  readonly given: Float64Array;
  /** What cannot be taken away: where that alone is over, nobody may have more than it. */
  readonly unavoidable: Float64Array;
}

function overRows(
  { capacity }: Problem,
  config: SiteConfig,
  { given, unavoidable }: Rows,
): readonly Finding[] {
  return [...given].flatMap((carried, link) => {
    const most = Math.max(capacity[link] ?? 0, unavoidable[link] ?? 0);
    const { node, phase } = linkAt(config, link);
    const tolerance = phase === null ? TOLERANCE_A * config.voltageV : TOLERANCE_A;
    if (carried <= most + tolerance) return [];
    const where = `${node}, ${phase === null ? 'power' : `phase ${phase + 1}`}`;
    return [{ check: 'limits' as const, message: `${where}: ${carried} given, ${most} there` }];
  });
}

function overLines(
  { base, feed }: Problem,
  config: SiteConfig,
  { given, unavoidable }: Rows,
): readonly Finding[] {
  const drawn = sumBelow(config, base);
  const fed = sumBelow(config, feed);
  const over = (row: Float64Array) =>
    linesOver(config, { rows: [drawn, row], feed: fed, within: 'capacity' });
  const anyway = new Map(over(unavoidable).map(({ line, currentA }) => [line, currentA]));
  return over(given).flatMap(({ line, currentA }) =>
    currentA <= (anyway.get(line) ?? 0) + TOLERANCE_A
      ? []
      : [
          {
            check: 'limits' as const,
            message: `${config.nodes[line.node]?.id}, ${line.side} line ${line.phase + 1}: ${currentA} A, ${line.capacityA} A there`,
          },
        ],
  );
}

function sumBelow(config: SiteConfig, loads: Problem['base']): Float64Array {
  const { paths, linkCount } = topologyOf(config);
  const sums = new Float64Array(linkCount);
  config.nodes.forEach(({ id }, node) => {
    const loadA = loads[node];
    for (const up of paths.get(id) ?? []) if (loadA) addToNode(sums, up, loadA, config.voltageV);
  });
  return sums;
}
