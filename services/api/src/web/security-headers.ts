// What browsers are told of every answer: nothing from elsewhere runs in our pages, and no other page frames them.

import type { ApiApp } from '../routes/context.js';

const COMMON_POLICY = "base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self'";
const PAGE_CONTENT_POLICY = `default-src 'self'; img-src 'self' data:; ${COMMON_POLICY}`;
/** Swagger UI writes styles of its own into the page. */
export const DOCS_CONTENT_POLICY = `default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; ${COMMON_POLICY}`;

const HEADERS = {
  'content-security-policy': PAGE_CONTENT_POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

export function installSecurityHeaders(app: ApiApp): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(HEADERS);
    if (request.url.startsWith('/api/')) reply.header('cache-control', 'no-store');
  });
}
