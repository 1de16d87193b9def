// Which ids and revisions each stream has. The index of old events stands in the table `runs`;
// that of the newest is kept here and written down from time to time, so that a commit writes
// nothing but its events. On opening it is rebuilt from the pages since it was last written.

import { crc32 } from 'node:zlib';
import type { RecordedEvent } from '@ampledger/ports';
import { type BindValue, type Connection, corrupt, guard } from './database.js';

/** Ids kept in memory; beyond it the streams known longest are dropped, and loaded again when written to. */
const IDS_MAX = 200_000;

/** Revisions from `base` on; the ones before stand in `runs` and are not loaded. */
interface StreamState {
  base: number;
  readonly ids: string[];
  readonly positions: number[];
  readonly revisions: Map<string, number>;
  /** Revisions below this stand in `runs`. */
  flushed: number;
}

interface Run {
  readonly ids: readonly string[];
  readonly positions: readonly number[];
}

export class StreamIndex {
  readonly #connection: Connection;
  readonly #runsOf;
  readonly #streams = new Map<string, StreamState>();
  #idCount = 0;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#runsOf = this.#connection
      .prepare('SELECT first_revision, crc, entries FROM runs WHERE stream = ? ORDER BY first_revision')
      .raw();
  }

  /** The stream's last revision, -1 when it does not exist. */
  head(stream: string): number {
    const state = this.#loaded(stream);
    return state.base + state.ids.length - 1;
  }

  find(stream: string, id: string): { readonly revision: number; readonly position: number } | undefined {
    const state = this.#loaded(stream);
    const revision = state.revisions.get(id);
    if (revision === undefined) return undefined;
    return { revision, position: state.positions[revision - state.base] as number };
  }

  /** Takes in the next event of a stream. */
  add(event: RecordedEvent): void {
    const state = this.#loaded(event.stream);
    if (event.revision !== state.base + state.ids.length) throw this.#gap(event);
    this.#push(state, event.id, event.position);
  }

  /** Takes in an event read back on opening, without loading what its stream had before. */
  recover(event: RecordedEvent): void {
    let state = this.#streams.get(event.stream);
    if (!state) {
      const base = event.revision;
      state = { base, ids: [], positions: [], revisions: new Map(), flushed: base };
      this.#streams.set(event.stream, state);
    }
    if (event.revision !== state.base + state.ids.length) throw this.#gap(event);
    this.#push(state, event.id, event.position);
  }

  /** Takes back the newest event of its stream. */
  undo(event: RecordedEvent): void {
    const state = this.#loaded(event.stream);
    state.ids.pop();
    state.positions.pop();
    state.revisions.delete(event.id);
    this.#idCount -= 1;
  }

  /** Positions of a stream's events by revision, up to `durable`. */
  positions(stream: string, durable: number): readonly number[] {
    const state = this.#streams.get(stream);
    const positions: number[] = state?.base === 0 ? [] : this.#storedRuns(stream).positions.slice();
    if (state) {
      positions.length = Math.min(positions.length, state.base);
      for (const position of state.positions) if (position <= durable) positions.push(position);
    }
    return positions;
  }

  /** Rows for `runs`: everything up to `position` that does not stand there yet. */
  unwritten(
    position: number,
  ): { readonly stream: string; readonly until: number; readonly row: readonly BindValue[] }[] {
    const found = [];
    for (const [stream, state] of this.#streams) {
      const start = state.flushed - state.base;
      let end = state.ids.length;
      while (end > start && (state.positions[end - 1] as number) > position) end -= 1;
      if (end === start) continue;
      const run: Run = { ids: state.ids.slice(start, end), positions: state.positions.slice(start, end) };
      const entries = JSON.stringify(run);
      found.push({ stream, until: state.base + end, row: [stream, state.flushed, crc32(entries), entries] });
    }
    return found;
  }

  written(stream: string, until: number): void {
    const state = this.#streams.get(stream);
    if (state) state.flushed = Math.max(state.flushed, until);
  }

  /** Drops the streams known longest, once there are too many ids. */
  trim(): void {
    if (this.#idCount <= IDS_MAX) return;
    for (const [stream, state] of this.#streams) {
      if (state.flushed < state.base + state.ids.length) continue;
      this.#streams.delete(stream);
      this.#idCount -= state.ids.length;
      if (this.#idCount <= IDS_MAX / 2) return;
    }
  }

  #push(state: StreamState, id: string, position: number): void {
    state.revisions.set(id, state.base + state.ids.length);
    state.ids.push(id);
    state.positions.push(position);
    this.#idCount += 1;
  }

  /** The stream with all its ids. */
  #loaded(stream: string): StreamState {
    const known = this.#streams.get(stream);
    if (known?.base === 0) return known;
    const { ids, positions } = this.#storedRuns(stream);
    const state: StreamState = { base: 0, ids: [], positions: [], revisions: new Map(), flushed: 0 };
    const before = known ? known.base : ids.length;
    if (before > ids.length) throw corrupt(`The index of stream ${stream} ends before revision ${before}`);
    for (let i = 0; i < before; i++) this.#push(state, ids[i] as string, positions[i] as number);
    state.flushed = known?.flushed ?? before;
    known?.ids.forEach((id, i) => {
      this.#push(state, id, known.positions[i] as number);
    });
    this.#idCount -= known?.ids.length ?? 0;
    this.#streams.delete(stream);
    this.#streams.set(stream, state);
    return state;
  }

  #storedRuns(stream: string): { ids: string[]; positions: number[] } {
    const rows = guard(`reading the index of stream ${stream}`, () => this.#runsOf.all([stream])) as [
      number,
      number,
      string,
    ][];
    const all: { ids: string[]; positions: number[] } = { ids: [], positions: [] };
    for (const [firstRevision, crc, entries] of rows) {
      const run = crc32(entries) === crc ? (JSON.parse(entries) as Run) : undefined;
      if (!run || firstRevision > all.ids.length)
        throw corrupt(`The index of stream ${stream} is damaged at revision ${firstRevision}`);
      // After a crash a run may have been written again, longer.
      all.ids.length = firstRevision;
      all.positions.length = firstRevision;
      for (const id of run.ids) all.ids.push(id);
      for (const position of run.positions) all.positions.push(position);
    }
    return all;
  }

  #gap(event: RecordedEvent): Error {
    return corrupt(
      `Revision ${event.revision} of stream ${event.stream} at position ${event.position} is out of order`,
    );
  }
}
