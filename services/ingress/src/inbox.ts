// A station's CALLs, one at a time and in order. Each is answered when its events are durable.
// The queue is bounded: a station that does not wait is first not read, then dropped.

import type { Clock, Span, StationId } from '@ampledger/kernel';
import { type CallErrorBody, type Frame, formatError } from '@ampledger/ocpp';
import type { Bus, NewEvent } from '@ampledger/ports';
import type { Metrics, StationSocket } from './contract.js';
import { METRIC } from './metrics.js';
import { codeOf } from './publisher.js';

export type CallFrame = Extract<Frame, { kind: 'call' }>;

export interface ReceivedCall {
  readonly frame: CallFrame;
  readonly text: string;
  readonly receivedAt: number;
  /** Where calls are traced. Ends with the answer, or when there will be none. */
  readonly span?: Span;
}

/** What becomes of a CALL: the text of its answer, and what has to be durable before it is sent. */
export interface Reply {
  readonly text: string;
  readonly events: readonly NewEvent[];
  /** For the metrics: an action of the standard, or `other`. */
  readonly action: string;
  readonly outcome: 'result' | 'error' | 'repeated' | 'refused';
  /** Called when the answer stands. */
  readonly keep?: () => void;
}

export interface InboxDeps {
  readonly station: StationId;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly socket: StationSocket;
  readonly queueMax: number;
  /** undefined: the station is to be left without an answer. */
  readonly reply: (call: ReceivedCall) => Reply | undefined;
  readonly send: (text: string) => void;
  readonly onFlood: () => void;
  readonly onPublishFailed: (error: unknown) => void;
}

const NOT_STORED: CallErrorBody = {
  code: 'InternalError',
  description: 'The message could not be stored; send it again',
  details: {},
};

export class Inbox {
  readonly #deps: InboxDeps;
  readonly #queue: ReceivedCall[] = [];
  readonly #pauseAt: number;
  /** Until the connection itself is on record, nothing is answered. */
  #isBusy = true;
  #isPaused = false;
  #isClosed = false;

  constructor(deps: InboxDeps) {
    this.#deps = deps;
    this.#pauseAt = Math.ceil(deps.queueMax / 2);
  }

  /** The socket is not read at the moment, because too much of what was read waits. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  take(call: ReceivedCall): void {
    if (this.#isClosed) {
      this.#end(call, 'unanswered');
      return;
    }
    if (this.#queue.length >= this.#deps.queueMax) {
      this.#end(call, 'unanswered');
      this.#deps.onFlood();
      return;
    }
    this.#queue.push(call);
    if (this.#isBusy) this.#holdBack();
    else this.#drain();
  }

  /** CALLs may be answered from now on. */
  open(): void {
    this.#isBusy = false;
    this.#drain();
  }

  close(): void {
    this.#isClosed = true;
    for (const call of this.#queue.splice(0)) this.#end(call, 'unanswered');
  }

  #holdBack(): void {
    const { metrics, socket } = this.#deps;
    metrics.observe(METRIC.queued, this.#queue.length);
    if (this.#isPaused || this.#queue.length < this.#pauseAt) return;
    this.#isPaused = true;
    metrics.count(METRIC.pauses);
    socket.pause();
  }

  #drain(): void {
    while (!this.#isBusy && !this.#isClosed) {
      const call = this.#queue.shift();
      if (call === undefined) break;
      const reply = this.#deps.reply(call);
      if (reply === undefined) {
        this.#end(call, 'unanswered');
        continue;
      }
      if (reply.events.length === 0) this.#answer(call, reply);
      else this.#store(call, reply);
    }
    if (!this.#isPaused || this.#isClosed || this.#queue.length >= this.#pauseAt) return;
    this.#isPaused = false;
    this.#deps.socket.resume();
  }

  #store(call: ReceivedCall, reply: Reply): void {
    this.#isBusy = true;
    this.#deps.bus.publish(reply.events).then(
      () => {
        this.#isBusy = false;
        this.#answer(call, reply);
        this.#drain();
      },
      (error: unknown) => {
        this.#isBusy = false;
        this.#refuse(call, reply, error);
        this.#drain();
      },
    );
  }

  #answer(call: ReceivedCall, reply: Reply): void {
    const { clock, metrics, send } = this.#deps;
    // Also when the connection is gone meanwhile: the station will ask again on the next one.
    reply.keep?.();
    metrics.count(METRIC.messages, { action: reply.action, outcome: reply.outcome });
    if (this.#isClosed) {
      this.#end(call, 'unanswered');
      return;
    }
    send(reply.text);
    this.#end(call, reply.outcome);
    metrics.observe(METRIC.answerSeconds, (clock.now() - call.receivedAt) / 1000, { action: reply.action });
  }

  #refuse(call: ReceivedCall, reply: Reply, error: unknown): void {
    const { metrics, send, onPublishFailed } = this.#deps;
    metrics.count(METRIC.messages, { action: reply.action, outcome: 'unstored' });
    metrics.count(METRIC.publishFailures, { code: codeOf(error) });
    if (!this.#isClosed) send(formatError(call.frame.id, NOT_STORED));
    this.#end(call, 'unstored');
    onPublishFailed(error);
  }

  #end({ span }: ReceivedCall, outcome: Reply['outcome'] | 'unanswered' | 'unstored'): void {
    span?.end({ station: this.#deps.station, outcome });
  }
}
