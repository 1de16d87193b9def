// Envelopes: how an operator or a utility caps a site or a node, now or for a span of time.

import type { EnvelopeData } from '@ampledger/domain';
import { envelopeKey } from '@ampledger/domain';
import { z } from 'zod';
import { nodeParam, positionField, siteParam } from '../schema/common.js';
import { envelopeAnswerSchema, envelopeBodySchema, envelopeOf, sourceParam } from '../schema/envelope.js';
import { problems } from '../schema/problem.js';
import { findNode, findSite } from '../web/find.js';
import { problem, refuse } from '../web/problem.js';
import { iso, isoOrNull } from '../wire/site-wire.js';
import type { ApiApp, RouteContext } from './context.js';

const URL = '/api/v1/sites/:siteId/envelopes/:source';
const params = z.object({ siteId: siteParam, source: sourceParam });

export function envelopeRoutes(app: ApiApp, context: RouteContext): void {
  setRoute(app, context);
  removeRoute(app, context);
}

function setRoute(app: ApiApp, { deps, publisher, newId }: RouteContext): void {
  app.put(
    URL,
    {
      config: { access: 'envelopes' },
      schema: {
        tags: ['envelopes'],
        summary: 'Cap a site or a node',
        description:
          'Sets the envelope of this source at this node; the tightest of all envelopes holds. The same request again is a sign of life of the source: without one for `silenceS`, the fallback holds.',
        params,
        body: envelopeBodySchema,
        response: { 200: envelopeAnswerSchema, ...problems(404, 415, 503) },
      },
    },
    async ({ params: { siteId: id, source }, body }, reply) => {
      const site = findSite(deps, id);
      if (!site.ok) return refuse(reply, site.error);
      const node = findNode(site.value, body.node);
      if (!node.ok) return refuse(reply, node.error);
      const at = deps.clock.now();
      const data = envelopeOf(body, { site: site.value.site, source, node: node.value, heardAt: at });
      const event = { type: 'EnvelopeSet', data } as const;
      const position = await publisher.publishAndSettle({ site: data.site, event, id: newId(), at });
      return { envelope: envelopeToWire(data), position };
    },
  );
}

function removeRoute(app: ApiApp, { deps, publisher, newId }: RouteContext): void {
  app.delete(
    URL,
    {
      config: { access: 'envelopes' },
      schema: {
        tags: ['envelopes'],
        summary: 'Lift a cap',
        params,
        querystring: z.strictObject({ node: nodeParam.optional() }),
        response: {
          200: z.object({ position: positionField }).describe('The envelope is removed'),
          ...problems(404, 503),
        },
      },
    },
    async ({ params: { siteId: id, source }, query }, reply) => {
      const site = findSite(deps, id);
      if (!site.ok) return refuse(reply, site.error);
      const node = findNode(site.value, query.node);
      if (!node.ok) return refuse(reply, node.error);
      if (!site.value.envelopes.has(envelopeKey(source, node.value))) {
        return refuse(
          reply,
          problem('unknown-envelope', `"${source}" has set no envelope at the node "${node.value}".`),
        );
      }
      const event = {
        type: 'EnvelopeRemoved',
        data: { site: site.value.site, source, node: node.value },
      } as const;
      const write = { site: site.value.site, event, id: newId(), at: deps.clock.now() };
      return { position: await publisher.publishAndSettle(write) };
    },
  );
}

const envelopeToWire = (envelope: EnvelopeData) => ({
  ...envelope,
  from: isoOrNull(envelope.from),
  to: isoOrNull(envelope.to),
  heardAt: iso(envelope.heardAt),
});
