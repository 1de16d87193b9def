// One subscriber of a partition: a bounded queue, and a handler that gets one batch at a time.
// `failed` is deliberately left unhandled: a failure that nobody listens to ends the process.

import {
  type BatchHandler,
  PortError,
  type RecordedEvent,
  type SubscribeOptions,
  type Subscription,
} from '@ampledger/ports';
import { type Deferred, deferred } from './deferred.js';

const BATCH_EVENTS_MAX = 1_000;
const QUEUE_EVENTS_MAX = 4_000;
const QUEUE_BYTES_MAX = 4 * 1_024 * 1_024;

export interface FeedDeps {
  /** The first offset that it wants. */
  readonly from: number;
  readonly positionOf: (offset: number) => number;
  readonly onEnd: (feed: Feed) => void;
}

interface Queued {
  readonly event: RecordedEvent;
  readonly offset: number;
  readonly bytes: number;
}

export class Feed implements Subscription {
  readonly caughtUp: Promise<void>;
  readonly failed: Promise<never>;
  readonly from: number;
  readonly #options: SubscribeOptions;
  readonly #types: ReadonlySet<string> | undefined;
  readonly #handler: BatchHandler;
  readonly #deps: FeedDeps;
  readonly #caughtUp = deferred<void>();
  readonly #failed = deferred<never>();
  #queue: Queued[] = [];
  #bytes = 0;
  /** Everything up to here is in the queue, or is nothing for this handler. */
  #offered: number;
  /** Everything up to here is handled. */
  #handled: number;
  #target: number | undefined;
  #ended = false;
  #running: Promise<void> | undefined;
  #room: Deferred<void> | undefined;

  constructor(options: SubscribeOptions, handler: BatchHandler, deps: FeedDeps) {
    this.caughtUp = this.#caughtUp.promise;
    this.caughtUp.catch(() => {});
    this.failed = this.#failed.promise;
    this.from = deps.from;
    this.#options = options;
    this.#types = options.types && new Set(options.types);
    this.#handler = handler;
    this.#deps = deps;
    this.#offered = deps.from - 1;
    this.#handled = deps.from - 1;
  }

  get ended(): boolean {
    return this.#ended;
  }

  wantsOffset(offset: number): boolean {
    return !this.#ended && this.#target !== undefined && offset > this.#offered;
  }

  /** Undefined: nobody knows; that concerns whoever wants anything at all. */
  wantsType(type: string | undefined): boolean {
    if (!this.#types) return true;
    return type === undefined ? this.#types.size > 0 : this.#types.has(type);
  }

  /** From here on it takes what comes; caught up when everything before `target` is handled. */
  begin(from: number, target: number): void {
    this.#offered = from - 1;
    this.#target = target;
    this.#wake();
  }

  offer(event: RecordedEvent, offset: number, bytes: number): void {
    if (!this.wantsOffset(offset)) return;
    this.#queue.push({ event, offset, bytes });
    this.#bytes += bytes;
    this.#offered = offset;
  }

  /** All up to and with the offset has been offered. */
  passed(offset: number): void {
    if (this.#target === undefined) return;
    if (offset > this.#offered) this.#offered = offset;
    this.#wake();
  }

  /** Something to wait for when the queue is full. */
  room(): Promise<void> | undefined {
    if (this.#ended || !this.#isFull()) return undefined;
    this.#room ??= deferred();
    return this.#room.promise;
  }

  fail(error: unknown): void {
    if (this.#ended) return;
    this.#end(error);
    this.#failed.reject(error);
  }

  async close(): Promise<void> {
    this.#end(new PortError('CLOSED', 'The subscription was closed'));
    await this.#running;
  }

  #isFull(): boolean {
    return this.#queue.length >= QUEUE_EVENTS_MAX || this.#bytes >= QUEUE_BYTES_MAX;
  }

  #wake(): void {
    if (this.#ended || this.#running) return;
    this.#running = this.#run();
  }

  async #run(): Promise<void> {
    await undefined;
    try {
      while (!this.#ended && this.#handled < this.#offered) await this.#step();
      this.#tellCaughtUp();
    } catch (error) {
      this.fail(error);
    } finally {
      this.#running = undefined;
    }
  }

  async #step(): Promise<void> {
    const batch = this.#queue.splice(0, BATCH_EVENTS_MAX);
    for (const { bytes } of batch) this.#bytes -= bytes;
    const until = this.#queue.length === 0 ? this.#offered : (batch.at(-1)?.offset ?? this.#handled);
    if (!this.#isFull()) this.#makeRoom();
    if (batch.length > 0) await this.#handler(batch.map(({ event }) => event));
    if (until > this.#handled) this.#handled = until;
    this.#tellCaughtUp();
    if (!this.#ended) this.#options.onPassed?.(this.#deps.positionOf(this.#handled));
  }

  #tellCaughtUp(): void {
    if (this.#target !== undefined && this.#handled >= this.#target - 1) this.#caughtUp.resolve();
  }

  #makeRoom(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }

  #end(error: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#queue = [];
    this.#makeRoom();
    this.#caughtUp.reject(error);
    this.#deps.onEnd(this);
  }
}
