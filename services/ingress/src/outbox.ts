// Calls to one station: one outstanding at a time (OCPP-J 4.1.1), the others wait in order.
// Every call that is taken ends in exactly one answer.

import type { Protocol } from '@ampledger/domain';
import type { Clock, Timer } from '@ampledger/kernel';
import { type Frame, formatCall, resultStatus, validateResult } from '@ampledger/ocpp';
import { BoundedMap } from './bounded-map.js';
import type { CallAnswer, RequestedCall } from './call-answer.js';
import type { Metrics } from './contract.js';
import { METRIC } from './metrics.js';

export type AnswerFrame = Exclude<Frame, { kind: 'call' }>;

export interface OutboxDeps {
  readonly clock: Clock;
  readonly protocol: Protocol;
  readonly metrics: Metrics;
  readonly waitingMax: number;
  readonly send: (text: string) => void;
  readonly onAnswered: (call: RequestedCall, answer: CallAnswer) => void;
}

interface Outstanding {
  readonly call: RequestedCall;
  readonly sentAt: number;
  readonly timer: Timer;
}

interface Waiting {
  readonly call: RequestedCall;
  readonly since: number;
}

const TIMED_OUT_KEPT = 32;

export class Outbox {
  readonly #deps: OutboxDeps;
  readonly #waiting: Waiting[] = [];
  readonly #timedOut = new BoundedMap<string, true>(TIMED_OUT_KEPT);
  #outstanding: Outstanding | undefined;
  #isClosed = false;

  constructor(deps: OutboxDeps) {
    this.#deps = deps;
  }

  take(call: RequestedCall): void {
    if (this.#isClosed) this.#finish(call, 'unsent', 'the connection ended');
    else if (this.#waiting.length >= this.#deps.waitingMax) {
      this.#finish(call, 'unsent', 'too many calls wait for this station');
    } else this.#waiting.push({ call, since: this.#deps.clock.now() });
    this.#sendNext();
  }

  /** A CALLRESULT or CALLERROR, and the text that it came in. */
  onAnswer(frame: AnswerFrame, text: string): void {
    const { clock, metrics, protocol } = this.#deps;
    if (this.#outstanding?.call.data.call !== frame.id) {
      metrics.count(METRIC.strayAnswers, { reason: this.#timedOut.has(frame.id) ? 'late' : 'unknown' });
      return;
    }
    const { call, sentAt, timer } = this.#outstanding;
    timer.cancel();
    this.#outstanding = undefined;
    metrics.observe(METRIC.callSeconds, (clock.now() - sentAt) / 1000);
    this.#answered(call, { ...readAnswer(protocol, call.data.action, frame), frame: text });
    this.#sendNext();
  }

  /** The connection ended: what was sent is lost, what was not is unsent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#outstanding?.timer.cancel();
    if (this.#outstanding !== undefined) this.#finish(this.#outstanding.call, 'lost', null);
    this.#outstanding = undefined;
    for (const { call } of this.#waiting.splice(0)) this.#finish(call, 'unsent', 'the connection ended');
  }

  #sendNext(): void {
    while (this.#outstanding === undefined && !this.#isClosed) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      const waitedMs = this.#deps.clock.now() - next.since;
      if (waitedMs < next.call.data.timeoutS * 1000) this.#put(next.call);
      else this.#finish(next.call, 'unsent', 'waited too long for its turn');
    }
  }

  #put(call: RequestedCall): void {
    const { clock, send } = this.#deps;
    const timer = clock.after(call.data.timeoutS * 1000, () => {
      this.#outstanding = undefined;
      this.#timedOut.set(call.data.call, true);
      this.#finish(call, 'timeout', null);
      this.#sendNext();
    });
    this.#outstanding = { call, sentAt: clock.now(), timer };
    send(formatCall(call.data.call, call.data.action, call.data.payload));
  }

  /** The end of a call that the station did not answer. */
  #finish(call: RequestedCall, outcome: 'timeout' | 'unsent' | 'lost', description: string | null): void {
    this.#answered(call, { outcome, description, status: null, payload: null });
  }

  #answered(call: RequestedCall, answer: CallAnswer): void {
    this.#deps.metrics.count(METRIC.calls, { outcome: answer.outcome });
    this.#deps.onAnswered(call, answer);
  }
}

function readAnswer(protocol: Protocol, action: string, frame: AnswerFrame): Omit<CallAnswer, 'frame'> {
  if (frame.kind === 'error') {
    return { outcome: 'error', status: frame.code, payload: frame.details, description: frame.description };
  }
  const valid = validateResult(protocol, action, frame.payload);
  // Whatever the station meant, it did not say that it accepted.
  if (!valid.ok) return { outcome: 'invalid', status: null, payload: null, description: valid.error };
  return {
    outcome: 'result',
    status: resultStatus(frame.payload),
    payload: frame.payload,
    description: null,
  };
}
