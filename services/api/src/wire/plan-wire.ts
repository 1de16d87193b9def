// A plan as it goes over HTTP.

import type { PlanData } from '@ampledger/domain';
import { iso } from './site-wire.js';

/** End of the last period, epoch milliseconds. */
export const planEndsAt = ({ from, periodS, periods }: PlanData): number => from + periods * periodS * 1000;

/** Without what only the engine needs: the basis and epoch of the decision, the plan before, what is kept free. */
export const planToWire = (plan: PlanData) => ({
  site: plan.site,
  at: iso(plan.at),
  from: iso(plan.from),
  to: iso(planEndsAt(plan)),
  periodS: plan.periodS,
  periods: plan.periods,
  status: plan.status,
  objective: plan.objective,
  energyCost: plan.energyCost,
  demandCost: plan.demandCost,
  sessions: plan.sessions.map(({ connector, session, first, limitA, unservedWh }) => ({
    connector,
    session,
    first,
    limitA,
    unservedWh,
  })),
  batteryW: plan.battery?.powerW ?? null,
});
