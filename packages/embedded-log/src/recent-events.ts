// The newest durable events, as the objects that were published: what live subscribers are
// handed without another decoding. Bounded; who is further behind reads from the store.

import type { RecordedEvent } from '@ampledger/ports';

const EVENTS_MAX = 8_192;

export class RecentEvents {
  #events: RecordedEvent[] = [];
  /** Position of the event before the first one kept. */
  #before: number;

  constructor(lastPosition: number) {
    this.#before = lastPosition;
  }

  add(events: readonly RecordedEvent[]): void {
    for (const event of events) this.#events.push(event);
    const surplus = this.#events.length - EVENTS_MAX;
    // Dropped in lots, so that the cost per event stays constant.
    if (surplus < EVENTS_MAX) return;
    this.#events = this.#events.slice(surplus);
    this.#before += surplus;
  }

  /** Events after a position, or undefined when some of them are no longer here. */
  after(position: number, max: number): readonly RecordedEvent[] | undefined {
    if (position < this.#before) return undefined;
    const start = position - this.#before;
    return this.#events.slice(start, start + max);
  }
}
