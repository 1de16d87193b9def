// The three ports in memory, on one sequence of events. What is published or appended is
// handed on as the very objects given: events are immutable. Uses no timer and no clock.

import { err, ok } from '@ampledger/kernel';
import type {
  Bus,
  EventStore,
  NewEvent,
  Published,
  ReadAllOptions,
  ReadStreamOptions,
  RecordedEvent,
  SnapshotStore,
} from '@ampledger/ports';
import { PortError } from '@ampledger/ports';
import { type Retain, Sequence } from './sequence.js';
import { createSnapshots } from './snapshots.js';
import { createFeed, type Feed } from './subscription.js';

const PAGE_EVENTS = 1_000;

export interface MemoryLog {
  readonly bus: Bus;
  readonly store: EventStore;
  readonly snapshots: SnapshotStore;
  /** Refuses further writes and ends every subscription after the batch in hand. */
  close(): Promise<void>;
}

export interface MemoryLogOptions {
  /**
   * `all` (default): everything stays readable. `none`: an event is forgotten when every subscription
   * has handled it, an id after 50,000 to 100,000 later ones; reading what was forgotten is INVALID.
   */
  readonly retain?: Retain;
}

export function createMemoryLog(options: MemoryLogOptions = {}): MemoryLog {
  const retain = options.retain ?? 'all';
  const sequence = new Sequence(retain);
  const feeds = new Set<Feed>();
  let closed = false;

  const assertOpen = (): void => {
    if (closed) throw new PortError('CLOSED', 'The memory log is closed');
  };
  const wakeAll = (): void => {
    let handled = sequence.lastPosition;
    for (const feed of feeds) {
      handled = Math.min(handled, feed.position);
      feed.wake();
    }
    sequence.handledUntil(handled);
  };
  const write = (event: NewEvent): Published => {
    const known = sequence.find(event.stream, event.id);
    if (known) return { position: known.position, duplicate: true };
    return { position: sequence.add(event).position, duplicate: false };
  };

  const bus: Bus = {
    async publish(events) {
      assertOpen();
      const published = events.map(write);
      wakeAll();
      return published;
    },
    subscribe(subscribeOptions, handler) {
      assertOpen();
      const feed: Feed = createFeed(sequence, subscribeOptions, handler, () => feeds.delete(feed));
      feeds.add(feed);
      return feed;
    },
  };
  const store: EventStore = {
    async append(stream, expected, events) {
      assertOpen();
      const repeated = repeatedAppend(sequence, stream, events);
      if (repeated) return ok({ nextExpectedRevision: repeated.revision, position: repeated.position });
      const actualRevision = sequence.head(stream);
      if (expected !== 'any' && actualRevision !== (expected === 'none' ? -1 : expected)) {
        return err({ code: 'WRONG_EXPECTED_REVISION', actualRevision });
      }
      const positions = events.map((event) => write(event).position);
      wakeAll();
      return ok({ nextExpectedRevision: sequence.head(stream), position: Math.max(...positions) });
    },
    readStream: (stream, readOptions = {}) => pages(() => selectStream(sequence, stream, readOptions)),
    readAll: (readOptions = {}) => pages(() => selectAll(sequence, readOptions)),
    async lastPosition() {
      return sequence.lastPosition;
    },
  };
  return {
    bus,
    store,
    snapshots: createSnapshots(retain),
    async close() {
      closed = true;
      await Promise.all([...feeds].map((feed) => feed.close()));
    },
  };
}

/** The last event of an append that is in the stream already, whole and in this order. */
function repeatedAppend(
  sequence: Sequence,
  stream: string,
  events: readonly NewEvent[],
): RecordedEvent | undefined {
  if (events.length === 0) throw new PortError('INVALID', 'An append needs at least one event');
  let last: RecordedEvent | undefined;
  let whole = true;
  for (const event of events) {
    if (event.stream !== stream) {
      throw new PortError('INVALID', `Event ${event.id} is of stream ${event.stream}, not ${stream}`);
    }
    const known = sequence.find(stream, event.id);
    whole &&= known !== undefined && known.revision > (last?.revision ?? -1);
    last = known;
  }
  return whole ? last : undefined;
}

function selectStream(
  sequence: Sequence,
  stream: string,
  { from, direction, limit }: ReadStreamOptions,
): readonly RecordedEvent[] {
  const events = sequence.ofStream(stream);
  if (direction !== 'backwards') return events.slice(from ?? 0).slice(0, limit);
  return events
    .slice(0, from === undefined ? undefined : from + 1)
    .reverse()
    .slice(0, limit);
}

function selectAll(
  sequence: Sequence,
  { after, direction, limit, types, streamPrefix }: ReadAllOptions,
): readonly RecordedEvent[] {
  const wanted = (events: readonly RecordedEvent[]): readonly RecordedEvent[] => {
    if (!types && streamPrefix === undefined) return events;
    return events.filter(
      (event) =>
        (!types || types.includes(event.type)) &&
        (streamPrefix === undefined || event.stream.startsWith(streamPrefix)),
    );
  };
  if (direction !== 'backwards') {
    return wanted(sequence.after(after ?? 0, Number.POSITIVE_INFINITY)).slice(0, limit);
  }
  const count = after === undefined ? Number.POSITIVE_INFINITY : Math.max(0, after - 1);
  return [...wanted(sequence.after(0, count))].reverse().slice(0, limit);
}

/** What is there when reading begins, page by page. */
async function* pages(select: () => readonly RecordedEvent[]): AsyncGenerator<readonly RecordedEvent[]> {
  const events = select();
  for (let start = 0; start < events.length; start += PAGE_EVENTS) {
    yield events.slice(start, start + PAGE_EVENTS);
  }
}
