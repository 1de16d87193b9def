// What every route file is given.

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { ApiDeps, ApiLimits } from '../deps.js';
import type { Publisher } from '../web/publish.js';

export type ApiApp = FastifyInstance<
  Server,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

export interface RouteContext {
  readonly deps: ApiDeps;
  readonly limits: ApiLimits;
  readonly publisher: Publisher;
  readonly newId: () => string;
}
