// Prices, emissions and photovoltaics to come: what plans are made by.

import { z } from 'zod';
import { siteParam } from '../schema/common.js';
import { problems } from '../schema/problem.js';
import { signalAnswerSchema, signalBodySchema, signalParam, valueFault } from '../schema/signal.js';
import { findSite } from '../web/find.js';
import { problem, refuse } from '../web/problem.js';
import { iso } from '../wire/site-wire.js';
import type { ApiApp, RouteContext } from './context.js';

export function signalRoutes(app: ApiApp, { deps, publisher, newId }: RouteContext): void {
  app.put(
    '/api/v1/sites/:siteId/signals/:signal',
    {
      config: { access: 'envelopes' },
      schema: {
        tags: ['signals'],
        summary: 'Announce prices, emissions or photovoltaics',
        description:
          'One figure for each period from an instant on. It replaces all that the same source said of the signal before; of several sources the one heard last holds.',
        params: z.object({ siteId: siteParam, signal: signalParam }),
        body: signalBodySchema,
        response: { 200: signalAnswerSchema, ...problems(404, 415, 503) },
      },
    },
    async ({ params: { siteId: id, signal }, body }, reply) => {
      const site = findSite(deps, id);
      if (!site.ok) return refuse(reply, site.error);
      const fault = valueFault(signal, body.values);
      if (fault !== null) {
        const path = `/values/${fault.index}`;
        const errors = [{ in: 'body' as const, path, message: fault.expected }];
        return refuse(reply, problem('invalid-request', `${path}: ${fault.expected}.`, { errors }));
      }
      const { source, from, periodS, values } = body;
      const data = { site: site.value.site, source, signal, from, periodS, values };
      const event = { type: 'SignalSet', data } as const;
      const write = { site: data.site, event, id: newId(), at: deps.clock.now() };
      const position = await publisher.publishAndSettle(write);
      const to = iso(from + values.length * periodS * 1000);
      return {
        site: data.site,
        source,
        signal,
        from: iso(from),
        to,
        periodS,
        periods: values.length,
        position,
      };
    },
  );
}
