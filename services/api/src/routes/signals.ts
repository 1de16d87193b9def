// Prices, emissions and photovoltaics to come: what plans are made by.

import { signalKey, signalOverAt } from '@ampledger/domain';
import { z } from 'zod';
import { positionField, siteParam } from '../schema/common.js';
import { sourceParam } from '../schema/envelope.js';
import { problems } from '../schema/problem.js';
import {
  signalAnswerSchema,
  signalBodySchema,
  signalListSchema,
  signalParam,
  valueFault,
  whyUnused,
} from '../schema/signal.js';
import { findSite } from '../web/find.js';
import { problem, refuse } from '../web/problem.js';
import { iso } from '../wire/site-wire.js';
import type { ApiApp, RouteContext } from './context.js';

const SIGNALS_URL = '/api/v1/sites/:siteId/signals';
const URL = `${SIGNALS_URL}/:signal` as const;
const params = z.object({ siteId: siteParam, signal: signalParam });

export function signalRoutes(app: ApiApp, context: RouteContext): void {
  listRoute(app, context);
  setRoute(app, context);
  removeRoute(app, context);
}

function listRoute(app: ApiApp, { deps }: RouteContext): void {
  app.get(
    SIGNALS_URL,
    {
      config: { access: 'read' },
      schema: {
        tags: ['signals'],
        summary: 'What is announced',
        params: z.object({ siteId: siteParam }),
        response: { 200: signalListSchema, ...problems(404) },
      },
    },
    async ({ params: { siteId: id } }, reply) => {
      const site = findSite(deps, id);
      if (!site.ok) return refuse(reply, site.error);
      const signals = [...site.value.signals.values()].map((signal) => ({
        ...{ source: signal.source, signal: signal.signal },
        ...{ from: iso(signal.from), to: iso(signalOverAt(signal)) },
        ...{ periodS: signal.periodS, values: signal.values, heardAt: iso(signal.heardAt) },
      }));
      return { signals, position: site.value.position };
    },
  );
}

function setRoute(app: ApiApp, { deps, publisher, newId }: RouteContext): void {
  app.put(
    URL,
    {
      config: { access: 'envelopes' },
      schema: {
        tags: ['signals'],
        summary: 'Announce prices, emissions or photovoltaics',
        description:
          'One figure for each period from an instant on. It replaces all that the same source said of the signal before; of several sources the one heard last holds.',
        params,
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
      const at = deps.clock.now();
      const note = whyUnused(site.value, data, at);
      const position = await publisher.publishAndSettle({ site: data.site, event, id: newId(), at });
      return {
        ...{ site: data.site, source, signal, from: iso(from), to: iso(signalOverAt(data)), periodS },
        ...{ periods: values.length, note, position },
      };
    },
  );
}

function removeRoute(app: ApiApp, { deps, publisher, newId }: RouteContext): void {
  app.delete(
    URL,
    {
      config: { access: 'envelopes' },
      schema: {
        tags: ['signals'],
        summary: 'Take an announcement back',
        description: 'What other sources said of the signal holds again, or the site file.',
        params,
        querystring: z.strictObject({ source: sourceParam.default('api') }),
        response: {
          200: z.object({ position: positionField }).describe('The signal is removed'),
          ...problems(404, 503),
        },
      },
    },
    async ({ params: { siteId: id, signal }, query: { source }, body }, reply) => {
      if (body !== undefined && body !== null)
        return refuse(
          reply,
          problem(
            'invalid-request',
            'A DELETE has no body here; name the source in the address: ?source=ID.',
          ),
        );
      const found = findSite(deps, id);
      if (!found.ok) return refuse(reply, found.error);
      const { site, signals } = found.value;
      if (!signals.has(signalKey(source, signal)))
        return refuse(reply, problem('unknown-signal', `"${source}" has announced no ${signal}.`));
      const event = { type: 'SignalRemoved', data: { site, source, signal } } as const;
      const write = { site, event, id: newId(), at: deps.clock.now() };
      return { position: await publisher.publishAndSettle(write) };
    },
  );
}
