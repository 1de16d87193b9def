// The live stream: server-sent events over fetch or EventSource.

import { siteId } from '@ampledger/kernel';
import { z } from 'zod';
import { createLiveClient } from '../live/live-client.js';
import { createLiveHub } from '../live/live-hub.js';
import { responseSink } from '../live/sink.js';
import { onlyFields, siteParam } from '../schema/common.js';
import { problems } from '../schema/problem.js';
import { findSite } from '../web/find.js';
import { problem, refuse } from '../web/problem.js';
import type { ApiApp, RouteContext } from './context.js';

const STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  // A proxy that collects the answer would keep it for ever.
  'x-accel-buffering': 'no',
  // Nothing follows a stream on its connection, so that closing need not wait for the client.
  connection: 'close',
};

const schema = {
  tags: ['live'],
  summary: 'The live stream',
  description:
    'Server-sent events. `event: site` has a Site, on connecting and then at most once a second for each site that changed. `event: event` has an Event and its position as id; with `Last-Event-ID` the stream goes on after that position, from the log. A client that reads too slowly is dropped and may resume.',
  querystring: onlyFields({ site: siteParam.optional().describe('Only this site') }),
  headers: z.object({
    'last-event-id': z
      .string()
      .regex(/^\d{1,15}$/, 'expected the id of an event of this stream')
      .optional()
      .describe('Position to go on after'),
  }),
  response: {
    200: {
      description: 'The stream; it has no end',
      content: { 'text/event-stream': { schema: z.string() } },
    },
    ...problems(404, 503),
  },
};

export function liveRoutes(app: ApiApp, { deps, limits }: RouteContext): void {
  const hub = createLiveHub(deps);
  app.addHook('preClose', async () => hub.close());
  app.get(
    '/api/v1/live',
    { config: { access: 'read', isStream: true }, exposeHeadRoute: false, schema },
    async ({ query, headers }, reply) => {
      const site = query.site === undefined ? undefined : siteId(query.site);
      if (site !== undefined) {
        const found = findSite(deps, site);
        if (!found.ok) return refuse(reply, found.error);
      }
      if (hub.size >= limits.liveClientsMax) return refuse(reply, tooMany(limits.liveClientsMax));
      reply.hijack();
      reply.raw.writeHead(200, { ...reply.getHeaders(), ...STREAM_HEADERS } as Record<string, string>);
      reply.raw.flushHeaders();
      const sink = responseSink(reply.raw, deps.clock);
      const client = createLiveClient({ ...deps, sink, site, bufferBytesMax: limits.liveBufferBytesMax });
      sink.onClose(() => hub.leave(client));
      hub.join(client);
      const lastId = headers['last-event-id'];
      if (lastId === undefined) return reply;
      await client.resume(Number(lastId)).catch((failure: unknown) => {
        deps.log.error({ err: failure }, 'a live stream could not be resumed');
        sink.drop();
      });
      return reply;
    },
  );
}

const tooMany = (max: number) =>
  problem('busy', `At most ${max} live streams are open at once; try again.`, { retryAfterS: 5 });
