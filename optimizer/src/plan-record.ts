// A plan and the event that says it: the same currents, both ways.

import type { EventData, SiteState } from '@ampledger/domain';
import { ledgerInput, topologyOf } from '@ampledger/domain';
import type { ConnectorKey } from '@ampledger/kernel';
import type { Plan, PlanProblem } from './plan/index.js';
import { planSessionId } from './plan-cars.js';
import { plannedAt } from './planned.js';

type PlanMade = EventData<'PlanMade'>;

/** What of the state a plan is recorded with, as it was when the plan was asked for: a state changes in place. */
export interface PlanBasis {
  readonly at: number;
  readonly basis: number;
  readonly epoch: number;
  readonly sessions: ReadonlyMap<
    string,
    Pick<PlanMade['sessions'][number], 'connector' | 'session' | 'beforeA'>
  >;
}

export function planBasis(state: SiteState, now: number): PlanBasis {
  const sessions = topologyOf(state.config).connectors.flatMap((placed) => {
    const input = ledgerInput(state, placed);
    const { session } = input.connector;
    if (session === null) return [];
    const planned = plannedAt(state, placed, input, now);
    const beforeA = planned.kind === 'limit' ? planned.limitA : null;
    const { key: connector } = placed;
    return [[planSessionId(connector, session.id), { connector, session: session.id, beforeA }] as const];
  });
  const { seq, owners } = state;
  return { at: now, basis: seq, epoch: owners.optimizer?.epoch ?? 0, sessions: new Map(sessions) };
}

export function planMade(
  site: PlanMade['site'],
  { at, basis, epoch, sessions }: PlanBasis,
  problem: PlanProblem,
  plan: Plan,
): PlanMade {
  const { from, periodS, periods, status, objective, energyCost, demandCost } = plan;
  return {
    ...{ site, at, basis, epoch, from, periodS, periods, status, objective, energyCost, demandCost },
    sessions: plan.sessions.flatMap(({ id, first, limitA, unservedWh }) => {
      const known = sessions.get(id);
      return known === undefined ? [] : [{ ...known, first, limitA, unservedWh }];
    }),
    expected: plan.expected.map(({ id, first, limitA, unservedWh }) => ({ id, first, limitA, unservedWh })),
    battery:
      plan.batteryW === null ? null : { storedWh: problem.battery?.startWh ?? 0, powerW: plan.batteryW },
  };
}

/** The plan that was recorded. What it expects of the nodes' loads is not. */
export function planOf(made: PlanMade): Plan {
  const { site, from, periodS, periods, status, objective, energyCost, demandCost, expected, battery } = made;
  return {
    ...{ site, from, periodS, periods, status, objective, energyCost, demandCost, expected },
    sessions: made.sessions.map(({ connector, session, first, limitA, unservedWh }) => ({
      id: planSessionId(connector as ConnectorKey, session),
      ...{ connector, first, limitA, unservedWh },
    })),
    batteryW: battery?.powerW ?? null,
    nodes: [],
  };
}
