// The plan that the limits follow.

import type { PlanData, SiteState } from '@ampledger/domain';
import { z } from 'zod';
import { siteParam } from '../schema/common.js';
import { planSchema } from '../schema/plan.js';
import { answer, problems } from '../schema/problem.js';
import { findSite } from '../web/find.js';
import { type Problem, problem, refuse } from '../web/problem.js';
import { planEndsAt, planToWire } from '../wire/plan-wire.js';
import type { ApiApp, RouteContext } from './context.js';

export function planRoutes(app: ApiApp, { deps }: RouteContext): void {
  app.get(
    '/api/v1/sites/:siteId/plan',
    {
      config: { access: 'read' },
      schema: {
        tags: ['sites'],
        summary: 'The plan in force',
        description:
          'One row for each period, with prices and the power of everything; and for each connector its current and power in each. Limits follow it where they can.',
        params: z.object({ siteId: siteParam }),
        response: { 200: answer('The plan', planSchema), ...problems(404) },
      },
    },
    async ({ params: { siteId: id } }, reply) => {
      const site = findSite(deps, id);
      if (!site.ok) return refuse(reply, site.error);
      const { plan, position } = site.value;
      const now = deps.clock.now();
      const missing = whyNone(site.value, plan, now);
      if (plan === null || missing !== null)
        return refuse(reply, missing ?? problem('no-plan', 'There is no plan.'));
      return { ...planToWire(site.value, plan, now), position };
    },
  );
}

/** Why there is no plan in force; null when there is one. */
function whyNone({ site, config }: SiteState, plan: PlanData | null, now: number): Problem | null {
  if (config.plan === null)
    return problem('no-plan', `The site file of "${site}" asks for no plan: it has no section \`plan\`.`);
  if (plan === null) return problem('no-plan', `No plan has been made for "${site}" yet.`);
  const endsAt = planEndsAt(plan);
  if (now < endsAt) return null;
  return problem('no-plan', `The last plan for "${site}" ended at ${new Date(endsAt).toISOString()}.`);
}
