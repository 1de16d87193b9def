// Reads what is recorded of a partition, as the bus gave it.

import { type EventStore, PortError, type RecordedEvent } from '@ampledger/ports';
import { BusOrder } from './bus-order.js';
import { type Marker, newestMarker, type RecordedPartition } from './marker.js';
import { streamPrefixOf } from './names.js';

export interface ReadRecordedOptions extends RecordedPartition {
  readonly store: EventStore;
  /** -1: from the beginning. */
  readonly afterOffset: number;
  /** Every event after `afterOffset` has a later place in the store than this; default the beginning. */
  readonly fromStorePosition?: number;
  /** Default, and never more than, what the newest marker says. */
  readonly toOffset?: number;
}

/** Pages of events in the order of the bus, with their positions and streams there, up to the newest marker. */
export async function* readRecorded(options: ReadRecordedOptions): AsyncGenerator<readonly RecordedEvent[]> {
  const reading = await openReading(options);
  yield* reading.pages();
}

export interface Reading {
  /** The last offset that the pages reach; -1: nothing is recorded. */
  readonly to: number;
  pages(): AsyncGenerator<readonly RecordedEvent[]>;
  /** After the pages: every event beyond `to` has, or will have, a later place in the store than this. */
  storePosition(): number;
}

export async function openReading(options: ReadRecordedOptions): Promise<Reading> {
  const marker = await newestMarker(options.store, options);
  const to = Math.min(marker?.to ?? -1, options.toOffset ?? Number.POSITIVE_INFINITY);
  return new RecordedReading(options, marker, to);
}

class RecordedReading implements Reading {
  readonly to: number;
  readonly #options: ReadRecordedOptions;
  readonly #marker: Marker | undefined;
  readonly #order: BusOrder;
  /** The last place read before anything beyond `to` was: a place where something is. */
  #safe: number;
  #reached: number;

  constructor(options: ReadRecordedOptions, marker: Marker | undefined, to: number) {
    this.to = to;
    this.#options = options;
    this.#marker = marker;
    this.#order = new BusOrder(options, { after: options.afterOffset, to });
    this.#safe = options.fromStorePosition ?? 0;
    this.#reached = this.#safe;
  }

  storePosition(): number {
    return this.#safe;
  }

  async *pages(): AsyncGenerator<readonly RecordedEvent[]> {
    const { store, partition, afterOffset } = this.#options;
    if (afterOffset >= this.to) return;
    const streamPrefix = streamPrefixOf(partition);
    for await (const page of store.readAll({ after: this.#safe, streamPrefix })) {
      const released: RecordedEvent[] = [];
      for (const event of page) {
        if (event.stream.startsWith(streamPrefix)) this.#take(event, released);
        if (this.#order.complete) break;
      }
      if (released.length > 0) yield released;
      if (this.#order.complete) return;
    }
    this.#checkReached();
    const rest = this.#order.rest();
    if (rest.length > 0) yield rest;
  }

  #take(event: RecordedEvent, released: RecordedEvent[]): void {
    for (const one of this.#order.take(event)) released.push(one);
    this.#reached = event.position;
    if (!this.#order.sawBeyond) this.#safe = event.position;
  }

  /** A follower of a cluster may lag behind the node that showed the marker. */
  #checkReached(): void {
    if (this.#marker === undefined || this.#reached >= this.#marker.position) return;
    throw new PortError(
      'UNAVAILABLE',
      `The event store ended at ${this.#reached}, before the marker at ${this.#marker.position} that it showed`,
    );
  }
}
