// A plan and the event that says it: the same currents, both ways.

import { type EventData, ledgerInput, type SiteState, topologyOf } from '@ampledger/domain';
import type { ConnectorKey } from '@ampledger/kernel';
import { limits, NO_LIMIT, series } from './plan/by-period.js';
import type { Plan, PlanProblem } from './plan/index.js';
import { wholeCurrents } from './plan/whole.js';
import { planSessionId, settable } from './plan-cars.js';
import { rootHeldW } from './plan-nodes.js';
import { plannedAt } from './planned.js';
import { type Stay, stayOf } from './stay.js';

type PlanMade = EventData<'PlanMade'>;

/** What of the state a plan is recorded with, as it was when the plan was asked for: a state changes in place. */
export interface PlanBasis {
  readonly at: number;
  readonly basis: number;
  readonly epoch: number;
  readonly sessions: ReadonlyMap<
    string,
    Pick<PlanMade['sessions'][number], 'connector' | 'session' | 'beforeA' | 'assumed'>
  >;
  readonly measuredAt: number | null;
  readonly outlook: PlanMade['outlook'];
}

export function planBasis(state: SiteState, now: number, problem: PlanProblem): PlanBasis {
  const sessions = topologyOf(state.config).connectors.flatMap((placed) => {
    const input = ledgerInput(state, placed);
    const { session } = input.connector;
    if (session === null) return [];
    const planned = plannedAt(state, placed, input, now);
    const beforeA = planned.kind === 'limit' ? planned.limitA : null;
    const { key: connector } = placed;
    const assumed = assumedOf(stayOf(state, placed, input, now));
    const known = { connector, session: session.id, beforeA, assumed };
    return [[planSessionId(connector, session.id), known] as const];
  });
  const { seq, owners, battery } = state;
  return {
    ...{ at: now, basis: seq, epoch: owners.optimizer?.epoch ?? 0, sessions: new Map(sessions) },
    ...{ measuredAt: battery?.at ?? null, outlook: outlookOf(state, now, problem) },
  };
}

function assumedOf(stay: Stay | null): PlanMade['sessions'][number]['assumed'] {
  if (stay === null) return null;
  const { needs, leavesAt, gridWPerA, carWPerA } = stay;
  const departKnown = needs.departAt !== null && needs.departAt === leavesAt;
  return {
    ...{ departAt: Math.round(leavesAt), departKnown, energyWh: needs.energyWh },
    ...{ wattsPerA: gridWPerA, efficiency: gridWPerA > 0 ? carWPerA / gridWPerA : 1 },
  };
}

/** What of the problem somebody who looks at the plan wants to see beside it. */
function outlookOf(state: SiteState, now: number, problem: PlanProblem): PlanMade['outlook'] {
  const { from, periodS, periods, voltageV, nodes, prices, pv, demand } = problem;
  const [root] = nodes;
  const planned = problem.sessions.map(({ connector }) => connector as ConnectorKey);
  const asked = settable(state, planned, now);
  const heldW = rootHeldW(state, { from, periodS, count: periods }, asked, now);
  const unmanagedA = (root?.unmanagedA ?? []).map((of) => series(of, periods));
  const limitA = root?.limitA?.map((of) => limits(of, periods)) ?? [];
  const limitW = limits(root?.limitW ?? null, periods);
  const byPeriod = (valueAt: (t: number) => number): readonly number[] =>
    Array.from({ length: periods }, (_, t) => valueAt(t));
  const sum = (of: readonly Float64Array[], t: number): number => of.reduce((all, a) => all + (a[t] ?? 0), 0);
  const spread = (values: Float64Array): readonly number[] => byPeriod((t) => hair(values[t] ?? 0));
  const leftW = byPeriod((t) =>
    Math.min(limitW[t] ?? NO_LIMIT, limitA.length === 0 ? NO_LIMIT : voltageV * sum(limitA, t)),
  );
  return {
    limitW: leftW.map((w, t) => (w === NO_LIMIT ? null : Math.round(w + (heldW[t] ?? 0)))),
    otherW: byPeriod((t) => Math.round(voltageV * sum(unmanagedA, t) + (heldW[t] ?? 0))),
    pvW: Array.from(series(pv?.forecastW ?? 0, periods), Math.round),
    importPerKwh: spread(series(prices.importPerKwh, periods)),
    exportPerKwh: spread(series(prices.exportPerKwh, periods)),
    co2KgPerKwh: spread(series(prices.co2KgPerKwh, periods)),
    peakSoFarW: demand === null ? null : Math.round(demand.peakSoFarW),
  };
}

/** Prices as they are written, without what adding up leaves at the end. */
const hair = (value: number): number => Math.round(value * 1e6) / 1e6;

export function planMade(
  site: PlanMade['site'],
  { at, basis, epoch, sessions, measuredAt, outlook }: PlanBasis,
  problem: PlanProblem,
  plan: Plan,
): PlanMade {
  const { from, periodS, periods, status, objective, energyCost, demandCost } = plan;
  const whole = wholeOf(problem, plan);
  return {
    ...{ site, at, basis, epoch, from, periodS, periods, status, objective, energyCost, demandCost },
    sessions: plan.sessions.flatMap(({ id, first, limitA, unservedWh }, i) => {
      const known = sessions.get(id);
      const wholeA = whole[i] ?? null;
      return known === undefined ? [] : [{ ...known, first, limitA, wholeA, unservedWh }];
    }),
    expected: plan.expected.map(({ id, first, limitA, unservedWh }, i) => ({
      ...{ id, first, limitA, unservedWh },
      wattsPerA: problem.expected[i]?.wattsPerA ?? null,
    })),
    battery:
      plan.batteryW === null
        ? null
        : { storedWh: problem.battery?.startWh ?? 0, measuredAt, powerW: plan.batteryW },
    outlook,
  };
}

/** Steps of what is recorded of a current that is followed. */
const TENTHS = 10;
const HAIR = 1e-4;

/** By session: what its connector is to be set to, in tenths of an ampere; null where that is the plan's own. */
export function wholeOf(problem: PlanProblem, plan: Plan): readonly (readonly number[] | null)[] {
  return wholeCurrents(problem, plan).map((whole, i) => {
    const planned = plan.sessions[i]?.limitA ?? [];
    const isPlanned = whole.every((a, k) => Math.abs(a - (planned[k] ?? 0)) < HAIR);
    return isPlanned ? null : whole.map((a) => Math.ceil(a * TENTHS - HAIR) / TENTHS);
  });
}

/** The plan that was recorded. What it expects of the nodes' loads is not. */
export function planOf(made: PlanMade): Plan {
  const { site, from, periodS, periods, status, objective, energyCost, demandCost, expected, battery } = made;
  return {
    ...{ site, from, periodS, periods, status, objective, energyCost, demandCost },
    expected: expected.map(({ wattsPerA: _, ...group }) => group),
    sessions: made.sessions.map(({ connector, session, first, limitA, unservedWh }) => ({
      id: planSessionId(connector as ConnectorKey, session),
      ...{ connector, first, limitA, unservedWh },
    })),
    batteryW: battery?.powerW ?? null,
    nodes: [],
  };
}
