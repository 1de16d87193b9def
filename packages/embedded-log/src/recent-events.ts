// The newest durable events, as the objects that were published: what live subscribers are handed
// without another decoding. Kept until the last of them has them, so that most die young, which
// costs the garbage collector nothing. Bounded; who is further behind reads from the store.

import type { RecordedEvent } from '@ampledger/ports';

const EVENTS_MAX = 8_192;

export class RecentEvents {
  #events: readonly RecordedEvent[] = [];
  /** Position of the event before the first one kept. */
  #before: number;

  constructor(lastPosition: number) {
    this.#before = lastPosition;
  }

  /** Takes in the events of a commit, and drops those up to `seen`, which nobody waits for. */
  add(events: readonly RecordedEvent[], seen: number): void {
    const surplus = this.#events.length + events.length - EVENTS_MAX;
    const dropped = Math.min(this.#events.length, Math.max(0, surplus, seen - this.#before));
    this.#events = dropped === this.#events.length ? events : [...this.#events.slice(dropped), ...events];
    this.#before += dropped;
  }

  /** Events after a position, or undefined when some of them are no longer here. */
  after(position: number, max: number): readonly RecordedEvent[] | undefined {
    if (position < this.#before) return undefined;
    const start = position - this.#before;
    return this.#events.slice(start, start + max);
  }
}
