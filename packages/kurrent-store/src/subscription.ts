// A catch-up subscription that outlives a lost connection: it subscribes again after the last position
// that was handled. It fails when the handler does, or when the server stays away for too long.

import type { RecordedEvent, Subscription } from '@ampledger/ports';
import { PortError } from '@ampledger/ports';
import type { Feed, FeedItem } from './db-client.js';
import { recordedEventOf } from './envelope.js';
import { portErrorOf } from './failure.js';
import { filterOf } from './reading.js';
import type { Wire } from './wire.js';

const BATCH_ITEMS_MAX = 500;
const ATTEMPTS_MAX = 10;
const BACKOFF_MS = 100;
const BACKOFF_MS_MAX = 5_000;

export interface StoreBatch {
  readonly events: readonly RecordedEvent[];
  /** Nothing that is subscribed to stands up to here that has not been handed over: where to go on. */
  readonly until: number;
}

/** Handles a batch; the next one comes when it has resolved. A batch may have no events. */
export type StoreHandler = (batch: StoreBatch) => void | Promise<void>;

export interface StoreSubscribeOptions {
  readonly after: number;
  readonly streamPrefix?: string;
  readonly onWarning: (message: string) => void;
}

export function subscribeToStore(
  wire: Wire,
  options: StoreSubscribeOptions,
  handler: StoreHandler,
): Subscription {
  const filter = filterOf(options);
  const caughtUp = deferred<void>();
  const failed = deferred<never>();
  caughtUp.promise.catch(() => undefined);
  const ended = new AbortController();
  let position = options.after;
  let feed: Feed<FeedItem> | undefined;
  let attempts = 0;

  const handle = async (items: readonly FeedItem[]): Promise<void> => {
    const events: RecordedEvent[] = [];
    let until = position;
    for (const item of items) {
      if (item.kind === 'checkpoint') until = Math.max(until, item.position);
      if (item.kind !== 'event') continue;
      until = Math.max(until, item.record.position);
      const event = recordedEventOf(item.record);
      if (event) events.push(event);
    }
    if (until > position) await handler({ events, until });
    position = until;
    if (items.some(({ kind }) => kind === 'caught-up')) caughtUp.resolve();
  };
  /** Resolves when the connection is lost; rejects with what the handler threw. */
  const followOnce = async (): Promise<unknown> => {
    feed = await wire.subscribeAll(position, filter);
    const items = feed[Symbol.asyncIterator]();
    let batch: FeedItem[] = [];
    for (;;) {
      const next = await items.next().catch((error: unknown) => ({ error }));
      if ('error' in next) return next.error;
      if (next.done || ended.signal.aborted) return undefined;
      attempts = 0;
      batch.push(next.value);
      if (feed.hasMore() && batch.length < BATCH_ITEMS_MAX) continue;
      await handle(batch);
      batch = [];
    }
  };
  const run = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      const lost = await followOnce();
      if (ended.signal.aborted) return;
      feed?.cancel();
      attempts += 1;
      const error = portErrorOf('subscribing', lost ?? new Error('the server ended the subscription'));
      if (attempts >= ATTEMPTS_MAX || !error.canRetry) throw error;
      options.onWarning(`${error.message}; subscribing again after position ${position}`);
      await pause(Math.min(BACKOFF_MS_MAX, BACKOFF_MS * 2 ** attempts), ended.signal);
    }
  };
  const end = (error: unknown): void => {
    ended.abort();
    feed?.cancel();
    caughtUp.reject(error);
  };
  const running = run().catch((error: unknown) => {
    end(error);
    failed.reject(error);
  });
  return {
    caughtUp: caughtUp.promise,
    failed: failed.promise,
    async close() {
      end(new PortError('CLOSED', 'The subscription was closed'));
      await running;
    },
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
