// Measured load that the engine does not control, as a building's meter reports it.

import { evenly, mapPhases, type PerPhase } from '@ampledger/kernel';
import { z } from 'zod';
import { nodeParam, siteParam } from '../schema/common.js';
import { loadAnswerSchema, loadBodySchema } from '../schema/envelope.js';
import { problems } from '../schema/problem.js';
import { findNode, findSite } from '../web/find.js';
import { problem, refuse } from '../web/problem.js';
import type { ApiApp, RouteContext } from './context.js';

export function loadRoutes(app: ApiApp, { deps, publisher, newId }: RouteContext): void {
  app.put(
    '/api/v1/sites/:siteId/nodes/:nodeId/load',
    {
      config: { access: 'operate', isReading: true },
      schema: {
        tags: ['loads'],
        summary: 'Report unmanaged load',
        description:
          'For a node whose unmanaged load is metered in the site file. A meter that stays silent longer than the file allows counts as its full load.',
        params: z.object({ siteId: siteParam, nodeId: nodeParam }),
        body: loadBodySchema,
        response: { 200: loadAnswerSchema, ...problems(404, 409, 415, 503) },
      },
    },
    async ({ params: { siteId: id, nodeId }, body }, reply) => {
      const site = findSite(deps, id);
      if (!site.ok) return refuse(reply, site.error);
      const node = findNode(site.value, nodeId);
      if (!node.ok) return refuse(reply, node.error);
      const config = site.value.config;
      if (config.nodes.find((known) => known.id === node.value)?.unmanaged.kind !== 'metered') {
        return refuse(
          reply,
          problem('not-metered', `The site file gives the node "${node.value}" no metered unmanaged load.`),
        );
      }
      const loadA = body.currentA ?? amperesOf(body.powerW ?? 0, config.voltageV);
      const data = { site: site.value.site, node: node.value, loadA };
      const event = { type: 'NodeLoadMeasured', data } as const;
      const write = { site: data.site, event, id: newId(), at: deps.clock.now() };
      return { ...data, position: await publisher.publishAndSettle(write) };
    },
  );
}

/** One figure is the sum of the phases, taken as even. */
const amperesOf = (powerW: number | PerPhase, voltageV: number): PerPhase =>
  typeof powerW === 'number' ? evenly(powerW / 3 / voltageV) : mapPhases((phase) => powerW[phase] / voltageV);
