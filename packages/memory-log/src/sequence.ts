// The events themselves: gives each its position and its stream's next revision, and knows
// which ids a stream has had. With `retain: 'none'` events and ids are forgotten once they
// are old; how many events a stream has had never is.

import type { NewEvent, RecordedEvent } from '@ampledger/ports';
import { PortError } from '@ampledger/ports';

export type Retain = 'all' | 'none';

/** Ids in one generation of a log that retains nothing; the last one to two generations are known. */
const GENERATION_IDS = 50_000;
/** Handled events are dropped in lots of at least this many. */
const DROP_EVENTS_MIN = 4_096;

type IdsOfStream = Map<string, RecordedEvent>;

export class Sequence {
  readonly #retain: Retain;
  readonly #heads = new Map<string, number>();
  readonly #streams = new Map<string, RecordedEvent[]>();
  #events: RecordedEvent[] = [];
  /** How many events were dropped from the front of #events. */
  #dropped = 0;
  #known = new Map<string, IdsOfStream>();
  #knownBefore = new Map<string, IdsOfStream>();
  #knownCount = 0;

  constructor(retain: Retain) {
    this.#retain = retain;
  }

  get lastPosition(): number {
    return this.#dropped + this.#events.length;
  }

  /** The stream's last revision, -1 when it does not exist. */
  head(stream: string): number {
    return this.#heads.get(stream) ?? -1;
  }

  find(stream: string, id: string): RecordedEvent | undefined {
    return this.#known.get(stream)?.get(id) ?? this.#knownBefore.get(stream)?.get(id);
  }

  add(event: NewEvent): RecordedEvent {
    const { id, key, stream, type, version, data, meta } = event;
    const revision = this.head(stream) + 1;
    const position = this.lastPosition + 1;
    const recorded: RecordedEvent = { id, key, stream, type, version, data, meta, position, revision };
    this.#heads.set(stream, revision);
    this.#events.push(recorded);
    this.#remember(recorded);
    return recorded;
  }

  /** Up to `max` events after a position, in order. */
  after(position: number, max: number): readonly RecordedEvent[] {
    if (position < this.#dropped) {
      throw new PortError('INVALID', `Events up to position ${this.#dropped} were not retained`);
    }
    const start = position - this.#dropped;
    return this.#events.slice(start, start + max);
  }

  /** The events of one stream; only a log that retains everything has them. */
  ofStream(stream: string): readonly RecordedEvent[] {
    if (this.#retain === 'none' && this.#heads.has(stream)) {
      throw new PortError('INVALID', 'This log retains no streams');
    }
    return this.#streams.get(stream) ?? [];
  }

  /** Forgets events that every subscription has handled. */
  handledUntil(position: number): void {
    const count = Math.min(position - this.#dropped, this.#events.length);
    if (this.#retain === 'all' || count < DROP_EVENTS_MIN) return;
    this.#events = this.#events.slice(count);
    this.#dropped += count;
  }

  #remember(event: RecordedEvent): void {
    const ids = this.#known.get(event.stream);
    if (ids) ids.set(event.id, event);
    else this.#known.set(event.stream, new Map([[event.id, event]]));
    if (this.#retain === 'all') {
      const events = this.#streams.get(event.stream);
      if (events) events.push(event);
      else this.#streams.set(event.stream, [event]);
    } else if (++this.#knownCount >= GENERATION_IDS) {
      this.#knownBefore = this.#known;
      this.#known = new Map();
      this.#knownCount = 0;
    }
  }
}
