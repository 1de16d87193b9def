// Which methods a path of the API takes, so that a wrong method is told from a wrong path (RFC 9110, 15.5.6).

import type { FastifyInstance } from 'fastify';

export type MethodsAt = (path: string) => readonly string[];

/** To be installed before any route. The answer is sorted; none for a path that nothing is at. */
export function watchMethods(app: FastifyInstance): MethodsAt {
  const routes: { readonly segments: readonly string[]; readonly methods: readonly string[] }[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    if (url.startsWith('/api/')) routes.push({ segments: url.split('/'), methods: [method].flat() });
  });
  return (path) => {
    const segments = path.split('/');
    const there = routes.filter((route) => matches(route.segments, segments));
    return [...new Set(there.flatMap(({ methods }) => methods))].sort();
  };
}

const matches = (pattern: readonly string[], segments: readonly string[]): boolean =>
  pattern.length === segments.length &&
  pattern.every((part, i) => (part.startsWith(':') ? segments[i] !== '' : part === segments[i]));
