// Sites: their state, now or at any moment of the past, and their configuration.

import { isDeepStrictEqual } from 'node:util';
import { type SiteConfig, type SiteState, siteView } from '@ampledger/domain';
import { err, ok, type Result, siteId } from '@ampledger/kernel';
import { z } from 'zod';
import type { SiteProblem } from '../deps.js';
import { instantMs, onlyFields, positionField, siteParam } from '../schema/common.js';
import { answer, problems } from '../schema/problem.js';
import { type SiteWire, siteSchema, siteSummarySchema } from '../schema/site.js';
import { allStates, findSite } from '../web/find.js';
import { type Problem, problem, refuse } from '../web/problem.js';
import { sendJson } from '../web/send-json.js';
import { createSlots } from '../web/slots.js';
import { siteSummary, siteToWire } from '../wire/site-wire.js';
import type { ApiApp, RouteContext } from './context.js';

const params = z.object({ siteId: siteParam });

export function siteRoutes(app: ApiApp, context: RouteContext): void {
  listRoute(app, context);
  stateRoute(app, context);
  app.register(async (inner) => configureRoute(inner as unknown as ApiApp, context));
}

function listRoute(app: ApiApp, { deps }: RouteContext): void {
  app.get(
    '/api/v1/sites',
    {
      config: { access: 'read' },
      schema: {
        tags: ['sites'],
        summary: 'The sites',
        response: {
          200: z.object({ sites: z.array(siteSummarySchema) }).describe('Every site'),
          ...problems(),
        },
      },
    },
    async () => ({ sites: allStates(deps).map(siteSummary) }),
  );
}

function stateRoute(app: ApiApp, { deps, limits }: RouteContext): void {
  const replays = createSlots(limits.replaysMax, 'replays of the past');
  const stateAt = async (id: string, at: number): Promise<Result<SiteState, Problem>> => {
    if (at > deps.clock.now())
      return err(problem('invalid-request', 'The moment asked for is not in the past.'));
    const slot = replays.take();
    if (!slot.ok) return slot;
    const state = await deps.projection.stateAt(siteId(id), at).finally(slot.value);
    return state === undefined
      ? err(problem('unknown-site', `There was no site "${id}" at ${new Date(at).toISOString()}.`))
      : ok(state);
  };
  app.get(
    '/api/v1/sites/:siteId',
    {
      config: { access: 'read' },
      schema: {
        tags: ['sites'],
        summary: 'The whole state of a site',
        description:
          'Now, or with `at` at any moment of the past, computed by replaying the events up to then.',
        params,
        querystring: onlyFields({ at: instantMs.optional().describe('The moment, default now') }),
        response: { 200: answer('The state at that moment', siteSchema), ...problems(404, 503) },
      },
    },
    async ({ params: { siteId: id }, query: { at } }, reply) => {
      const state = at === undefined ? findSite(deps, id) : await stateAt(id, at);
      if (!state.ok) return refuse(reply, state.error);
      return sendJson<SiteWire>(reply, siteToWire(siteView(state.value, at ?? deps.clock.now())));
    },
  );
}

/** The type of RFC 9512, and the names that were used before it. */
const YAML = ['application/yaml', 'application/x-yaml', 'text/yaml', 'text/x-yaml'];

/** A site file is text to the end: its own reader gives the line of each problem, in YAML and in JSON. */
function configureRoute(app: ApiApp, { deps, limits, publisher, newId }: RouteContext): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    [...YAML, 'application/json'],
    { parseAs: 'string', bodyLimit: limits.siteFileBytesMax },
    (_request, body, done) => done(null, body),
  );
  app.put(
    '/api/v1/sites/:siteId',
    {
      config: { access: 'operate' },
      bodyLimit: limits.siteFileBytesMax,
      schema: {
        tags: ['sites'],
        summary: 'Configure a site',
        description:
          'Takes a site file, as YAML or as JSON. A file with a problem changes nothing; a file that says what holds already changes nothing either.',
        params,
        consumes: ['application/yaml', 'application/json'],
        body: z.string().describe('A site file'),
        response: {
          200: configured('Reconfigured'),
          201: configured('A new site'),
          ...problems(409, 413, 415, 503),
        },
      },
    },
    async ({ params: { siteId: id }, body }, reply) => {
      const config = readConfig(deps, id, body);
      if (!config.ok) return refuse(reply, config.error);
      const before = deps.projection.state(config.value.id);
      if (before !== undefined && isDeepStrictEqual(before.config, config.value)) {
        return { site: id, position: before.position, changed: false };
      }
      const event = { type: 'SiteConfigured', data: { site: config.value, origin: 'api' } } as const;
      const write = { site: config.value.id, event, id: newId(), at: deps.clock.now() };
      const position = await publisher.publishAndSettle(write);
      return reply.code(before === undefined ? 201 : 200).send({ site: id, position, changed: true });
    },
  );
}

const configured = (description: string) =>
  z.object({ site: z.string(), position: positionField, changed: z.boolean() }).describe(description);

function readConfig(deps: RouteContext['deps'], id: string, text: string): Result<SiteConfig, Problem> {
  const parsed = deps.parseSite(text);
  if (!parsed.ok) return err(badFile(parsed.error));
  if (parsed.value.id !== id) {
    return err(
      problem('invalid-request', `The file is of the site "${parsed.value.id}", the path names "${id}".`),
    );
  }
  const elsewhere = parsed.value.stations.filter(({ id: station }) => {
    const site = deps.projection.siteOf(station);
    return site !== undefined && site !== id;
  });
  if (elsewhere.length > 0) {
    const stations = elsewhere.map((station) => station.id).slice(0, 20);
    return err(
      problem('station-elsewhere', `In another site already: ${stations.join(', ')}.`, {
        members: { stations },
      }),
    );
  }
  return ok(parsed.value);
}

function badFile(found: readonly SiteProblem[]): Problem {
  const errors = found.map(({ line, column, path, message, expected }) => ({
    in: 'body' as const,
    path,
    message,
    line,
    column,
    expected,
  }));
  const first = found[0];
  const detail =
    first === undefined
      ? 'It is no site file.'
      : `Line ${first.line}, ${first.path || 'the file'}: ${first.message}`;
  return problem('invalid-site-file', detail, { errors });
}
