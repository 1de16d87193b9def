// Stations of all sites.

import { siteView } from '@ampledger/domain';
import { z } from 'zod';
import { onlyFields, siteParam, stationParam } from '../schema/common.js';
import { answer, problems } from '../schema/problem.js';
import { stationSchema } from '../schema/site.js';
import { allStates, findSite, findStation } from '../web/find.js';
import { refuse } from '../web/problem.js';
import { stationToWire } from '../wire/site-wire.js';
import type { ApiApp, RouteContext } from './context.js';

export function stationRoutes(app: ApiApp, { deps }: RouteContext): void {
  app.get(
    '/api/v1/stations',
    {
      config: { access: 'read' },
      schema: {
        tags: ['stations'],
        summary: 'The stations',
        querystring: onlyFields({ site: siteParam.optional().describe('Only stations of this site') }),
        response: {
          200: z
            .object({ stations: z.array(stationSchema) })
            .describe('Stations in the order of the site files'),
          ...problems(404),
        },
      },
    },
    async ({ query: { site } }, reply) => {
      const asked = site === undefined ? null : findSite(deps, site);
      if (asked?.ok === false) return refuse(reply, asked.error);
      const states = asked === null ? allStates(deps) : [asked.value];
      const views = states.map((state) => siteView(state, deps.clock.now()));
      return { stations: views.flatMap(({ stations }) => stations.map(stationToWire)) };
    },
  );
  app.get(
    '/api/v1/stations/:stationId',
    {
      config: { access: 'read' },
      schema: {
        tags: ['stations'],
        summary: 'A station',
        params: z.object({ stationId: stationParam }),
        response: { 200: answer('The station now', stationSchema), ...problems(404) },
      },
    },
    async ({ params: { stationId } }, reply) => {
      const found = findStation(deps, stationId);
      return found.ok ? stationToWire(found.value.station) : refuse(reply, found.error);
    },
  );
}
