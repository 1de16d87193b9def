// Restores the order of the bus. A recorder writes the streams of a batch side by side, so that in the
// store they stand in any order; but an event says up to where everything stood before it, and what is
// at or below that can be handed on. Holds at most OFFSETS_AHEAD_MAX events, whatever is read.

import { PortError, type RecordedEvent } from '@ampledger/ports';
import { type Marker, markerOf, type RecordedPartition } from './marker.js';
import { markerStream } from './names.js';
import { asOnBus, nameOf, OFFSETS_AHEAD_MAX, sourceOf } from './recorded-event.js';

interface Waiting {
  readonly offset: number;
  readonly event: RecordedEvent;
}

export class BusOrder {
  readonly #of: RecordedPartition;
  readonly #after: number;
  readonly #to: number;
  readonly #markers: string;
  readonly #waiting = new Map<number, RecordedEvent>();
  /** Everything up to here has been read, as what was read says itself. */
  #done = -1;
  #sawBeyond = false;

  /** Hands on offsets greater than `after`, up to and with `to`. */
  constructor(of: RecordedPartition, range: { readonly after: number; readonly to: number }) {
    this.#of = of;
    this.#after = range.after;
    this.#to = range.to;
    this.#markers = markerStream(of.partition);
  }

  /** Everything that is wanted has been handed on. */
  get complete(): boolean {
    return this.#done >= this.#to;
  }

  /** Something beyond `to` has been read. */
  get sawBeyond(): boolean {
    return this.#sawBeyond;
  }

  get held(): number {
    return this.#waiting.size;
  }

  /** Takes what comes next in the store; gives what can be handed on now, in the order of the bus. */
  take(event: RecordedEvent): readonly RecordedEvent[] {
    if (event.stream === this.#markers) return this.#release(this.#markerOf(event).to);
    const source = sourceOf(event, this.#of.topic, this.#of.partition);
    const { offset, done } = source;
    const released = this.#release(done);
    if (offset <= this.#done || offset > done + OFFSETS_AHEAD_MAX || this.#waiting.has(offset)) {
      throw new PortError(
        'CORRUPT',
        `${nameOf(event)} is of offset ${offset}, written when all was done up to ${done}, and found when all ` +
          `was done up to ${this.#done}: no recorder writes so. Restore the event store from a backup.`,
      );
    }
    if (offset > this.#to) this.#sawBeyond = true;
    else if (offset > this.#after) this.#waiting.set(offset, asOnBus(event, source, this.#of.partitions));
    return released;
  }

  /** At the end of what the store has: the rest, when the newest marker was read before the reading began. */
  rest(): readonly RecordedEvent[] {
    return this.#release(this.#to);
  }

  #markerOf(event: RecordedEvent): Marker {
    return markerOf(event, this.#of);
  }

  #release(done: number): readonly RecordedEvent[] {
    if (done <= this.#done) return [];
    this.#done = done;
    const released: Waiting[] = [];
    for (const [offset, event] of this.#waiting) if (offset <= done) released.push({ offset, event });
    for (const { offset } of released) this.#waiting.delete(offset);
    return released.sort((a, b) => a.offset - b.offset).map(({ event }) => event);
  }
}
