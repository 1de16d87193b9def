// Problem details (RFC 9457), as the OpenAPI document tells them.

import { z } from 'zod';

export const problemSchema = z
  .object({
    type: z.string().describe('What kind of problem; a URN that never changes'),
    title: z.string().describe('The kind in words'),
    status: z.int(),
    detail: z.string().describe('What went wrong this time, and what to do'),
    errors: z
      .array(
        z.object({
          in: z.enum(['body', 'query', 'path', 'headers']),
          path: z.string().describe('JSON pointer, or the path in a site file'),
          message: z.string(),
          line: z.int().optional(),
          column: z.int().optional(),
          expected: z.string().optional(),
        }),
      )
      .optional()
      .describe('Each thing that is wrong with the request'),
  })
  .meta({
    id: 'Problem',
    description: 'Problem details, RFC 9457',
    examples: [
      {
        type: 'urn:ampledger:problem:unknown-site',
        title: 'Unknown site',
        status: 404,
        detail: 'There is no site "garage".',
      },
    ],
  });

/** A good answer; the description stands here because a named schema cannot carry one for each route. */
export const answer = <T extends z.ZodType>(description: string, schema: T) => ({
  description,
  content: { 'application/json': { schema } },
});

const problemAnswer = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemSchema } },
});

const DESCRIPTIONS = {
  400: 'The request is not valid; `errors` says where',
  401: 'An API token is required',
  403: 'The token’s role does not allow this',
  404: 'Unknown',
  409: 'Not in this state',
  413: 'Too large',
  415: 'Unsupported content type',
  421: 'Not a name of this server',
  429: 'Too many requests without a valid token',
  500: 'The request failed',
  502: 'The station’s answer fails its schema',
  503: 'Not now; see Retry-After',
  504: 'No answer in time',
} as const;

type ProblemStatus = keyof typeof DESCRIPTIONS;
type ProblemAnswers<S extends ProblemStatus> = { readonly [K in S]: ReturnType<typeof problemAnswer> };

/** The error responses of a route: those it names, and those that every guarded route has. */
export function problems<const S extends ProblemStatus>(
  ...statuses: readonly S[]
): ProblemAnswers<S | 400 | 401 | 403 | 421 | 429 | 500> {
  const all = [...new Set<ProblemStatus>([...statuses, 400, 401, 403, 421, 429, 500])].sort((a, b) => a - b);
  return Object.fromEntries(
    all.map((status) => [status, problemAnswer(DESCRIPTIONS[status])]),
  ) as ProblemAnswers<S | 400 | 401 | 403 | 421 | 429 | 500>;
}
