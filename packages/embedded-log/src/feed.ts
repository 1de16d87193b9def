// One subscriber's place in the log: first from the store, then from the newest events in memory,
// and from the store again whenever its handler falls behind. It never holds up a publisher.
// `failed` is deliberately left unhandled: a failure that nobody listens to ends the process.

import type { BatchHandler, RecordedEvent, SubscribeOptions, Subscription } from '@ampledger/ports';
import { PortError } from '@ampledger/ports';

const LIVE_EVENTS_MAX = 1_000;

export interface FeedSource {
  lastPosition(): number;
  /** Newest events from memory; undefined when the position is older than that. */
  recent(after: number, max: number): readonly RecordedEvent[] | undefined;
  stored(
    after: number,
    types: readonly string[] | undefined,
  ): { readonly events: readonly RecordedEvent[]; readonly until: number };
}

interface Batch {
  readonly events: readonly RecordedEvent[];
  readonly until: number;
}

export class Feed implements Subscription {
  readonly caughtUp: Promise<void>;
  readonly failed: Promise<never>;
  readonly #source: FeedSource;
  readonly #types: readonly string[] | undefined;
  readonly #typeSet: ReadonlySet<string> | undefined;
  readonly #handler: BatchHandler;
  readonly #onEnd: (feed: Feed) => void;
  readonly #target: number;
  #position: number;
  #ended = false;
  #running: Promise<void> | undefined;
  #resolveCaughtUp: () => void = () => {};
  #rejectCaughtUp: (error: unknown) => void = () => {};
  #rejectFailed: (error: unknown) => void = () => {};

  constructor(
    source: FeedSource,
    options: SubscribeOptions,
    handler: BatchHandler,
    onEnd: (feed: Feed) => void,
  ) {
    this.#source = source;
    this.#types = options.types;
    this.#typeSet = options.types && new Set(options.types);
    this.#handler = handler;
    this.#onEnd = onEnd;
    this.#position = options.after;
    this.#target = source.lastPosition();
    this.caughtUp = new Promise((resolve, reject) => {
      this.#resolveCaughtUp = resolve;
      this.#rejectCaughtUp = reject;
    });
    this.caughtUp.catch(() => {});
    this.failed = new Promise((_resolve, reject) => {
      this.#rejectFailed = reject;
    });
    this.wake();
  }

  /** Everything up to here has been handled. */
  get position(): number {
    return this.#position;
  }

  /** There may be something new. */
  wake(): void {
    if (this.#ended || this.#running) return;
    this.#running = this.#run();
  }

  fail(error: unknown): void {
    if (this.#ended) return;
    this.#end(error);
    this.#rejectFailed(error);
  }

  async close(): Promise<void> {
    this.#end(new PortError('CLOSED', 'The subscription was closed'));
    await this.#running;
  }

  async #run(): Promise<void> {
    await undefined;
    try {
      while (!this.#ended && this.#position < this.#source.lastPosition()) {
        const { events, until } = await this.#next();
        if (this.#ended) return;
        if (events.length > 0) await this.#handler(events);
        this.#position = until;
        if (until >= this.#target) this.#resolveCaughtUp();
      }
      if (this.#position >= this.#target) this.#resolveCaughtUp();
    } catch (error) {
      this.fail(error);
    } finally {
      this.#running = undefined;
    }
  }

  async #next(): Promise<Batch> {
    const recent = this.#source.recent(this.#position, LIVE_EVENTS_MAX);
    if (!recent) {
      // Catching up takes many reads; sockets get their turn between them.
      await new Promise((resolve) => setImmediate(resolve));
      return this.#source.stored(this.#position, this.#types);
    }
    const types = this.#typeSet;
    const events = types ? recent.filter((event) => types.has(event.type)) : recent;
    return { events, until: this.#position + recent.length };
  }

  #end(error: unknown): void {
    if (!this.#ended) this.#onEnd(this);
    this.#ended = true;
    this.#rejectCaughtUp(error);
  }
}
