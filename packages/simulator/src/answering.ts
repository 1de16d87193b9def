// Frames from the central system: answers go to the station's own calls, calls are handled, and the
// behaviours decide whether and when an answer leaves.

import type { Misbehaviour } from './behaviour.js';
import type { Answer } from './caller.js';
import { type Dialect, type Fault, isFault, type Reply } from './dialect.js';
import type { Later } from './later.js';
import type { Protocol } from './profile-rules.js';
import type { Random } from './random.js';

interface AnsweringDeps {
  readonly protocol: Protocol;
  readonly later: Later;
  readonly random: Random;
  readonly misbehaviour: Misbehaviour;
  readonly dialect: Dialect;
  readonly answered: (id: string, answer: Answer) => void;
}

/** Sends on the connection that a frame came on, for as long as that one is up. */
export type SendBack = (text: string) => void;

const MESSAGE_ID_MAX = 36;
const FRAME_LENGTH_MAX = 1_000_000;

function parse(text: string): readonly unknown[] | null {
  if (text.length > FRAME_LENGTH_MAX) return null;
  try {
    const frame: unknown = JSON.parse(text);
    return Array.isArray(frame) ? frame : null;
  } catch {
    return null;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const errorText = (id: string, fault: Fault): string =>
  JSON.stringify([4, id, fault.code, fault.description, {}]);

export function createAnswering(deps: AnsweringDeps): (text: string, sendBack: SendBack) => void {
  const reply = (id: string, outcome: Reply | Fault, sendBack: SendBack): void => {
    if (isFault(outcome)) {
      sendBack(errorText(id, outcome));
      return;
    }
    sendBack(JSON.stringify([3, id, outcome.answer]));
    outcome.afterwards?.();
  };

  const withoutAnswer = (act: () => Reply | Fault): void => {
    if (deps.random() < 0.5) return;
    const outcome = act();
    if (!isFault(outcome)) outcome.afterwards?.();
  };

  const late = (id: string, act: () => Reply | Fault, sendBack: SendBack): void => {
    const early = deps.random() < 0.5 ? act() : null;
    const delayMs = deps.random() * deps.misbehaviour.amount('slowAnswers') * 1000;
    deps.later.after(delayMs, () => reply(id, early ?? act(), sendBack));
  };

  const onCall = (frame: readonly unknown[], sendBack: SendBack): void => {
    const [, id, action, payload] = frame;
    const readable = typeof id === 'string' && id.length <= MESSAGE_ID_MAX;
    if (!readable || typeof action !== 'string' || !isRecord(payload)) {
      onBadFrame(readable ? id : null, sendBack);
      return;
    }
    const act = () => deps.dialect.handle(action, payload);
    if (deps.misbehaviour.happens('noAnswers')) withoutAnswer(act);
    else if (deps.misbehaviour.happens('slowAnswers')) late(id, act, sendBack);
    else reply(id, act(), sendBack);
  };

  const onBadFrame = (id: string | null, sendBack: SendBack): void => {
    // OCPP 2.0.1 part 4 answers what has no id with "-1"; OCPP-J 1.6 says nothing of it.
    if (id !== null)
      sendBack(errorText(id, { code: deps.dialect.badFrame, description: 'not a valid message' }));
    else if (deps.protocol === 'ocpp2.0.1') {
      sendBack(errorText('-1', { code: 'RpcFrameworkError', description: 'not a valid message' }));
    }
  };

  return (text, sendBack) => {
    const frame = parse(text);
    const id = typeof frame?.[1] === 'string' ? frame[1] : null;
    if (frame?.[0] === 2) onCall(frame, sendBack);
    else if (frame?.[0] === 3 && id !== null) {
      deps.answered(
        id,
        isRecord(frame[2])
          ? { kind: 'result', payload: frame[2] }
          : { kind: 'error', code: 'FormatViolation' },
      );
    } else if (frame?.[0] === 4 && id !== null)
      deps.answered(id, { kind: 'error', code: String(frame[2]).slice(0, 50) });
    else onBadFrame(id, sendBack);
  };
}
