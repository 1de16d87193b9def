// The requests that wait for what became of a call. Each ends once: answered, refused, timed out,
// given up by its client, or closed with the API.

import type { EventData } from '@ampledger/domain';
import type { Clock } from '@ampledger/kernel';
import type { RecordedEvent } from '@ampledger/ports';
import type { Projection } from '@ampledger/projection';

export type CallOutcome =
  | { readonly kind: 'answered'; readonly answer: EventData<'CallAnswered'> }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'closed' };

export interface WaitingCall {
  readonly outcome: Promise<CallOutcome>;
  /** Nobody waits any more. */
  cancel(): void;
}

export interface WaitingCalls {
  /** undefined: as many as allowed wait already. */
  wait(call: string, timeoutMs: number): WaitingCall | undefined;
  close(): void;
}

export function createWaitingCalls(deps: {
  readonly projection: Projection;
  readonly clock: Clock;
  readonly max: number;
}): WaitingCalls {
  const waiting = new Map<string, (outcome: CallOutcome) => void>();

  const stopListening = deps.projection.onBatch((events) => {
    if (waiting.size === 0) return;
    for (const event of events) {
      const told = outcomeOf(event);
      if (told !== undefined) waiting.get(told.call)?.(told.outcome);
    }
  });

  return {
    wait(call, timeoutMs) {
      if (waiting.size >= deps.max) return undefined;
      let end: (outcome: CallOutcome) => void = () => {};
      const outcome = new Promise<CallOutcome>((resolve) => {
        const timer = deps.clock.after(timeoutMs, () => end({ kind: 'timeout' }));
        end = (outcome) => {
          timer.cancel();
          waiting.delete(call);
          resolve(outcome);
        };
        waiting.set(call, end);
      });
      return { outcome, cancel: () => end({ kind: 'closed' }) };
    },
    close() {
      stopListening();
      for (const end of [...waiting.values()]) end({ kind: 'closed' });
    },
  };
}

function outcomeOf(
  event: RecordedEvent,
): { readonly call: string; readonly outcome: CallOutcome } | undefined {
  if (event.type === 'CallAnswered') {
    const answer = event.data as EventData<'CallAnswered'>;
    return { call: answer.call, outcome: { kind: 'answered', answer } };
  }
  if (event.type === 'OperatorCallRefused') {
    const { call, reason } = event.data as EventData<'OperatorCallRefused'>;
    return { call, outcome: { kind: 'refused', reason } };
  }
  return undefined;
}
