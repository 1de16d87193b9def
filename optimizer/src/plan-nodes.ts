// The site's tree as a plan sees it: limits by period as they are known at a moment, with envelopes that begin and
// end; loads that nobody controls; and what flows at connectors that take no limits. Pure.

import {
  countedLoad,
  ENVELOPE_LEAD_MS,
  type Expected,
  envelopeState,
  expected,
  type Load,
  ledgerInput,
  lineCurrentA,
  type NodeConfig,
  nodeCapacity,
  type Periods,
  type SiteState,
  sumOfA,
  type TransformerLine,
  topologyOf,
  transformerLines,
  unmanagedLoad,
} from '@ampledger/domain';
import { addPhases, type ConnectorKey, mapPhases, type PerPhase, PHASES, ZERO } from '@ampledger/kernel';
import { lineCuts } from './plan/line-cuts.js';
import type { Limit, PhaseLimits, PlanCut, PlanNode } from './plan/problem.js';
import { unbalanceCuts } from './plan/unbalance-cuts.js';

/** Amperes on each phase, by period. */
type Series = readonly PerPhase[];

/** @param planned connectors that hold nothing which the plan cannot have; all others count at what they may be holding. */
export function planNodes(
  state: SiteState,
  periods: Periods,
  planned: ReadonlySet<ConnectorKey>,
  now: number,
): readonly PlanNode[] {
  const { config } = state;
  const topology = topologyOf(config);
  const ahead = withoutSilence(state, now);
  const habits = expected(state.habits, periods.from, periods.periodS, periods.count).loadA;
  const loads = config.nodes.map((node) => loadAhead(state, node, { count: periods.count, habits, now }));
  const unmanaged = summedUp(state, loads, periods);
  const held = heldByOthers(state, periods, planned, now);
  return config.nodes.map((node, index) => {
    const beside = unmanaged[index] ?? [];
    const taken = held[index]?.currents ?? [];
    const flows = beside.map((a, t) => addPhases(a, taken[t] ?? ZERO));
    return {
      id: node.id,
      parent: node.parent,
      ...limitsAhead(ahead, node, { periods, now, taken, takenW: held[index]?.watts ?? [] }),
      unmanagedA: byPhase(beside),
      exportA: node.exportA,
      exportW: node.exportW,
      cuts: [
        ...cutsOf(state, topology.nodeIndex.get(node.id) ?? index, flows),
        ...unbalanceCuts(node.unbalanceA, flows),
      ],
    };
  });
}

const byPhase = (series: Series): PlanNode['unmanagedA'] => [
  series.map((a) => Math.max(0, a[0])),
  series.map((a) => Math.max(0, a[1])),
  series.map((a) => Math.max(0, a[2])),
];

/** Who is heard of is taken to go on speaking; for who is silent its fallback holds until it speaks again. */
function withoutSilence(state: SiteState, now: number): SiteState {
  const envelopes = new Map(
    [...state.envelopes].map(([key, envelope]) => {
      const { silenceS, heardAt, fallback } = envelope;
      const isSilent = silenceS !== null && now >= heardAt + silenceS * 1000;
      return [key, { ...envelope, ...(isSilent ? fallback : null), silenceS: null }] as const;
    }),
  );
  return { ...state, envelopes };
}

/** The tightest that holds at any moment of each period, less the reserve and what others hold. */
function limitsAhead(
  state: SiteState,
  node: NodeConfig,
  {
    periods,
    now,
    taken,
    takenW,
  }: { periods: Periods; now: number; taken: Series; takenW: readonly number[] },
): Pick<PlanNode, 'limitA' | 'limitW'> {
  const { voltageV } = state.config;
  const changes = limitChanges(state, node, now);
  const steady = changes.length === 0 ? [nodeCapacity(state, node, now)] : null;
  const perPhase: [(number | null)[], (number | null)[], (number | null)[]] = [[], [], []];
  const watts: (number | null)[] = [];
  for (let t = 0; t < periods.count; t++) {
    const all = steady ?? momentsOf(periods, t, { now, changes }).map((at) => nodeCapacity(state, node, at));
    const off = taken[t] ?? ZERO;
    for (const phase of PHASES)
      perPhase[phase].push(
        left(Math.min(...all.map((c) => c.perPhase[phase].limitA)), node.reserveA + off[phase]),
      );
    const offW = voltageV * 3 * node.reserveA + (takenW[t] ?? 0);
    watts.push(left(Math.min(...all.map((c) => c.power.limitW)), offW));
  }
  const [a, b, c] = perPhase.map(plain);
  const limitA: PhaseLimits = [a ?? null, b ?? null, c ?? null];
  return { limitA: limitA.every((limit) => limit === null) ? null : limitA, limitW: plain(watts) };
}

const left = (limit: number, off: number): number | null =>
  Number.isFinite(limit) ? Math.max(0, limit - off) : null;
/** One value where it is the same in all periods. */
const plain = (values: readonly (number | null)[]): Limit =>
  values.every((value) => value === values[0]) ? (values[0] ?? null) : values;

/** Moments at which another limit may begin to hold. */
function limitChanges({ envelopes }: SiteState, node: NodeConfig, now: number): readonly number[] {
  const changes: number[] = [];
  for (const envelope of envelopes.values()) {
    if (envelope.node !== node.id || envelopeState(envelope, now) === 'over') continue;
    if (envelope.from !== null) changes.push(envelope.from - ENVELOPE_LEAD_MS);
    if (envelope.to !== null) changes.push(envelope.to);
  }
  return changes.filter((at) => at > now);
}

/** The start of a period, or now where that is later, and the changes within it. */
function momentsOf(
  { from, periodS }: Periods,
  period: number,
  { now, changes }: { readonly now: number; readonly changes: readonly number[] },
): readonly number[] {
  const start = from + period * periodS * 1000;
  const end = start + periodS * 1000;
  const first = Math.max(now, start);
  return [first, ...changes.filter((at) => at > first && at < end)];
}

/**
 * A metered load is what the meter shows in this period, and what the site's habits say of the later ones; a meter
 * that is silent counts at its most for as long as it may be.
 */
function loadAhead(
  state: SiteState,
  node: NodeConfig,
  { count, habits, now }: { count: number; habits: Expected['loadA']; now: number },
): Series {
  const { unmanagedA, unmanagedStale } = unmanagedLoad(state, node, now);
  const { unmanaged } = node;
  const steady = Array.from({ length: count }, () => unmanagedA);
  if (unmanaged.kind !== 'metered' || unmanagedStale) return steady;
  const habit = Object.hasOwn(habits, node.id) ? habits[node.id] : undefined;
  return steady.map((measured, t) => {
    const usual = t === 0 ? null : (habit?.[t] ?? null);
    return usual === null ? measured : mapPhases((p) => Math.min(usual[p], unmanaged.maxA[p]));
  });
}

/** By node: its own and all below it. */
function summedUp({ config }: SiteState, own: readonly Series[], { count }: Periods): readonly Series[] {
  const { paths } = topologyOf(config);
  const sums = config.nodes.map(() => Array.from({ length: count }, (): PerPhase => ZERO));
  config.nodes.forEach(({ id }, index) => {
    for (const up of paths.get(id) ?? []) {
      const sum = sums[up];
      own[index]?.forEach((a, t) => {
        if (sum !== undefined) sum[t] = addPhases(sum[t] ?? ZERO, a);
      });
    }
  });
  return sums;
}

const AFTER_LEASE_MS = 60_000;

/** What connectors without a planned car may be holding at the root, watts by period. */
export function rootHeldW(
  state: SiteState,
  periods: Periods,
  planned: ReadonlySet<ConnectorKey>,
  now: number,
): readonly number[] {
  const [root] = heldByOthers(state, periods, planned, now);
  return root?.watts ?? [];
}

/** What connectors without a planned car may be holding: now, and once the leases that run now are over. */
function heldByOthers(
  state: SiteState,
  { from, periodS, count }: Periods,
  planned: ReadonlySet<ConnectorKey>,
  now: number,
): readonly { readonly currents: Series; readonly watts: readonly number[] }[] {
  const { config } = state;
  const laterAt = now + config.control.leaseS * 1000 + AFTER_LEASE_MS;
  // As in the ledger: what is on one phase that nobody knows counts on each, and once in watts.
  const none = (): { eachA: PerPhase; sumA: number } => ({ eachA: ZERO, sumA: 0 });
  const sums = config.nodes.map(() => ({ now: none(), later: none() }));
  const add = (to: { eachA: PerPhase; sumA: number }, load: Load): void => {
    to.eachA = addPhases(to.eachA, load.eachA);
    to.sumA += sumOfA(load);
  };
  for (const placed of topologyOf(config).connectors) {
    if (planned.has(placed.key)) continue;
    const input = ledgerInput(state, placed);
    const held = { now: countedLoad(input, now), later: countedLoad(input, laterAt) };
    for (const node of placed.path) {
      const sum = sums[node];
      if (sum === undefined) continue;
      add(sum.now, held.now);
      add(sum.later, held.later);
    }
  }
  return sums.map((sum) => {
    const of = Array.from({ length: count }, (_, t) =>
      from + t * periodS * 1000 >= laterAt ? sum.later : sum.now,
    );
    return { currents: of.map(({ eachA }) => eachA), watts: of.map(({ sumA }) => config.voltageV * sumA) };
  });
}

/** The lines of the node's transformer, less what flows there beside what is planned. */
function cutsOf({ config }: SiteState, index: number, beside: Series): readonly PlanCut[] {
  const lines = transformerLines(config).filter(({ node }) => node === index);
  if (lines.length === 0) return [];
  const secondary = mapPhases(
    (p) => lines.find(({ side, phase }) => side === 'secondary' && phase === p)?.capacityA ?? Number.NaN,
  );
  const limitOf = (p: 0 | 1 | 2): number | null => (Number.isNaN(secondary[p]) ? null : secondary[p]);
  const cuts = [
    ...lineCuts([limitOf(0), limitOf(1), limitOf(2)]),
    ...lines.filter(({ side }) => side === 'primary').flatMap(primaryCuts),
  ];
  return cuts.map(({ onPhase, maxA }) => ({
    onPhase,
    maxA: beside.map((a) =>
      Math.max(0, Number(maxA) - onPhase[0] * a[0] - onPhase[1] * a[1] - onPhase[2] * a[2]),
    ),
  }));
}

/**
 * Directions of the legs in which a primary line is touched: all three alike, each alone, and two at a time. Not
 * where two are equal: the line has an edge there.
 */
const DIRECTIONS: readonly PerPhase[] = [
  [1, 1, 1],
  ...[0, 0.15, 0.35, 0.6, 0.9, 1.1, 1.7, 3, 7, Number.POSITIVE_INFINITY].flatMap(
    (ratio): readonly PerPhase[] => {
      const [one, other] = ratio === Number.POSITIVE_INFINITY ? [0, 1] : [1, ratio];
      return [
        [one, other, 0],
        [0, one, other],
        [other, 0, one],
      ];
    },
  ),
];
const STEP = 1e-6;

/**
 * Tangents of a primary line: what the line keeps, they let through, and a hair more between the points where they
 * touch. That is for a plan only; what is given keeps the line itself.
 */
function primaryCuts(line: TransformerLine): readonly PlanCut[] {
  return DIRECTIONS.map((legs) => {
    const atA = lineCurrentA(line, legs);
    // The current is a norm of the legs that only rises with each: its slope in a direction touches it from below.
    const slope = mapPhases((p) => {
      const more = mapPhases((q) => legs[q] + (p === q ? STEP : 0));
      return Math.max(0, (lineCurrentA(line, more) - atA) / STEP);
    });
    return { onPhase: slope, maxA: line.capacityA };
  });
}
