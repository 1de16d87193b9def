// Whatever can draw or feed in the plan, in one form: sessions and expected arrivals as leaves with a current, by
// period; and the links of the tree (a node's phase, its watts, a cut) that they load.

import type { PerPhase } from '@ampledger/kernel';
import { NO_LIMIT, type NodeRoom, type PlanTree, pathOf, phaseIndices, series } from './by-period.js';
import type { ByPeriod, ExpectedArrivals, PlanProblem, PlanSession, PlanV2x } from './problem.js';
import { hairOf, type Prices, type Step, standings, stepsOf } from './value.js';

/** A session, or a group of expected cars. */
export interface Leaf {
  /** Tells sessions from expected groups, too. */
  readonly key: string;
  readonly node: number;
  readonly perA: PerPhase;
  readonly kwPerA: number;
  readonly efficiency: number;
  readonly energyWh: number;
  /** First period that it is in, and how many. */
  readonly first: number;
  readonly count: number;
  /** Share of each of these periods that it is there. */
  readonly presence: Float64Array;
  /** By period of the stay. */
  readonly maxA: Float64Array;
  readonly v2x: (PlanV2x & { readonly maxDischargeA: Float64Array }) | null;
  readonly steps: readonly Step[];
  /** Money per kWh and hour of waiting. */
  readonly hair: number;
}

/** Sessions first, in the problem's order; then what is expected. */
export function leavesOf(problem: PlanProblem, tree: PlanTree, prices: Prices): readonly Leaf[] {
  const standing = standings(problem.sessions, prices.unserved);
  const sessions = problem.sessions.map((session, i) => {
    const { base, steepness } = standing[i] ?? { base: prices.unserved, steepness: 1 };
    return leafOf(problem, tree, prices, { session, key: `s:${session.id}`, base, steepness });
  });
  const base = prices.unserved * problem.weights.expected;
  const expected = problem.expected.map((group) =>
    leafOf(problem, tree, prices, { session: asSession(group), key: `x:${group.id}`, base, steepness: 1 }),
  );
  return [...sessions, ...expected];
}

const asSession = (group: ExpectedArrivals): PlanSession => ({
  ...group,
  connector: '',
  efficiency: 1,
  minA: 0,
  priority: 0,
  weight: 1,
  v2x: null,
});

interface LeafTerms {
  readonly session: PlanSession;
  readonly key: string;
  readonly base: number;
  readonly steepness: number;
}

function leafOf(problem: PlanProblem, tree: PlanTree, prices: Prices, terms: LeafTerms): Leaf {
  const { session, key, base, steepness } = terms;
  const { periods, periodS } = problem;
  const from = Math.max(0, session.arrives);
  const to = Math.min(periods, session.departs);
  const first = Math.min(periods, Math.floor(from));
  const count = to > from ? Math.ceil(to) - first : 0;
  const presence = Float64Array.from({ length: count }, (_, i) =>
    Math.max(0, Math.min(to, first + i + 1) - Math.max(from, first + i)),
  );
  const stay = (values: ByPeriod): Float64Array =>
    typeof values === 'number' ? series(values, count) : series(values.slice(first, first + count), count);
  const { v2x } = session;
  return {
    key,
    node: tree.indexOf.get(session.node) ?? 0,
    perA: session.perA,
    kwPerA: session.wattsPerA / 1000,
    efficiency: session.efficiency,
    energyWh: session.energyWh,
    first,
    count,
    presence,
    maxA: stay(session.maxA),
    v2x: v2x === null ? null : { ...v2x, maxDischargeA: stay(v2x.dischargeA) },
    steps: stepsOf(session.energyWh, session.id, base, steepness),
    hair: hairOf(prices.reference, session.id, (session.departs * periodS) / 3600),
  };
}

/** A limit on one sum over the leaves below a node. */
export interface Link {
  readonly key: string;
  readonly node: number;
  readonly side: 'import' | 'export';
  /** What an ampere (or, per phase, the battery's) adds: factors on the phases' currents, and on kilowatts. */
  readonly onPhase: PerPhase;
  readonly onKw: number;
  /** Amperes or kilowatts, by period. */
  readonly room: Float64Array;
}

const PHASE_FACTORS: readonly PerPhase[] = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
];
const NO_PHASE: PerPhase = [0, 0, 0];

/** The links with a limit in any period. */
export function linksOf(problem: PlanProblem, tree: PlanTree): readonly Link[] {
  return tree.room.flatMap((room, node) =>
    linksOfNode(room, node, problem.nodes[node]?.id ?? '').filter((link) =>
      link.room.some((r) => r < NO_LIMIT),
    ),
  );
}

function linksOfNode(room: NodeRoom, node: number, id: string): readonly Link[] {
  const kw = (watts: Float64Array): Float64Array => watts.map((w) => w / 1000);
  const phase = (side: Link['side'], p: 0 | 1 | 2, of: Float64Array): Link => ({
    key: `${side}:${p}:${id}`,
    node,
    side,
    onPhase: PHASE_FACTORS[p] ?? NO_PHASE,
    onKw: 0,
    room: of,
  });
  const power = (side: Link['side'], watts: Float64Array): Link => ({
    key: `${side}:w:${id}`,
    node,
    side,
    onPhase: NO_PHASE,
    onKw: 1,
    room: kw(watts),
  });
  return [
    ...phaseIndices.map((p) => phase('import', p, room.perPhaseA[p])),
    power('import', room.watts),
    ...room.cutsA.map(
      (cut, k): Link => ({
        key: `cut:${k}:${id}`,
        node,
        side: 'import',
        onPhase: cut.onPhase,
        onKw: 0,
        room: cut.maxA,
      }),
    ),
    ...phaseIndices.map((p) => phase('export', p, room.exportPerPhaseA[p])),
    power('export', room.exportWatts),
  ];
}

/** What one ampere (or, with `kw` = 1 and balanced phases, one kilowatt) adds to a link. */
export function loadOn(link: Link, perA: PerPhase, kw: number): number {
  const [a, b, c] = link.onPhase;
  return a * perA[0] + b * perA[1] + c * perA[2] + link.onKw * kw;
}

/** One kilowatt of the battery, amperes on each phase. */
export const batteryPerKw = (voltageV: number): PerPhase => {
  const a = 1000 / (3 * voltageV);
  return [a, a, a];
};

/** Which links lie above a node, on each side. */
export function linksAbove(tree: PlanTree, links: readonly Link[]): readonly (readonly number[])[] {
  const own: number[][] = Array.from(tree.parent, () => []);
  links.forEach(({ node }, i) => {
    own[node]?.push(i);
  });
  return Array.from(tree.parent, (_, node) => [...pathOf(tree.parent, node)].flatMap((v) => own[v] ?? []));
}

/** Unmanaged load less photovoltaics at the root, kW by period. */
export function baseKw(problem: PlanProblem): Float64Array {
  const { periods, voltageV, nodes, pv } = problem;
  const phases = phaseIndices.map((p) => series(nodes[0]?.unmanagedA[p] ?? 0, periods));
  const pvW = series(pv?.forecastW ?? 0, periods);
  return pvW.map((w, t) => (voltageV * phases.reduce((sum, a) => sum + (a[t] ?? 0), 0) - w) / 1000);
}
