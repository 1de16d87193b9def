// Envelopes: how an operator or a utility caps a site or a node, now or for a span of time.

import type { EnvelopeData, SiteState } from '@ampledger/domain';
import { envelopeKey } from '@ampledger/domain';
import type { NodeId } from '@ampledger/kernel';
import { z } from 'zod';
import { nodeParam, onlyFields, positionField, siteParam } from '../schema/common.js';
import { envelopeAnswerSchema, envelopeBodySchema, envelopeOf, sourceParam } from '../schema/envelope.js';
import { problems } from '../schema/problem.js';
import { findNode, findSite } from '../web/find.js';
import { type Problem, problem, refuse } from '../web/problem.js';
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
          'Sets the envelope of this source at this node; the tightest of all envelopes holds. Amperes are those of the breaker: per phase, or per line where the wiring is `delta`. The same request again is a sign of life of the source: without one for `silenceS`, the fallback holds.',
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
      if (body.to !== undefined && body.to <= at) return refuse(reply, over(body.to, at));
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
        description:
          'Removes the envelope of this source at the node of the query, by default the grid connection; 404 when it has none there.',
        params,
        querystring: onlyFields({ node: nodeParam.optional() }),
        response: {
          200: z.object({ position: positionField }).describe('The envelope is removed'),
          ...problems(404, 503),
        },
      },
    },
    async ({ params: { siteId: id, source }, query, body }, reply) => {
      if (body !== undefined && body !== null) return refuse(reply, WITH_BODY);
      const site = findSite(deps, id);
      if (!site.ok) return refuse(reply, site.error);
      const node = findNode(site.value, query.node);
      if (!node.ok) return refuse(reply, node.error);
      if (!site.value.envelopes.has(envelopeKey(source, node.value))) {
        return refuse(reply, unknownEnvelope(site.value, source, node.value));
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

/** Such a cap would never hold, whatever its sender believes. */
function over(to: number, now: number): Problem {
  const message = `expected an instant after now, which is ${iso(now)}: ${iso(to)} is over`;
  return problem('invalid-request', `to: ${message}.`, { errors: [{ in: 'body', path: '/to', message }] });
}

/** A body may name a node: lifting that of the grid connection instead would raise the whole site. */
const WITH_BODY = problem(
  'invalid-request',
  'A DELETE has no body here; name a node other than the grid connection in the address: ?node=ID.',
);

function unknownEnvelope({ envelopes }: SiteState, source: string, node: NodeId): Problem {
  const elsewhere = [...envelopes.values()].filter((one) => one.source === source).map((one) => one.node);
  const [first] = elsewhere;
  const where =
    first === undefined
      ? 'nor at any other node'
      : `but at ${elsewhere.join(', ')}: name the node, ?node=${first}`;
  return problem('unknown-envelope', `"${source}" has set no envelope at the node "${node}", ${where}.`);
}

const envelopeToWire = (envelope: EnvelopeData) => ({
  ...envelope,
  from: isoOrNull(envelope.from),
  to: isoOrNull(envelope.to),
  heardAt: iso(envelope.heardAt),
});
