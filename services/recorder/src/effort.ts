// Trying again. A store that cannot be reached costs nothing but time: it is tried until it answers, or
// until we are told to stop.

import { type Clock, CodedError } from '@ampledger/kernel';

/** Why a tenure ends without a fault: told to stop, or somebody else has the partition. */
export class TenureEnd extends CodedError<'STOPPED' | 'SUPERSEDED'> {
  constructor(code: 'STOPPED' | 'SUPERSEDED') {
    super(code, code === 'STOPPED' ? 'Told to stop' : 'Somebody else took the partition over');
    this.name = 'TenureEnd';
  }
}

/** Calls until it succeeds or fails for good. After `stop` a failed call is not tried again: STOPPED. */
export type Effort = <T>(call: () => Promise<T>) => Promise<T>;

export function createEffort(deps: {
  readonly clock: Clock;
  readonly stop: AbortSignal;
  readonly firstMs: number;
  readonly maxMs: number;
  /** Told of each failure that is tried again, and with undefined when the call has succeeded after all. */
  readonly onTrouble: (error: CodedError | undefined) => void;
}): Effort {
  const { clock, stop, firstMs, maxMs, onTrouble } = deps;
  return async (call) => {
    let inTrouble = false;
    for (let pauseMs = firstMs; ; pauseMs = Math.min(maxMs, pauseMs * 2)) {
      try {
        const value = await call();
        if (inTrouble) onTrouble(undefined);
        return value;
      } catch (error) {
        if (!(error instanceof CodedError && error.canRetry)) throw error;
        if (stop.aborted) throw new TenureEnd('STOPPED');
        inTrouble = true;
        onTrouble(error);
      }
      await pause(clock, pauseMs, stop);
      if (stop.aborted) throw new TenureEnd('STOPPED');
    }
  };
}

/** Resolves after a while, or as soon as the signal is given. */
export function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      timer.cancel();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = clock.after(delayMs, end);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end);
  });
}

/** Waits for the work, and no longer than that. */
export async function atMost(clock: Clock, limitMs: number, work: Promise<unknown>): Promise<void> {
  const over = new AbortController();
  try {
    await Promise.race([work, pause(clock, limitMs, over.signal)]);
  } finally {
    over.abort();
  }
}

/**
 * Does it for all, so many at once. When one fails no other begins; what has begun is awaited, and the first
 * failure is the one that is thrown.
 */
export async function inParallel<T>(
  items: readonly T[],
  { limit, onFailure }: { readonly limit: number; readonly onFailure: () => void },
  task: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const failures: unknown[] = [];
  const work = async (): Promise<void> => {
    while (failures.length === 0 && next < items.length) {
      const item = items[next++] as T;
      await task(item).catch((error: unknown) => {
        failures.push(error);
        onFailure();
      });
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, work));
  if (failures.length > 0) throw failures[0];
}
