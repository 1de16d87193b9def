// What becomes of a plan that was asked for: a count and a time, and a line in the log for the first of those in a
// row that did not come about.

import type { Metrics } from '@ampledger/api';
import type { SiteId } from '@ampledger/kernel';
import type { PlanReport } from '@ampledger/optimizer';
import type { Log } from './log.js';
import { PLAN_SECONDS, PLANS } from './metrics.js';

export function plannedTo(metrics: Pick<Metrics, 'count' | 'observe'>, log: Pick<Log, 'warn'>) {
  return (site: SiteId, { outcome, tookMs, reason, failures }: PlanReport): void => {
    metrics.count(PLANS, { site, outcome });
    metrics.observe(PLAN_SECONDS, tookMs / 1000, { site });
    if (failures === 1)
      log.warn({ site, outcome, reason }, 'There is no plan; the one before holds, then policy alone');
  };
}
