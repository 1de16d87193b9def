// A plan as it goes over HTTP.

import type { PlanData } from '@ampledger/domain';
import { iso } from './site-wire.js';

/** End of the last period, epoch milliseconds: the longest series counts. A plan without any ends where it begins. */
export function planEndsAt({ from, periodS, sessions, batteryW }: PlanData): number {
  const periods = Math.max(batteryW?.length ?? 0, ...sessions.map(({ limitA }) => limitA.length), 0);
  return from + periods * periodS * 1000;
}

/** Without what only the engine needs: the basis and epoch of the decision. */
export const planToWire = (plan: PlanData) => ({
  site: plan.site,
  at: iso(plan.at),
  from: iso(plan.from),
  to: iso(planEndsAt(plan)),
  periodS: plan.periodS,
  status: plan.status,
  objective: plan.objective,
  sessions: plan.sessions,
  batteryW: plan.batteryW,
});
