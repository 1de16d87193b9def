// Items one by one become batches, with a deadline on each item while it is waited for: the time that
// the reader takes is the reader's.

import { PortError } from '@ampledger/ports';
import type { Feed } from './db-client.js';

const BATCH_ITEMS = 500;

/** Ends with the feed, or after the first item that is the last one wanted. */
export async function* batchesOf<T>(
  feed: Feed<T>,
  deadlineMs: number,
  isLast: (item: T) => boolean = () => false,
): AsyncGenerator<readonly T[]> {
  const items = feed[Symbol.asyncIterator]();
  let onLate = (): void => undefined;
  const timer = setTimeout(() => onLate(), deadlineMs);
  const next = (): Promise<IteratorResult<T>> =>
    new Promise((resolve, reject) => {
      onLate = () =>
        reject(new PortError('UNAVAILABLE', `The event store did not answer within ${deadlineMs} ms`));
      timer.refresh();
      items.next().then(resolve, reject);
    });
  let batch: T[] = [];
  try {
    for (;;) {
      const { done, value } = await next();
      if (done) break;
      batch.push(value);
      if (isLast(value)) break;
      if (batch.length < BATCH_ITEMS) continue;
      onLate = () => undefined;
      yield batch;
      batch = [];
    }
    onLate = () => undefined;
    if (batch.length > 0) yield batch;
  } finally {
    clearTimeout(timer);
    feed.cancel();
  }
}
