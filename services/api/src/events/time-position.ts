// Where in the log a moment is, by halving: the log is in the order of receipt, near enough.

import type { EventStore, RecordedEvent } from '@ampledger/ports';

/** The position of the last event received before `at`, 0 when there is none. */
export async function positionBefore(store: EventStore, at: number): Promise<number> {
  let low = 0;
  let high = await store.lastPosition();
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const next = await firstAfter(store, middle);
    if (next === undefined || next.meta.receivedAt >= at) high = middle;
    else low = next.position;
  }
  return low;
}

async function firstAfter(store: EventStore, after: number): Promise<RecordedEvent | undefined> {
  for await (const page of store.readAll({ after, limit: 1 })) {
    const event = page[0];
    if (event !== undefined) return event;
  }
  return undefined;
}
