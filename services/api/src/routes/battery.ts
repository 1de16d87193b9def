// What the site's battery says that it holds: plans begin with it.

import { z } from 'zod';
import { batteryAnswerSchema, batteryBodySchema } from '../schema/battery.js';
import { siteParam } from '../schema/common.js';
import { problems } from '../schema/problem.js';
import { findSite } from '../web/find.js';
import { problem, refuse } from '../web/problem.js';
import { iso } from '../wire/site-wire.js';
import type { ApiApp, RouteContext } from './context.js';

export function batteryRoutes(app: ApiApp, { deps, publisher, newId }: RouteContext): void {
  app.put(
    '/api/v1/sites/:siteId/battery',
    {
      config: { access: 'operate', isReading: true },
      schema: {
        tags: ['loads'],
        summary: "Report the battery's level",
        description:
          'For a site whose plan has a battery. From then on the level is reckoned as if the battery followed the plan, until it is told again; a battery that never tells is taken to begin with its reserve.',
        params: z.object({ siteId: siteParam }),
        body: batteryBodySchema,
        response: { 200: batteryAnswerSchema, ...problems(404, 409, 415, 503) },
      },
    },
    async ({ params: { siteId: id }, body }, reply) => {
      const found = findSite(deps, id);
      if (!found.ok) return refuse(reply, found.error);
      const { site, config } = found.value;
      const battery = config.plan?.battery ?? null;
      if (battery === null)
        return refuse(reply, problem('no-battery', `The site file of "${site}" has no \`plan.battery\`.`));
      const { capacityWh } = battery;
      const storedWh = body.storedWh ?? ((body.percent ?? 0) / 100) * capacityWh;
      if (storedWh > capacityWh) {
        const message = `expected at most the battery's capacity, ${capacityWh} Wh`;
        const errors = [{ in: 'body' as const, path: '/storedWh', message }];
        return refuse(reply, problem('invalid-request', `/storedWh: ${message}.`, { errors }));
      }
      const at = deps.clock.now();
      const event = { type: 'BatteryLevelReported', data: { site, storedWh } } as const;
      const position = await publisher.publishAndSettle({ site, event, id: newId(), at });
      return { site, storedWh, capacityWh, heardAt: iso(at), position };
    },
  );
}
