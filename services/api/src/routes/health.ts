// Whether the process lives and is ready, and what it measures.

import { z } from 'zod';
import { problems } from '../schema/problem.js';
import { problem, refuse } from '../web/problem.js';
import type { ApiApp, RouteContext } from './context.js';

export function healthRoutes(app: ApiApp, { deps }: RouteContext): void {
  app.get(
    '/livez',
    {
      config: { access: 'public' },
      schema: {
        tags: ['health'],
        summary: 'Whether the process answers',
        security: [],
        response: { 200: z.object({ live: z.literal(true) }).describe('It does') },
      },
    },
    async () => ({ live: true as const }),
  );
  app.get(
    '/readyz',
    {
      config: { access: 'public' },
      schema: {
        tags: ['health'],
        summary: 'Whether the engine is at work',
        security: [],
        response: { 200: z.object({ ready: z.literal(true) }).describe('It is'), ...problems(503) },
      },
    },
    async (_request, reply) => {
      const { ready, reasons } = deps.ready();
      if (ready) return { ready: true as const };
      return refuse(
        reply,
        problem('not-ready', reasons.join('; '), { members: { reasons }, retryAfterS: 1 }),
      );
    },
  );
  app.get(
    '/metrics',
    {
      config: { access: 'read' },
      schema: {
        tags: ['health'],
        summary: 'Measures for Prometheus',
        response: {
          200: {
            description: 'The Prometheus text format',
            content: { 'text/plain': { schema: z.string() } },
          },
          ...problems(),
        },
      },
    },
    async (_request, reply) =>
      reply.type('text/plain; version=0.0.4; charset=utf-8').send(await deps.metricsText()),
  );
}
