// One subscriber's place in the log. Batches come through microtasks alone, so a virtual clock
// never moves while an event is on its way. `failed` is deliberately left unhandled: a failure
// that nobody listens to ends the process.

import type { BatchHandler, RecordedEvent, SubscribeOptions, Subscription } from '@ampledger/ports';
import { PortError } from '@ampledger/ports';

const BATCH_EVENTS_MAX = 1_024;

export interface Source {
  readonly lastPosition: number;
  after(position: number, max: number): readonly RecordedEvent[];
}

export interface Feed extends Subscription {
  /** Everything up to here was handled. */
  readonly position: number;
  /** There may be something new. */
  wake(): void;
}

export function createFeed(
  source: Source,
  options: SubscribeOptions,
  handler: BatchHandler,
  onEnd: () => void,
): Feed {
  const types = options.types && new Set(options.types);
  const target = source.lastPosition;
  const caughtUp = deferred<void>();
  const failed = deferred<never>();
  caughtUp.promise.catch(() => {});
  let position = options.after;
  let ended = false;
  let running: Promise<void> | undefined;

  const end = (error: unknown): void => {
    if (!ended) onEnd();
    ended = true;
    caughtUp.reject(error);
  };
  const run = async (): Promise<void> => {
    await undefined;
    while (!ended && position < source.lastPosition) {
      const events = source.after(position, BATCH_EVENTS_MAX);
      const wanted = types ? events.filter((event) => types.has(event.type)) : events;
      if (wanted.length > 0) await handler(wanted);
      position += events.length;
      if (position >= target) caughtUp.resolve();
    }
    if (!ended && position >= target) caughtUp.resolve();
  };
  const wake = (): void => {
    if (ended || running) return;
    running = run()
      .catch((error: unknown) => {
        end(error);
        failed.reject(error);
      })
      .finally(() => {
        running = undefined;
        // What came between the last look and here.
        if (position < source.lastPosition) wake();
      });
  };
  wake();
  return {
    get position() {
      return position;
    },
    wake,
    caughtUp: caughtUp.promise,
    failed: failed.promise,
    async close() {
      end(new PortError('CLOSED', 'The subscription was closed'));
      await running;
    },
  };
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
