// One station's connection: reads frames, and hands CALLs to the inbox and answers to the outbox.
// It ends once, whoever ends it; nothing that comes later has an effect.

import type { Protocol } from '@ampledger/domain';
import type { Tracer } from '@ampledger/kernel';
import { type FrameFault, isStationAction, parseFrame } from '@ampledger/ocpp';
import type { Bus } from '@ampledger/ports';
import type { CallAnswer, RequestedCall } from './call-answer.js';
import type { Connection, Ingress, IngressOptions, StationSocket } from './contract.js';
import type { Desk } from './desk.js';
import { createFaultHandling, type FaultHandling } from './frame-faults.js';
import { type CallFrame, Inbox, type ReceivedCall } from './inbox.js';
import { Interpretation } from './interpretation.js';
import { createLiveness, type Liveness } from './liveness.js';
import { METRIC } from './metrics.js';
import { Outbox } from './outbox.js';
import { canRetry } from './publisher.js';

export interface ConnectionDeps {
  readonly core: Pick<Ingress, 'clock' | 'directory' | 'log' | 'metrics' | 'audit'>;
  readonly bus: Bus;
  readonly tracer: Tracer | undefined;
  readonly options: IngressOptions;
  readonly pseudonym: (idToken: string) => string;
  readonly textDigest: (text: string) => string;
  readonly id: string;
  readonly desk: Desk;
  readonly protocol: Protocol;
  readonly socket: StationSocket;
  readonly onAnswered: (call: RequestedCall, answer: CallAnswer) => void;
  readonly onEnded: (code: number, reason: string) => void;
  readonly onBusFailed: (error: unknown) => void;
}

export class StationConnection implements Connection {
  readonly id: string;
  readonly #deps: ConnectionDeps;
  readonly #faults: FaultHandling;
  readonly #inbox: Inbox;
  readonly #outbox: Outbox;
  readonly #liveness: Liveness;
  #isEnded = false;

  constructor(deps: ConnectionDeps) {
    const { core, options, protocol } = deps;
    this.id = deps.id;
    this.#deps = deps;
    this.#faults = createFaultHandling({
      clock: core.clock,
      protocol,
      perMinuteMax: options.badFramesPerMinuteMax,
    });
    this.#inbox = this.#createInbox();
    this.#outbox = new Outbox({
      clock: core.clock,
      protocol,
      metrics: core.metrics,
      waitingMax: options.outboxMax,
      send: (text) => this.#send(text),
      onAnswered: deps.onAnswered,
    });
    this.#liveness = createLiveness({
      clock: core.clock,
      socket: deps.socket,
      periodMs: options.pingPeriodMs,
      missedMax: options.missedPongsMax,
      isPaused: () => this.#inbox.isPaused,
      onDead: () => this.end(1006, 'no pong', 'terminate'),
    });
  }

  /** Its start was read back from the bus: what is recorded of the station from then on is later. */
  isOnRecord = false;

  onMessage(text: string): void {
    if (this.#isEnded) return;
    this.#liveness.heard();
    const parsed = parseFrame(text);
    if (!parsed.ok) this.#onFault(parsed.error, text);
    else if (parsed.value.kind !== 'call') this.#outbox.onAnswer(parsed.value, text);
    else this.#inbox.take(this.#received(parsed.value, text));
  }

  onPong(): void {
    this.#liveness.heard();
  }

  onClosed(code: number, reason: string): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#liveness.stop();
    this.#inbox.close();
    this.#outbox.close();
    this.#deps.onEnded(code, reason);
  }

  /** The connection is on record: its messages may be answered. */
  open(): void {
    this.#inbox.open();
  }

  deliver(call: RequestedCall): void {
    this.#outbox.take(call);
  }

  /** Whether the station shows a sign of life within the time. */
  isAlive(timeoutMs: number): Promise<boolean> {
    return this.#liveness.probe(timeoutMs);
  }

  /** With `terminate`, without a closing handshake. */
  end(code: number, reason: string, how: 'close' | 'terminate' = 'close'): void {
    const { socket } = this.#deps;
    if (this.#isEnded) return;
    // A socket that is not read cannot finish its closing handshake.
    if (this.#inbox.isPaused) socket.resume();
    if (how === 'terminate') socket.terminate();
    else socket.close(code, reason);
    this.onClosed(code, reason);
  }

  #received(frame: CallFrame, text: string): ReceivedCall {
    const { core, protocol, tracer } = this.#deps;
    const receivedAt = core.clock.now();
    if (tracer === undefined) return { frame, text, receivedAt };
    // Only names of the standard: a peer must not be able to make the set of names grow.
    const action = isStationAction(protocol, frame.action) ? frame.action : 'other';
    return { frame, text, receivedAt, span: tracer.start(`ocpp ${action}`) };
  }

  #send(text: string): void {
    const { core, desk, options, socket } = this.#deps;
    if (this.#isEnded) return;
    if (socket.bufferedAmount <= options.sendBufferMaxBytes) {
      socket.send(text);
      return;
    }
    core.audit({
      kind: 'SlowReader',
      station: desk.station,
      detail: `${socket.bufferedAmount} bytes unread`,
    });
    this.end(1008, 'does not read', 'terminate');
  }

  #onFault(fault: FrameFault, text: string): void {
    const { core, desk } = this.#deps;
    core.metrics.count(METRIC.badFrames, { reason: fault.reason });
    const action = this.#faults(fault, text);
    if (action.kind === 'answer') this.#send(action.text);
    if (action.kind !== 'close') return;
    const kind = fault.reason === 'too-deep' ? 'OversizedFrame' : 'InvalidFrames';
    core.audit({ kind, station: desk.station, detail: action.reason });
    this.end(action.code, action.reason);
  }

  #createInbox(): Inbox {
    const { core, desk, options, bus, socket, onBusFailed } = this.#deps;
    const interpretation = new Interpretation({
      directory: core.directory,
      log: core.log,
      audit: core.audit,
      desk,
      station: desk.station,
      protocol: this.#deps.protocol,
      connection: this.#deps.id,
      pseudonym: this.#deps.pseudonym,
      textDigest: this.#deps.textDigest,
      heartbeatIntervalS: options.heartbeatIntervalS,
      onHomeless: () => this.end(1008, 'in no site any more'),
    });
    return new Inbox({
      station: desk.station,
      bus,
      clock: core.clock,
      metrics: core.metrics,
      socket,
      queueMax: options.queuedCallsMax,
      reply: (call) => interpretation.reply(call),
      send: (text) => this.#send(text),
      onFlood: () => {
        const detail = `more than ${options.queuedCallsMax} CALLs wait`;
        core.audit({ kind: 'MessageFlood', station: desk.station, detail });
        this.end(1008, 'does not wait for answers');
      },
      onPublishFailed: (error) => {
        if (!canRetry(error)) onBusFailed(error);
      },
    });
  }
}
