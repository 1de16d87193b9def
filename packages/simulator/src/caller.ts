// The station's own calls: one outstanding at a time (OCPP-J 1.6 section 4.1.1), in order.
// Messages about transactions survive the link and are tried again; the rest is dropped with it.

import type { Clock, Timer } from '@ampledger/kernel';
import type { Misbehaviour } from './behaviour.js';
import type { Later } from './later.js';
import type { Settings } from './settings.js';

export interface Message {
  readonly action: string;
  /** Made when it is sent: an OCPP 1.6 transaction learns its id from an earlier answer. */
  readonly payload: () => Record<string, unknown>;
  /** About a transaction: queued while offline, retried, and kept in order. */
  readonly transactional?: boolean;
  /** May be dropped when the queue is full: a sample in the middle of a transaction. */
  readonly droppable?: boolean;
}

export type Answer =
  | { readonly kind: 'result'; readonly payload: Readonly<Record<string, unknown>> }
  | { readonly kind: 'error'; readonly code: string }
  /** No answer in time, or the link went down. */
  | { readonly kind: 'none' };

interface Waiting {
  readonly message: Message;
  readonly onAnswer: ((answer: Answer) => void) | undefined;
  readonly order: number;
  attempts: number;
}

interface Outstanding {
  readonly id: string;
  readonly text: string;
  readonly waiting: Waiting;
  readonly timers: Timer[];
}

interface CallerDeps {
  readonly clock: Clock;
  readonly later: Later;
  readonly idPrefix: string;
  readonly send: (text: string) => void;
  readonly settings: Readonly<Settings>;
  readonly misbehaviour: Misbehaviour;
}

const QUEUE_MAX = 4_000;
const RESENDS_MAX = 3;

export class Caller {
  #queue: Waiting[] = [];
  #outstanding: Outstanding | null = null;
  #open = false;
  #registered = false;
  #sent = 0;
  #order = 0;
  #blockedUntil = 0;
  readonly #deps: CallerDeps;

  constructor(deps: CallerDeps) {
    this.#deps = deps;
  }

  get queued(): number {
    return this.#queue.length;
  }

  submit(message: Message, onAnswer?: (answer: Answer) => void): void {
    if (!this.#open && message.transactional !== true) {
      onAnswer?.({ kind: 'none' });
      return;
    }
    if (this.#queue.length >= QUEUE_MAX) this.#makeRoom();
    this.#queue.push({ message, onAnswer, order: this.#order++, attempts: 0 });
    this.#pump();
  }

  /** A call that comes before all others: BootNotification. */
  submitFirst(message: Message, onAnswer: (answer: Answer) => void): void {
    this.#queue.unshift({ message, onAnswer, order: -1, attempts: 0 });
    this.#pump();
  }

  opened(): void {
    this.#open = true;
    this.#registered = false;
    this.#blockedUntil = 0;
  }

  /** From here on everything may be sent, not only BootNotification. */
  registered(): void {
    this.#registered = true;
    this.#pump();
  }

  closed(): void {
    this.#open = false;
    this.#registered = false;
    const dropped = this.#queue.filter((waiting) => waiting.message.transactional !== true);
    this.#queue = this.#queue.filter((waiting) => waiting.message.transactional === true);
    const interrupted = this.#endOutstanding();
    if (interrupted?.message.transactional === true) this.#queue.unshift(interrupted);
    else if (interrupted !== null) dropped.unshift(interrupted);
    for (const waiting of dropped) waiting.onAnswer?.({ kind: 'none' });
  }

  /** True when the answer was for the call outstanding; a late one is for nobody. */
  answered(id: string, answer: Answer): boolean {
    if (this.#outstanding?.id !== id) return false;
    const waiting = this.#endOutstanding();
    if (waiting === null) return false;
    if (answer.kind === 'error' && this.#again(waiting)) return true;
    this.#duplicate(waiting, answer);
    waiting.onAnswer?.(answer);
    this.#pump();
    return true;
  }

  close(): void {
    this.#endOutstanding();
    this.#queue = [];
    this.#open = false;
  }

  #makeRoom(): void {
    const droppable = this.#queue.findIndex((waiting) => waiting.message.droppable === true);
    this.#queue.splice(Math.max(0, droppable), 1);
  }

  #next(): Waiting | undefined {
    if (!this.#registered) return this.#queue[0]?.order === -1 ? this.#queue.shift() : undefined;
    if (this.#blockedUntil <= this.#deps.clock.now()) return this.#queue.shift();
    const index = this.#queue.findIndex((waiting) => waiting.message.transactional !== true);
    return index === -1 ? undefined : this.#queue.splice(index, 1)[0];
  }

  #pump(): void {
    if (!this.#open || this.#outstanding !== null) return;
    const waiting = this.#next();
    if (waiting === undefined) return;
    waiting.attempts++;
    const id = `${this.#deps.idPrefix}-${++this.#sent}`;
    const text = JSON.stringify([2, id, waiting.message.action, waiting.message.payload()]);
    const timeoutMs = this.#deps.settings.messageTimeoutS * 1000;
    const timers = [this.#deps.clock.after(timeoutMs, () => this.#timedOut(id)), ...this.#resends(text)];
    this.#outstanding = { id, text, waiting, timers };
    this.#deps.send(text);
  }

  #resends(text: string): readonly Timer[] {
    if (!this.#deps.misbehaviour.happens('retriesCalls')) return [];
    const everyMs = this.#deps.misbehaviour.amount('retriesCalls') * 1000;
    return Array.from({ length: RESENDS_MAX }, (_, i) =>
      this.#deps.clock.after(everyMs * (i + 1), () => this.#deps.send(text)),
    );
  }

  #timedOut(id: string): void {
    if (this.#outstanding?.id !== id) return;
    const waiting = this.#endOutstanding();
    if (waiting === null || this.#again(waiting)) return;
    waiting.onAnswer?.({ kind: 'none' });
    this.#pump();
  }

  /** OCPP 1.6 section 3.7.1: waits one interval longer each time, and gives up in the end. */
  #again(waiting: Waiting): boolean {
    const { messageAttempts, messageRetryIntervalS } = this.#deps.settings;
    if (waiting.message.transactional !== true || waiting.attempts >= messageAttempts) return false;
    const waitMs = messageRetryIntervalS * 1000 * waiting.attempts;
    this.#blockedUntil = this.#deps.clock.now() + waitMs;
    this.#queue.unshift(waiting);
    this.#deps.later.after(waitMs, () => this.#pump());
    this.#pump();
    return true;
  }

  #duplicate(waiting: Waiting, answer: Answer): void {
    if (answer.kind !== 'result' || waiting.message.transactional !== true || waiting.onAnswer === DUPLICATE)
      return;
    if (!this.#deps.misbehaviour.happens('retriesCalls')) return;
    this.#queue.unshift({ message: waiting.message, onAnswer: DUPLICATE, order: this.#order++, attempts: 0 });
  }

  #endOutstanding(): Waiting | null {
    const ended = this.#outstanding;
    this.#outstanding = null;
    for (const timer of ended?.timers ?? []) timer.cancel();
    return ended?.waiting ?? null;
  }
}

/** Marks the second copy of a message, whose answer means nothing. */
const DUPLICATE = (): void => {};
