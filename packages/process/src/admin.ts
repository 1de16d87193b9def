// What operators and Kubernetes ask a process: whether it lives, is ready, and what it measures. On a port
// of its own, without tokens, so it listens on loopback unless it is told otherwise.

import { type FastifyInstance, type FastifyReply, fastify } from 'fastify';
import { cannotListen } from './exit.js';
import type { Liveness, Readiness } from './health.js';

export interface AdminOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly live: () => Liveness;
  readonly ready: () => Readiness;
  readonly metricsText: () => Promise<string>;
  /** Further paths, answered as JSON: `/partitions`. */
  readonly routes?: Readonly<Record<string, () => unknown>>;
}

export interface Admin {
  readonly port: number;
  /** At once, whoever is connected. */
  close(): Promise<void>;
}

const CONNECTIONS_MAX = 64;
const BODY_BYTES_MAX = 1024;
const REQUEST_MS_MAX = 5_000;
const PROMETHEUS_TEXT = 'text/plain; version=0.0.4; charset=utf-8';

export async function startAdmin(options: AdminOptions): Promise<Admin> {
  const { host, port } = options;
  const server = fastify({
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_MS_MAX,
    keepAliveTimeout: 30_000,
    forceCloseConnections: true,
  });
  server.server.maxConnections = CONNECTIONS_MAX;
  addRoutes(server, options);
  try {
    await server.listen({ host, port });
  } catch (error) {
    await server.close();
    throw cannotListen(error, { what: 'probes and metrics', host, port, option: '--admin-port' });
  }
  const address = server.server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () => server.close(),
  };
}

function addRoutes(server: FastifyInstance, { live, ready, metricsText, routes = {} }: AdminOptions): void {
  server.addHook('onSend', async (_request, reply) => {
    void reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff');
  });
  server.get('/livez', async (_request, reply) => {
    const { live: isLive, reasons } = live();
    return isLive ? { live: true } : refuse(reply, { live: false, reasons });
  });
  server.get('/readyz', async (_request, reply) => {
    const { ready: isReady, reasons } = ready();
    return isReady ? { ready: true } : refuse(reply, { ready: false, reasons });
  });
  server.get('/metrics', async (_request, reply) => reply.type(PROMETHEUS_TEXT).send(await metricsText()));
  for (const [path, read] of Object.entries(routes)) server.get(path, async () => read());
}

function refuse(reply: FastifyReply, body: object): object {
  void reply.status(503).header('retry-after', '1');
  return body;
}
