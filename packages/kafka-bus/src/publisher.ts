// From events to messages and back to places. An id that is known, on its way or stored, is not sent again:
// its answer is the place of the first.

import { type NewEvent, PortError, type Published, positionOf } from '@ampledger/ports';
import type { Batcher, Part } from './batcher.js';
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

/** An event on its way: the `index`-th of a part of its call. */
interface Slot {
  readonly part: OutgoingPart;
  readonly index: number;
  readonly call: Call;
}

/** What one call sends to one partition; when it is stored, where. */
class OutgoingPart implements Part {
  readonly messages: Outgoing[] = [];
  bytes = 0;
  base = 0;

  constructor(readonly partition: number) {}
}

class Call {
  readonly parts: OutgoingPart[] = [];
  readonly names: string[] = [];
  /** Resolves when the parts know their places. */
  answer: Promise<void> | undefined;

  add(partition: number, name: string, message: Outgoing): Slot {
    const part = this.#part(partition);
    const slot = { part, index: part.messages.length, call: this };
    part.messages.push(message);
    part.bytes += bytesOf(message);
    this.names.push(name);
    return slot;
  }

  #part(partition: number): OutgoingPart {
    const known = this.parts.find((part) => part.partition === partition);
    if (known !== undefined) return known;
    const made = new OutgoingPart(partition);
    this.parts.push(made);
    return made;
  }
}

interface Entry {
  readonly duplicate: boolean;
  /** Where it is; a position when that is known already. */
  readonly place: Slot | number;
}

// Every message of every station passes here, most of them alone in their call: little is made for each.
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
    const entries = this.#take(events, call);
    // The own answer first: who waits for another's is not the only one to hear of its failure.
    await call.answer;
    for (const { place } of entries) {
      if (typeof place !== 'number' && place.call !== call) await place.call.answer;
    }
    return entries.map(({ duplicate, place }) => ({
      position:
        typeof place === 'number'
          ? place
          : this.#positionOf(place.part.partition, place.part.base + place.index),
      duplicate,
    }));
  }

  /** All of them or none. */
  #take(events: readonly NewEvent[], call: Call): readonly Entry[] {
    try {
      const entries = events.map((event) => this.#enter(event, call));
      if (call.parts.length > 0) this.#send(call);
      return entries;
    } catch (error) {
      for (const name of call.names) this.#pending.delete(name);
      throw error;
    }
  }

  #enter(event: NewEvent, call: Call): Entry {
    const name = `${event.stream}\n${event.id}`;
    const partition = this.#deps.partitionOf(event.key);
    const known = this.#pending.get(name) ?? this.#known(name, partition, event);
    if (known !== undefined) return { duplicate: true, place: known };
    const slot = call.add(partition, name, this.#encode(event));
    this.#pending.set(name, slot);
    return { duplicate: false, place: slot };
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

  #send(call: Call): void {
    for (const { bytes } of call.parts) {
      if (bytes > this.#deps.bytesMax) {
        throw new PortError(
          'INVALID',
          `${bytes} bytes in one call: the topic takes at most ${this.#deps.bytesMax}`,
        );
      }
    }
    call.answer = this.#deps.batcher.push(call.parts).then(
      (bases) => this.#sent(call, bases),
      (error: unknown) => {
        for (const name of call.names) this.#pending.delete(name);
        throw error;
      },
    );
  }

  #sent({ parts, names }: Call, bases: readonly number[]): void {
    parts.forEach((part, i) => {
      part.base = bases[i] ?? 0;
    });
    for (const name of names) {
      const slot = this.#pending.get(name);
      this.#pending.delete(name);
      if (slot !== undefined)
        this.#recent.add(name, this.#positionOf(slot.part.partition, slot.part.base + slot.index));
    }
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
