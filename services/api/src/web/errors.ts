// What fastify, the schemas and the ports throw, told as problems. Nothing of an unexpected
// error's message reaches the client: it may name paths or data.

import { CodedError } from '@ampledger/kernel';
import type { FastifyError, FastifyInstance } from 'fastify';
import type { Log } from '../deps.js';
import { watchMethods } from './methods.js';
import { type Problem, type ProblemItem, problem, refuse } from './problem.js';

const PART = { body: 'body', querystring: 'query', params: 'path', headers: 'headers' } as const;

export function installErrorHandling(app: FastifyInstance, log: Log): void {
  const methodsAt = watchMethods(app);
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const told = toProblem(error, request.routeOptions.schema?.consumes);
    if (told.kind === 'internal-error' || told.kind === 'unavailable') {
      log.error({ err: error, method: request.method, route: request.routeOptions.url }, 'request failed');
    }
    return refuse(reply, told);
  });
  app.setNotFoundHandler(({ method, url }, reply) => {
    const [path = ''] = url.split('?');
    const methods = methodsAt(path);
    if (methods.length === 0) return refuse(reply, nothingAt(method, path));
    const allowed = methods.join(', ');
    reply.header('allow', allowed);
    return refuse(reply, problem('wrong-method', `${path} takes ${allowed}, not ${method}.`));
  });
}

/** The slash of a connector ends a part of the path. */
const PLAIN_CONNECTOR = /^(\/api\/v1\/sites\/[^/]+\/connectors\/[^/]+)\/(\d+)\/([^/]+)$/;

function nothingAt(method: string, path: string): Problem {
  const [, station, evse, rest] = PLAIN_CONNECTOR.exec(path) ?? [];
  const hint =
    station === undefined ? '' : ` Write the connector's slash as %2F: ${station}%2F${evse}/${rest}`;
  return problem('unknown-resource', `There is no ${method} ${path}.${hint}`);
}

/** `consumes`: the content types that the route takes, JSON unless it says otherwise. */
export function toProblem(error: FastifyError, consumes: readonly string[] = ['application/json']): Problem {
  if (error.validation) return invalidRequest(error);
  if (error instanceof CodedError) {
    return error.canRetry
      ? problem('unavailable', 'The event log does not accept this now; try again.', { retryAfterS: 1 })
      : problem('internal-error', 'The engine could not do this; its log says why.');
  }
  const status = error.statusCode ?? 500;
  if (status === 413) return problem('too-large', 'The body is larger than this route accepts.');
  if (status === 414) return problem('invalid-request', 'A part of the path is longer than any name can be.');
  if (status === 415)
    return problem(
      'unsupported-media-type',
      `Send the body with "content-type: ${consumes.join('" or "')}".`,
    );
  if (status === 503) return problem('unavailable', 'The engine is stopping.', { retryAfterS: 1 });
  if (status >= 400 && status < 500) return problem('invalid-request', error.message);
  return problem('internal-error', 'The engine could not do this; its log says why.');
}

function invalidRequest(error: FastifyError): Problem {
  const part = PART[error.validationContext as keyof typeof PART] ?? 'body';
  const errors = (error.validation ?? []).map(
    (issue): ProblemItem => ({
      in: part,
      path: issue.instancePath,
      message: issue.message ?? 'is not valid',
    }),
  );
  const first = errors[0];
  const detail = first === undefined ? error.message : `${part} ${first.path}: ${first.message}`;
  return problem('invalid-request', detail, { errors });
}
