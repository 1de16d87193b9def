// The live page at `/`: static files that tell nothing of any site.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import { problem, refuse } from '../web/problem.js';
import type { ApiApp, RouteContext } from './context.js';

export function pageRoutes(app: ApiApp, { deps }: RouteContext): void {
  const directory = deps.assetsDirectory;
  if (directory === undefined || !existsSync(join(directory, 'index.html'))) {
    app.get('/', { config: { access: 'public' }, schema: { hide: true } }, async (_request, reply) =>
      refuse(
        reply,
        problem('page-not-built', 'Build it with "npm run build"; the API itself is described at /docs.'),
      ),
    );
    return;
  }
  app.register(async (inner) => {
    inner.addHook('onRoute', (route) => {
      route.config = { ...route.config, access: 'public' };
    });
    await inner.register(fastifyStatic, { root: directory, dotfiles: 'ignore', index: ['index.html'] });
  });
}
