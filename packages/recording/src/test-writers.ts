// A model of recorders, for the tests of those who read: each writes its batches in any order, some are cut
// short and go on as zombies while others have taken over.

import { createMemoryLog, type MemoryLog } from '@ampledger/memory-log';
import { type NewEvent, positionOf, type RecordedEvent } from '@ampledger/ports';
import { markerEvent, type RecordedPartition } from './marker.js';
import { markerStream } from './names.js';
import { OFFSETS_AHEAD_MAX, recordedEvent } from './recorded-event.js';

export const OF: RecordedPartition = { topic: 'events', partition: 1, partitions: 3 };

export interface BusEvent {
  readonly offset: number;
  readonly event: NewEvent;
}

export const onBus = ({ offset, event }: BusEvent): RecordedEvent => ({
  ...event,
  position: positionOf({ partition: OF.partition, offset }, OF.partitions),
  revision: 0,
});

/** One step of the world. `order` chooses among what may come next. */
export interface Step {
  readonly size: number;
  readonly order: readonly number[];
  /** After so many events the writer halts, and another takes over; undefined: it finishes. */
  readonly haltsAfter: number | undefined;
}

export class Writers {
  readonly log: MemoryLog = createMemoryLog();
  readonly #bus: readonly BusEvent[];
  readonly #present = new Set<number>();
  /** What zombies still have in hand. */
  #left: { readonly event: BusEvent; readonly done: number }[] = [];
  #markers = 0;
  done = -1;

  constructor(bus: readonly BusEvent[]) {
    this.#bus = bus;
  }

  async batch({ size, order, haltsAfter }: Step): Promise<void> {
    const ahead = this.#bus.filter(
      ({ offset }) => offset > this.done && offset <= this.done + OFFSETS_AHEAD_MAX,
    );
    const batch = ahead.slice(0, size);
    const hand = [...batch, ...this.#left.map(({ event }) => event)];
    let written = 0;
    for (const event of shuffled(hand, order)) {
      const isOurs = batch.includes(event);
      if (isOurs && haltsAfter !== undefined && written++ >= haltsAfter) continue;
      const left = this.#left.find((one) => one.event === event);
      if (left) this.#left = this.#left.filter((one) => one !== left);
      await this.#write(event, left?.done ?? this.done);
    }
    if (haltsAfter !== undefined) {
      const unwritten = batch.filter(({ offset }) => !this.#present.has(offset));
      this.#left.push(...unwritten.map((event) => ({ event, done: this.done })));
      return this.mark(this.done, { takenOver: `r${this.#markers}` });
    }
    const beyond = this.#bus.find(({ offset }) => offset > (batch.at(-1)?.offset ?? this.done));
    await this.mark(batch.at(-1)?.offset ?? (beyond ? beyond.offset - 1 : this.done));
  }

  async mark(to: number, more: { takenOver?: string; topic?: string } = {}): Promise<void> {
    const data = { to, topic: OF.topic, partitions: OF.partitions, ...more };
    const id = `marker ${this.#markers++}`;
    const event = markerEvent({ id, partition: OF.partition, data, now: 0 });
    await this.log.store.append(markerStream(OF.partition), 'any', [event]);
    this.done = to;
  }

  async #write({ event, offset }: BusEvent, done: number): Promise<void> {
    if (this.#present.has(offset)) return;
    this.#present.add(offset);
    const { topic, partition } = OF;
    const recorded = recordedEvent(event, { topic, partition, offset }, done);
    await this.log.store.append(recorded.stream, 'any', [recorded]);
  }
}

/** A permutation that the numbers decide. */
export function shuffled<T>(items: readonly T[], order: readonly number[]): readonly T[] {
  const rest = [...items];
  return items.flatMap((_, i) => rest.splice((order[i % Math.max(1, order.length)] ?? 0) % rest.length, 1));
}

export async function collect(pages: AsyncIterable<readonly RecordedEvent[]>): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for await (const page of pages) events.push(...page);
  return events;
}
