// What to do with a text that is no OCPP-J frame. Never an exception, never an unbounded answer.

import type { Protocol } from '@ampledger/domain';
import type { Clock } from '@ampledger/kernel';
import { type FrameFault, formatError } from '@ampledger/ocpp';

export type FaultAction =
  | { readonly kind: 'ignore' }
  | { readonly kind: 'answer'; readonly text: string }
  | { readonly kind: 'close'; readonly code: number; readonly reason: string };

export type FaultHandling = (fault: FrameFault, text: string) => FaultAction;

const WINDOW_MS = 60_000;
const IGNORE: FaultAction = { kind: 'ignore' };

export function createFaultHandling(deps: {
  readonly clock: Clock;
  readonly protocol: Protocol;
  readonly perMinuteMax: number;
}): FaultHandling {
  let windowFrom = deps.clock.now();
  let count = 0;
  return (fault, text) => {
    const now = deps.clock.now();
    if (now - windowFrom >= WINDOW_MS) {
      windowFrom = now;
      count = 0;
    }
    count += 1;
    if (fault.reason === 'too-deep') return { kind: 'close', code: 1009, reason: 'nested too deeply' };
    if (count > deps.perMinuteMax) return { kind: 'close', code: 1008, reason: 'too many bad frames' };
    return answerTo(deps.protocol, fault, text);
  };
}

const CALL_HEAD = /^\s*\[\s*2\s*,/;

function answerTo(protocol: Protocol, fault: FrameFault, text: string): FaultAction {
  // Errata 4.5: a message of an unknown type is ignored. An answer is never answered.
  if (fault.reason === 'unknown-message-type') return IGNORE;
  if (fault.id !== undefined && !CALL_HEAD.test(text)) return IGNORE;
  // OCPP 1.6 has no answer to what has no usable id; OCPP 2.0.1 part 4, 4.2.3 says -1.
  if (protocol === 'ocpp1.6')
    return fault.id === undefined ? IGNORE : answer(fault.id, 'FormationViolation', fault);
  if (fault.id === undefined) return answer('-1', 'RpcFrameworkError', fault);
  return answer(fault.id, fault.reason === 'forbidden-key' ? 'FormatViolation' : 'RpcFrameworkError', fault);
}

const answer = (id: string, code: string, fault: FrameFault): FaultAction => ({
  kind: 'answer',
  text: formatError(id, { code, description: fault.reason, details: {} }),
});
