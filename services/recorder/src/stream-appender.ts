// Appends a partition's events to its streams, each exactly once. In every stream stands a prefix of what
// the bus has for it, whoever wrote it: so the offset of its last event says what is there already, and the
// expected revision makes sure that nothing came in between.

import { CodedError } from '@ampledger/kernel';
import { type EventStore, type NewEvent, PortError, type RecordedEvent } from '@ampledger/ports';
import { APPEND_BYTES_MAX, type RecordedPartition, recordedEvent, sourceOf } from '@ampledger/recording';
import type { Effort } from './effort.js';
import type { Entry } from './intake.js';
import { type Head, NO_STREAM, StreamHeads } from './stream-heads.js';

const CHUNK_EVENTS_MAX = 500;
/** Each means that another recorder wrote to the stream meanwhile; one that was superseded has one batch to do so. */
const CONFLICTS_MAX = 100;

export interface Refused {
  readonly entry: Entry;
  readonly reason: string;
}

export interface AppendedStream {
  /** In the store when we came: another recorder, or an earlier run, had written them. */
  readonly present: number;
  /** Not written, because the stream has the event's id from an earlier place on the bus. */
  readonly repeated: readonly Entry[];
  readonly refused: readonly Refused[];
}

/** One stream's part of a batch, as it is being worked off. */
interface Work {
  readonly stream: string;
  readonly done: number;
  head: Head;
  rest: readonly Entry[];
  /** The store refused several together: one at a time from here on. */
  single: boolean;
  conflicts: number;
  present: number;
  readonly repeated: Entry[];
  readonly refused: Refused[];
}

export class StreamAppender {
  readonly #store: EventStore;
  readonly #effort: Effort;
  readonly #of: RecordedPartition;
  readonly #heads: StreamHeads;

  constructor(deps: {
    readonly store: EventStore;
    readonly effort: Effort;
    readonly of: RecordedPartition;
    readonly streamsKept: number;
  }) {
    this.#store = deps.store;
    this.#effort = deps.effort;
    this.#of = deps.of;
    this.#heads = new StreamHeads(deps.streamsKept);
  }

  /** Resolves when all of them are in the store, or refused. `stream` is the recorded one's name. */
  async append(stream: string, entries: readonly Entry[], done: number): Promise<AppendedStream> {
    const head = this.#heads.get(stream) ?? (await this.#headOf(stream)) ?? NO_STREAM;
    // While the stream is being written nobody knows where it ends.
    this.#heads.forget(stream);
    const work: Work = {
      ...{ stream, done, head, rest: entries, repeated: [], refused: [] },
      ...{ single: false, conflicts: 0, present: 0 },
    };
    this.#dropPresent(work);
    while (work.rest.length > 0) await this.#step(work);
    this.#heads.set(stream, work.head);
    return work;
  }

  async #step(work: Work): Promise<void> {
    const chunk = chunkOf(work.rest, work.single);
    const events = chunk.map(({ event, offset }) =>
      recordedEvent(event, { topic: this.#of.topic, partition: this.#of.partition, offset }, work.done),
    );
    const appended = await this.#tryAppend(work, events);
    if (appended === 'refused') return;
    if (!appended.ok) return this.#conflict(work, appended.error.actualRevision);
    const before = work.head;
    work.rest = work.rest.slice(chunk.length);
    if (appended.value.nextExpectedRevision === before.revision + chunk.length) {
      work.head = { revision: before.revision + chunk.length, offset: chunk.at(-1)?.offset ?? before.offset };
    } else {
      await this.#lookAgain(work, chunk);
    }
  }

  async #tryAppend(work: Work, events: readonly NewEvent[]) {
    const { revision } = work.head;
    try {
      return await this.#effort(() =>
        this.#store.append(work.stream, revision < 0 ? 'none' : revision, events),
      );
    } catch (error) {
      if (!(error instanceof PortError && error.code === 'INVALID')) throw error;
      const [entry, ...others] = work.rest;
      if (events.length > 1) work.single = true;
      else if (entry !== undefined) {
        work.refused.push({ entry, reason: error.message });
        work.rest = others;
      }
      return 'refused' as const;
    }
  }

  /** Somebody else wrote to the stream: what is there now is not written again. */
  async #conflict(work: Work, actualRevision: number): Promise<void> {
    if (++work.conflicts > CONFLICTS_MAX) {
      throw new CodedError('CONFLICTS', `Stream ${work.stream} changes whenever it is written to`);
    }
    // Events that have aged out are not shown, and none of ours is so old.
    work.head = (await this.#headOf(work.stream)) ?? { revision: actualRevision, offset: -1 };
    this.#dropPresent(work);
  }

  #dropPresent(work: Work): void {
    const before = work.rest.length;
    work.rest = work.rest.filter(({ offset }) => offset > work.head.offset);
    work.present += before - work.rest.length;
  }

  /**
   * The append succeeded and the stream does not end where it should: it has more already, or it has some of
   * the ids from earlier places on the bus (the bus recognises repetitions within a window only).
   */
  async #lookAgain(work: Work, chunk: readonly Entry[]): Promise<void> {
    const { stream, head } = work;
    const read = await this.#effort(() => this.#readAfter(stream, head));
    for (const entry of chunk) if (!read.offsets.has(entry.offset)) work.repeated.push(entry);
    work.head = read.head;
    this.#dropPresent(work);
  }

  async #readAfter(stream: string, after: Head): Promise<{ offsets: Set<number>; head: Head }> {
    const offsets = new Set<number>();
    let head = after;
    for await (const page of this.#store.readStream(stream, { from: after.revision + 1 })) {
      for (const event of page) {
        head = this.#asHead(event);
        offsets.add(head.offset);
      }
    }
    return { offsets, head };
  }

  /** undefined: the stream shows no event. */
  #headOf(stream: string): Promise<Head | undefined> {
    return this.#effort(async () => {
      for await (const [last] of this.#store.readStream(stream, { direction: 'backwards', limit: 1 })) {
        if (last !== undefined) return this.#asHead(last);
      }
      return undefined;
    });
  }

  #asHead(event: RecordedEvent): Head {
    return { revision: event.revision, offset: sourceOf(event, this.#of.topic, this.#of.partition).offset };
  }
}

function chunkOf(entries: readonly Entry[], single: boolean): readonly Entry[] {
  let count = 0;
  let bytes = 0;
  for (const entry of entries) {
    bytes += entry.bytes;
    if (count > 0 && (single || bytes > APPEND_BYTES_MAX || count >= CHUNK_EVENTS_MAX)) break;
    count++;
  }
  return entries.slice(0, count);
}
