// Refusals as RFC 9457 problem details: a closed list of kinds, each with its status and title.

import type { FastifyReply } from 'fastify';

const KINDS = {
  'invalid-request': [400, 'The request is not valid'],
  'invalid-site-file': [400, 'The site file is not valid'],
  'invalid-payload': [400, 'The payload does not fit the OCPP schema'],
  'token-required': [401, 'An API token is required'],
  'not-allowed': [403, 'The token does not allow this'],
  'unknown-resource': [404, 'There is nothing here'],
  'unknown-site': [404, 'Unknown site'],
  'unknown-node': [404, 'Unknown node'],
  'unknown-station': [404, 'Unknown station'],
  'unknown-connector': [404, 'Unknown connector'],
  'unknown-envelope': [404, 'Unknown envelope'],
  'unknown-signal': [404, 'Unknown signal'],
  'no-plan': [404, 'There is no plan'],
  'page-not-built': [404, 'The live page is not built'],
  'wrong-method': [405, 'The resource does not take this method'],
  'station-not-connected': [409, 'The station is not connected'],
  'call-refused': [409, 'The call was refused'],
  'call-unsent': [409, 'The call was not sent'],
  'no-session': [409, 'No session runs there'],
  'no-battery': [409, 'The site file has no battery'],
  'not-metered': [409, 'The node has no meter in the site file'],
  'station-elsewhere': [409, 'A station belongs to another site'],
  'too-large': [413, 'The request is too large'],
  'unsupported-media-type': [415, 'The content type is not supported here'],
  'wrong-host': [421, 'The host name is not one of this server'],
  'too-many-failures': [429, 'Too many requests without a valid token'],
  'internal-error': [500, 'The request failed'],
  'invalid-answer': [502, 'The station answered with what its schema does not allow'],
  'not-ready': [503, 'The engine is not ready'],
  busy: [503, 'Too much is asked at once'],
  unavailable: [503, 'The engine cannot do this now'],
  'no-answer': [504, 'The station did not answer'],
} as const satisfies Record<string, readonly [number, string]>;

export type ProblemKind = keyof typeof KINDS;

export interface ProblemItem {
  /** Which part of the request. */
  readonly in: 'body' | 'query' | 'path' | 'headers';
  /** JSON pointer into that part, or the path in a site file. */
  readonly path: string;
  readonly message: string;
  readonly line?: number;
  readonly column?: number;
  readonly expected?: string;
}

export interface Problem {
  readonly kind: ProblemKind;
  readonly detail: string;
  readonly errors?: readonly ProblemItem[];
  /** Further members of the answer. */
  readonly members?: Readonly<Record<string, unknown>>;
  readonly retryAfterS?: number;
}

export const problem = (
  kind: ProblemKind,
  detail: string,
  more: Omit<Problem, 'kind' | 'detail'> = {},
): Problem => ({ kind, detail, ...more });

export const statusOf = (kind: ProblemKind): number => KINDS[kind][0];

export const problemBody = ({ kind, detail, errors, members }: Problem): string =>
  JSON.stringify({
    type: `urn:ampledger:problem:${kind}`,
    title: KINDS[kind][1],
    status: KINDS[kind][0],
    detail,
    ...(errors === undefined ? {} : { errors }),
    ...members,
  });

/** Ends the request with the problem. The route's own reply type knows only its good answers. */
export function refuse(reply: unknown, refused: Problem): FastifyReply {
  const plain = reply as FastifyReply;
  if (refused.retryAfterS !== undefined) plain.header('retry-after', String(refused.retryAfterS));
  return plain
    .code(statusOf(refused.kind))
    .type('application/problem+json; charset=utf-8')
    .send(problemBody(refused));
}
