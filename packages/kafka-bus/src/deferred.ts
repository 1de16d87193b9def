// Promises that others settle, and waits that end.

import { type Clock, sleep } from '@ampledger/kernel';
import { PortError } from '@ampledger/ports';

export interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

export function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

export interface Limit {
  readonly clock: Clock;
  readonly ms: number;
  /** Who did not answer: the beginning of the message. */
  readonly what: string;
}

/** What the promise gives, or UNAVAILABLE when it takes too long; what comes later is dropped. */
export function within<T>(promise: Promise<T>, { clock, ms, what }: Limit): Promise<T> {
  const result = deferred<T>();
  const late = (): void => result.reject(new PortError('UNAVAILABLE', `${what} did not answer in ${ms} ms`));
  const timer = clock.after(ms, late);
  promise.then(result.resolve, result.reject);
  return result.promise.finally(() => timer.cancel());
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const PATIENCE_MS = 60_000;
const PAUSE_MS = 500;

/** Asks again while the failure says that this may help, for a minute at most. */
export async function patiently<T>(
  question: () => Promise<T>,
  { clock, isOver }: { readonly clock: Clock; readonly isOver: () => boolean },
): Promise<T> {
  const until = clock.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await question();
    } catch (error) {
      const mayHelp = error instanceof PortError && error.canRetry;
      if (!mayHelp || isOver() || clock.now() >= until) throw error;
      await sleep(clock, PAUSE_MS);
    }
  }
}
