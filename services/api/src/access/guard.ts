// Decides for each request whether it may go on. A route that names no access is the operator's.

import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ApiDeps } from '../deps.js';
import { type Problem, problem, refuse } from '../web/problem.js';
import { createFailureThrottle, type FailureThrottle } from './failure-throttle.js';
import { type ApiToken, hashToken, type Role } from './token.js';

/** `public` is for what tells nothing of any site: health, the page's files, the API's description. */
export type Access = 'public' | 'read' | 'envelopes' | 'operate';

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
  }
  interface FastifyRequest {
    /** The name of the token that the request came with. */
    tokenName: string | null;
  }
}

const MAY: { readonly [R in Role]: readonly Access[] } = {
  operator: ['read', 'envelopes', 'operate'],
  utility: ['read', 'envelopes'],
  analyst: ['read'],
};

/** Longer ones are refused unread: a token has 47 characters. */
const AUTHORIZATION_CHARS_MAX = 200;

export function installGuard(app: FastifyInstance, deps: Pick<ApiDeps, 'tokens' | 'clock' | 'log'>): void {
  const { tokens, log } = deps;
  app.decorateRequest('tokenName', null);
  if (tokens === null) {
    app.addHook('onRequest', async (request, reply) => {
      if (!isLoopbackName(request.headers.host)) return refuse(reply, WRONG_HOST);
    });
    return;
  }
  const throttle = createFailureThrottle(deps.clock);
  app.addHook('onRequest', async (request, reply) => {
    const access = request.is404 ? 'public' : (request.routeOptions.config.access ?? 'operate');
    if (access === 'public') return;
    const token = tokenOf(request, tokens);
    if (token === undefined) {
      const refused = unauthorized(request, throttle, log);
      return refuse(reply.header('www-authenticate', 'Bearer realm="ampledger"'), refused);
    }
    request.tokenName = token.name;
    if (!MAY[token.role].includes(access)) {
      return refuse(
        reply,
        problem('not-allowed', `The token ${token.name} has the role ${token.role}, which may not do this.`),
      );
    }
  });
}

const WRONG_HOST = problem(
  'wrong-host',
  'Without API tokens the API answers to localhost, 127.0.0.1 and [::1] only: a page from elsewhere must not reach it by a name of its own.',
);

const LOOPBACK_NAME = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/i;
export const isLoopbackName = (host: string | undefined): boolean =>
  host !== undefined && LOOPBACK_NAME.test(host);

/** Every token is compared, in constant time each, whatever the outcome. */
function tokenOf(request: FastifyRequest, tokens: readonly ApiToken[]): ApiToken | undefined {
  const header = request.headers.authorization;
  if (header === undefined || header.length > AUTHORIZATION_CHARS_MAX) return undefined;
  const presented = /^Bearer +([A-Za-z0-9._~+/=-]+)$/i.exec(header)?.[1];
  if (presented === undefined) return undefined;
  const hash = hashToken(presented);
  return tokens.filter((token) => timingSafeEqual(token.hash, hash))[0];
}

function unauthorized(request: FastifyRequest, throttle: FailureThrottle, log: ApiDeps['log']): Problem {
  // A request without any token is a page that has to ask for one: it guesses nothing.
  if (request.headers.authorization === undefined) {
    return problem('token-required', 'Send an API token: "Authorization: Bearer <token>".');
  }
  const { waitS, count } = throttle.failed(request.ip);
  if (waitS > 0) {
    return problem('too-many-failures', `Try again in ${waitS} s.`, { retryAfterS: waitS });
  }
  log.warn({ remote: request.ip, failures: count, route: request.routeOptions.url }, 'API token refused');
  return problem('token-required', 'The API token is not known.');
}
