// Calls that an operator sends to a station by hand. The API only asks: the command service decides,
// so that a charging profile sent this way is counted like the engine's own.

import type { EventData, Protocol, StationView } from '@ampledger/domain';
import { err, ok, type Result, unreachable } from '@ampledger/kernel';
import { validateOutgoing } from '@ampledger/ocpp';
import { z } from 'zod';
import { type CallOutcome, createWaitingCalls } from '../calls/waiting-calls.js';
import { callAnswerSchema, callBodySchema } from '../schema/call.js';
import { stationParam } from '../schema/common.js';
import { problems } from '../schema/problem.js';
import { findStation } from '../web/find.js';
import { type Problem, problem, refuse } from '../web/problem.js';
import type { ApiApp, RouteContext } from './context.js';

/** A body that was parsed from JSON holds nothing else. */
type JsonPayload = EventData<'OperatorCallRequested'>['payload'];

export function callRoutes(app: ApiApp, { deps, limits, publisher, newId }: RouteContext): void {
  const waiting = createWaitingCalls({ ...deps, max: limits.waitingCallsMax });
  app.addHook('preClose', async () => waiting.close());
  app.post(
    '/api/v1/stations/:stationId/calls',
    {
      config: { access: 'operate' },
      schema: {
        tags: ['stations'],
        summary: 'Send an OCPP message',
        description:
          'Any message that the CSMS may send in the version that the station speaks; answers with what the station answered. When the answer comes too late, the event log still has it under the `call` of the problem.',
        params: z.object({ stationId: stationParam }),
        body: callBodySchema,
        response: { 200: callAnswerSchema, ...problems(404, 409, 415, 502, 503, 504) },
      },
    },
    async ({ params: { stationId }, body }, reply) => {
      const found = findStation(deps, stationId);
      if (!found.ok) return refuse(reply, found.error);
      const { site, station } = found.value;
      const valid = checkCall(station, body.action, body.payload);
      if (!valid.ok) return refuse(reply, valid.error);

      const call = newId();
      const wait = waiting.wait(call, body.timeoutS * 1000);
      if (wait === undefined) {
        return refuse(
          reply,
          problem('busy', `At most ${limits.waitingCallsMax} calls wait at once; try again.`, {
            retryAfterS: 1,
          }),
        );
      }
      reply.raw.once('close', wait.cancel);
      const data = { station: station.id, call, action: body.action, payload: body.payload as JsonPayload };
      const event = { type: 'OperatorCallRequested', data } as const;
      try {
        await publisher.publish({ site, event, id: call, at: deps.clock.now(), correlationId: call });
      } catch (failure) {
        wait.cancel();
        throw failure;
      }
      const answer = answerOf(call, await wait.outcome);
      return answer.ok ? answer.value : refuse(reply, answer.error);
    },
  );
}

function checkCall(station: StationView, action: string, payload: unknown): Result<Protocol, Problem> {
  if (!station.online || station.protocol === null) {
    return err(problem('station-not-connected', `The station "${station.id}" is not connected.`));
  }
  const valid = validateOutgoing(station.protocol, action, payload);
  if (valid.ok) return ok(station.protocol);
  const { code, description } = valid.error;
  return err(
    problem('invalid-payload', `${station.protocol} ${action}: ${description}`, {
      errors: [{ in: 'body', path: '/payload', message: description }],
      members: { code },
    }),
  );
}

type Answer = z.infer<typeof callAnswerSchema>;

function answerOf(call: string, outcome: CallOutcome): Result<Answer, Problem> {
  const members = { call };
  switch (outcome.kind) {
    case 'answered':
      return answered(outcome.answer);
    case 'refused':
      return err(problem('call-refused', outcome.reason, { members }));
    case 'timeout':
      return err(problem('no-answer', 'No answer came in time; it may still come.', { members }));
    case 'closed':
      return err(
        problem('unavailable', 'The API stopped before the answer came.', { members, retryAfterS: 1 }),
      );
    default:
      return unreachable(outcome);
  }
}

function answered({
  call,
  outcome,
  status,
  payload,
  description,
}: EventData<'CallAnswered'>): Result<Answer, Problem> {
  const members = { call };
  switch (outcome) {
    case 'result':
      return ok({ call, result: payload ?? {} });
    case 'error':
      return ok({ call, error: { code: status ?? 'InternalError', description: description ?? '' } });
    case 'unsent':
      return err(
        problem('call-unsent', description ?? 'The call never left: the station is not connected.', {
          members,
        }),
      );
    case 'invalid':
      return err(
        problem('invalid-answer', description ?? 'The answer fails its OCPP schema.', {
          members: { call, answer: payload },
        }),
      );
    case 'timeout':
    case 'lost':
      return err(problem('no-answer', lostDetail(outcome), { members }));
    default:
      return unreachable(outcome);
  }
}

const lostDetail = (outcome: 'timeout' | 'lost'): string =>
  outcome === 'timeout'
    ? 'The station did not answer in time.'
    : 'The connection ended before the answer came; the station may have acted on the call.';
