// The HTTP API: fastify with our routes, bounds and checks around them.

import { randomUUID } from 'node:crypto';
import { invariant } from '@ampledger/kernel';
import fastify, { type FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { installGuard } from './access/guard.js';
import { assertMayListen } from './access/loopback.js';
import { type ApiDeps, DEFAULT_LIMITS } from './deps.js';
import { HTTP_SECONDS } from './metrics/metrics.js';
import { batteryRoutes } from './routes/battery.js';
import { callRoutes } from './routes/calls.js';
import type { ApiApp, RouteContext } from './routes/context.js';
import { envelopeRoutes } from './routes/envelopes.js';
import { eventRoutes } from './routes/events.js';
import { healthRoutes } from './routes/health.js';
import { liveRoutes } from './routes/live.js';
import { loadRoutes } from './routes/loads.js';
import { needsRoutes } from './routes/needs.js';
import { pageRoutes } from './routes/page.js';
import { planRoutes } from './routes/plan.js';
import { signalRoutes } from './routes/signals.js';
import { siteRoutes } from './routes/sites.js';
import { stationRoutes } from './routes/stations.js';
import { installErrorHandling, toProblem } from './web/errors.js';
import { registerOpenApi } from './web/openapi.js';
import { refuse } from './web/problem.js';
import { createPublisher } from './web/publish.js';
import { installSecurityHeaders } from './web/security-headers.js';

export const API_PORT_DEFAULT = 8220;
const BODY_BYTES_MAX = 256 * 1024;
const REQUEST_TIMEOUT_MS = 30_000;
/** How long answers that run may take when the API closes; then their connections are cut. */
export const CLOSE_GRACE_MS = 1_000;

export interface Api {
  /**
   * Default `127.0.0.1:8220`; port 0 is any free one. Throws TOKENS_REQUIRED on an address that
   * others can reach when there are no tokens.
   */
  listen(options?: {
    readonly host?: string;
    readonly port?: number;
  }): Promise<{ readonly port: number; readonly url: string }>;
  /** Ends live streams and waiting calls, answers what runs, and is done within about a second. */
  close(): Promise<void>;
  /** A request without a socket. */
  readonly inject: ApiApp['inject'];
  /** The OpenAPI document. */
  openapi(): object;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** An answer without an end: its duration says nothing. */
    isStream?: boolean;
    /** What a device reports all the time: the event log has it, the audit need not. */
    isReading?: boolean;
  }
}

export async function createApi(deps: ApiDeps): Promise<Api> {
  const app = createApp();
  const limits = { ...DEFAULT_LIMITS, ...deps.limits };
  app.server.maxConnections = limits.connectionsMax;
  const context: RouteContext = {
    deps,
    limits,
    publisher: createPublisher(deps),
    newId: deps.newId ?? randomUUID,
  };
  installSecurityHeaders(app);
  installErrorHandling(app, deps.log);
  installGuard(app, deps);
  installMeasure(app, deps);
  installAudit(app, deps);
  await registerOpenApi(app);
  for (const routes of ROUTES) routes(app, context);
  await app.ready();
  return {
    async listen({ host = '127.0.0.1', port = API_PORT_DEFAULT } = {}) {
      assertMayListen(host, deps.tokens);
      const url = await app.listen({ host, port });
      const address = app.server.address();
      invariant(typeof address === 'object' && address !== null, 'a server that listens has an address');
      return { url, port: address.port };
    },
    async close() {
      const grace = deps.clock.after(CLOSE_GRACE_MS, () => app.server.closeAllConnections());
      await app.close();
      grace.cancel();
    },
    inject: app.inject.bind(app) as ApiApp['inject'],
    openapi: () => app.swagger(),
  };
}

const ROUTES = [
  healthRoutes,
  siteRoutes,
  envelopeRoutes,
  loadRoutes,
  needsRoutes,
  signalRoutes,
  batteryRoutes,
  planRoutes,
  stationRoutes,
  callRoutes,
  eventRoutes,
  liveRoutes,
  pageRoutes,
];

function createApp(): ApiApp {
  const app = fastify({
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_TIMEOUT_MS,
    frameworkErrors: (error, _request, reply) => refuse(reply, toProblem(error)),
    forceCloseConnections: 'idle',
    // A station id has at most 48 characters, each of which may be percent-encoded.
    routerOptions: { maxParamLength: 200 },
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.removeContentTypeParser('text/plain');
  installJsonParser(app as unknown as FastifyInstance);
  return app as unknown as ApiApp;
}

/** As fastify's own, but that many clients name a content type with every request: a DELETE has no body. */
function installJsonParser(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (request.method === 'DELETE' && body === '') done(null, undefined);
    else parse(request, String(body), done);
  });
}

function installMeasure(app: ApiApp, { metrics }: ApiDeps): void {
  if (metrics === undefined) return;
  app.addHook('onResponse', async (request, reply) => {
    const { config, url } = request.routeOptions;
    if (config.isStream) return;
    metrics.observe(HTTP_SECONDS, reply.elapsedTime / 1000, {
      method: request.method,
      route: url ?? 'none',
      status: String(reply.statusCode),
    });
  });
}

/** Who asked for a change, of what, and whether it came about. */
function installAudit(app: ApiApp, { log }: ApiDeps): void {
  app.addHook('onResponse', async (request, reply) => {
    if (request.method === 'GET' || request.method === 'HEAD' || request.is404) return;
    const { method, params, tokenName, ip } = request;
    const status = reply.statusCode;
    if (status === 401 || status === 429) return;
    if (request.routeOptions.config.isReading && status === 200) return;
    log.info(
      { method, route: request.routeOptions.url, params, status, token: tokenName, remote: ip },
      'change asked for',
    );
  });
}
