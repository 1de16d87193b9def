// The event log, by page or as an export.

import { Readable } from 'node:stream';
import { z } from 'zod';
import type { ApiDeps } from '../deps.js';
import { exportLines, readEventPage } from '../events/event-page.js';
import type { EventFilter } from '../events/event-scan.js';
import { EVENT_PAGE_DEFAULT, EVENT_PAGE_MAX, eventQuerySchema, eventSchema } from '../schema/event.js';
import { problems } from '../schema/problem.js';
import { problem, refuse } from '../web/problem.js';
import { sendJson } from '../web/send-json.js';
import { createSlots } from '../web/slots.js';
import { eventToWire } from '../wire/event-wire.js';
import type { ApiApp, RouteContext } from './context.js';

const NDJSON = 'application/x-ndjson';
/** How long an export waits for its reader. */
const STALL_MS = 60_000;

const pageSchema = z.object({
  events: z.array(eventSchema),
  next: z
    .int()
    .nullable()
    .describe(
      'Give it as `after` for the next page; null when the log has no more. A page may hold fewer events than its limit',
    ),
});

const response = {
  200: {
    description:
      'Events in the order of the log. With `Accept: application/x-ndjson` one event a line, without bound',
    content: { 'application/json': { schema: pageSchema }, [NDJSON]: { schema: eventSchema } },
  },
  ...problems(503),
};

export function eventRoutes(app: ApiApp, { deps, limits }: RouteContext): void {
  const exports = createSlots(limits.exportsMax, 'exports of events');
  const pages = createSlots(limits.eventPagesMax, 'searches of events');
  const open = new Set<Readable>();
  app.addHook('preClose', async () => {
    for (const stream of open) stream.destroy();
  });
  app.get(
    '/api/v1/events',
    {
      config: { access: 'read' },
      exposeHeadRoute: false,
      schema: { tags: ['events'], summary: 'Events', querystring: eventQuerySchema, response },
    },
    async ({ query, headers }, reply) => {
      const { limit, ...filter } = query;
      const asLines = wantsLines(headers.accept);
      const size = limit ?? EVENT_PAGE_DEFAULT;
      if (!asLines && (size < 1 || size > EVENT_PAGE_MAX)) return refuse(reply, badLimit);
      const slot = (asLines ? exports : pages).take();
      if (!slot.ok) return refuse(reply, slot.error);
      if (asLines) {
        const stream = exportStream(deps, filter, limit);
        open.add(stream);
        stream.once('end', slot.value);
        stream.once('close', () => {
          open.delete(stream);
          slot.value();
        });
        return reply.type(NDJSON).send(stream as never);
      }
      const bounds = { limit: size, scannedMax: limits.scannedEventsMax };
      const { events, next } = await readEventPage(deps.store, filter, bounds).finally(slot.value);
      return sendJson<z.infer<typeof pageSchema>>(reply, { events: events.map(eventToWire), next });
    },
  );
}

/** Ends, in failure, when its reader takes nothing for too long: it holds one of few places. */
function exportStream({ store, clock }: ApiDeps, filter: EventFilter, limit: number | undefined): Readable {
  async function* watched(): AsyncGenerator<string> {
    for await (const lines of exportLines(store, filter, { limit, format: eventToWire })) {
      const timer = clock.after(STALL_MS, () => stream.destroy());
      try {
        yield lines;
      } finally {
        timer.cancel();
      }
    }
  }
  const stream = Readable.from(watched(), { highWaterMark: 1 });
  return stream;
}

const badLimit = problem(
  'invalid-request',
  `query /limit: a JSON page has 1 to ${EVENT_PAGE_MAX} events; ask for ${NDJSON} to get more.`,
  {
    errors: [{ in: 'query', path: '/limit', message: `expected 1 to ${EVENT_PAGE_MAX}` }],
  },
);

const wantsLines = (accept: string | undefined): boolean =>
  accept?.split(',').some((part) => part.split(';')[0]?.trim().toLowerCase() === NDJSON) ?? false;
