// From events to messages and back to places. An id that is known, on its way or stored, is not sent again:
// its answer is the place of the first.

import { type NewEvent, PortError, type Published, positionOf } from '@ampledger/ports';
import type { Batcher } from './batcher.js';
import { bytesOf, encode, type Outgoing } from './message.js';
import { RecentIds } from './recent-ids.js';

export interface PublisherDeps {
  readonly batcher: Batcher;
  readonly partitions: number;
  readonly partitionOf: (key: string) => number;
  /** What of one call may go to one partition: a batch, stored whole or not at all. */
  readonly bytesMax: number;
  /** Of one event. */
  readonly eventBytesMax: number;
  /** The offset of an event that readers of this process have seen. */
  readonly find: (partition: number, stream: string, id: string) => number | undefined;
}

/** An event on its way: the `index`-th of what its call sends to the partition. */
interface Slot {
  readonly partition: number;
  readonly index: number;
  readonly call: Call;
}

/** What one call sends, and what it hears: offsets by partition. */
class Call {
  readonly messages = new Map<number, Outgoing[]>();
  readonly bytes = new Map<number, number>();
  readonly names: string[] = [];
  answer: Promise<ReadonlyMap<number, number>> = Promise.resolve(new Map());

  add(partition: number, name: string, message: Outgoing): Slot {
    const some = this.messages.get(partition) ?? [];
    const slot = { partition, index: some.length, call: this };
    some.push(message);
    this.messages.set(partition, some);
    this.bytes.set(partition, (this.bytes.get(partition) ?? 0) + bytesOf(message));
    this.names.push(name);
    return slot;
  }
}

interface Entry {
  readonly duplicate: boolean;
  /** Where it is; a position when that is known already. */
  readonly place: Slot | number;
}

export class Publisher {
  readonly #deps: PublisherDeps;
  readonly #pending = new Map<string, Slot>();
  readonly #recent = new RecentIds();

  constructor(deps: PublisherDeps) {
    this.#deps = deps;
  }

  /** Takes the events in before it returns: the order of calls is the order on the topic. */
  async publish(events: readonly NewEvent[]): Promise<readonly Published[]> {
    const call = new Call();
    const entries = this.#enter(events, call);
    const calls = new Set(entries.flatMap(({ place }) => (typeof place === 'number' ? [] : [place.call])));
    const bases = new Map<Call, ReadonlyMap<number, number>>();
    await Promise.all([...calls].map(async (one) => bases.set(one, await one.answer)));
    return entries.map(({ duplicate, place }) => {
      if (typeof place === 'number') return { position: place, duplicate };
      const base = bases.get(place.call)?.get(place.partition) ?? 0;
      return { position: this.#positionOf(place.partition, base + place.index), duplicate };
    });
  }

  #enter(events: readonly NewEvent[], call: Call): readonly Entry[] {
    const own = new Map<string, Slot>();
    const entries = events.map((event): Entry => {
      const name = `${event.stream}\n${event.id}`;
      const partition = this.#deps.partitionOf(event.key);
      const known = own.get(name) ?? this.#pending.get(name) ?? this.#known(name, partition, event);
      if (known !== undefined) return { duplicate: true, place: known };
      const slot = call.add(partition, name, this.#encode(event));
      own.set(name, slot);
      return { duplicate: false, place: slot };
    });
    if (own.size > 0) this.#send(call, own);
    return entries;
  }

  #encode(event: NewEvent): Outgoing {
    const message = encode(event);
    const bytes = bytesOf(message);
    if (bytes <= this.#deps.eventBytesMax) return message;
    throw new PortError(
      'INVALID',
      `A ${event.type} of ${bytes} bytes: at most ${this.#deps.eventBytesMax} are taken`,
    );
  }

  #send(call: Call, own: ReadonlyMap<string, Slot>): void {
    for (const bytes of call.bytes.values()) {
      if (bytes > this.#deps.bytesMax) {
        throw new PortError(
          'INVALID',
          `${bytes} bytes in one call: the topic takes at most ${this.#deps.bytesMax}`,
        );
      }
    }
    const answer = this.#deps.batcher.push(call);
    for (const [name, slot] of own) this.#pending.set(name, slot);
    call.answer = answer.then(
      (bases) => this.#sent(own, bases),
      (error: unknown) => {
        for (const name of own.keys()) this.#pending.delete(name);
        throw error;
      },
    );
  }

  #sent(own: ReadonlyMap<string, Slot>, bases: ReadonlyMap<number, number>): ReadonlyMap<number, number> {
    for (const [name, { partition, index }] of own) {
      this.#pending.delete(name);
      this.#recent.add(name, this.#positionOf(partition, (bases.get(partition) ?? 0) + index));
    }
    return bases;
  }

  #known(name: string, partition: number, { stream, id }: NewEvent): number | undefined {
    const recent = this.#recent.find(name);
    if (recent !== undefined) return recent;
    const offset = this.#deps.find(partition, stream, id);
    return offset === undefined ? undefined : this.#positionOf(partition, offset);
  }

  #positionOf(partition: number, offset: number): number {
    return positionOf({ partition, offset }, this.#deps.partitions);
  }
}
