// Reads events back. Every page is checked as it is read; between chunks the event loop gets its
// turn, so that a long replay does not hold up sockets.

import type { ReadAllOptions, ReadStreamOptions, RecordedEvent } from '@ampledger/ports';
import { type Connection, corrupt, guard } from './database.js';
import { damagedAt, decodePage, mayHold, type Page } from './page.js';
import { PageTable } from './page-table.js';
import type { StreamIndex } from './stream-index.js';

const STREAM_CHUNK_EVENTS = 500;
const STREAM_CHUNK_PAGES = 32;

export interface VerifyProgress {
  /** Everything up to here is sound. */
  readonly position: number;
  readonly lastPosition: number;
  readonly pages: number;
}

export class LogReader {
  readonly #connection: Connection;
  readonly #index: StreamIndex;
  readonly #table: PageTable;
  readonly #lastPosition: () => number;
  #newest: { readonly page: Page; readonly events: readonly RecordedEvent[] } | undefined;

  constructor(connection: Connection, index: StreamIndex, lastPosition: () => number) {
    this.#connection = connection;
    this.#index = index;
    this.#table = new PageTable(connection);
    this.#lastPosition = lastPosition;
  }

  async *readAll(options: ReadAllOptions = {}): AsyncGenerator<readonly RecordedEvent[]> {
    const isBackwards = options.direction === 'backwards';
    const end = this.#lastPosition();
    const after = options.after ?? (isBackwards ? end + 1 : 0);
    const chunks = isBackwards
      ? this.#table.backwards(Math.min(after - 1, end))
      : this.#table.forwards(after + 1, end);
    const select = isBackwards ? selector(options, (page) => this.#unpackFromEnd(page)) : selector(options);
    const isWanted = (position: number): boolean =>
      isBackwards ? position < after : position > after && position <= end;
    let left = options.limit ?? Number.POSITIVE_INFINITY;
    for (const pages of chunks) {
      const taken: RecordedEvent[] = [];
      for (const page of pages) {
        // Pages beyond the limit are not unpacked.
        if (taken.length >= left) break;
        const wanted = select(page).filter(({ position }) => isWanted(position));
        if (isBackwards) wanted.reverse();
        for (const event of wanted.slice(0, left - taken.length)) taken.push(event);
      }
      left -= taken.length;
      if (taken.length > 0) yield taken;
      // Here, because asking for the next chunk reads it.
      if (left <= 0) return;
      await nextTurn();
    }
  }

  /** The newest page is asked for again and again (the last events, please): it is unpacked once. */
  #unpackFromEnd(page: Page): readonly RecordedEvent[] {
    const known = this.#newest;
    if (known?.page.first === page.first && known.page.crc === page.crc) return known.events;
    const events = decodePage(page);
    if (page.first >= (known?.page.first ?? 0)) this.#newest = { page, events };
    return events;
  }

  /** The first chunk of events after a position, for a subscription that catches up. */
  chunkAfter(
    position: number,
    types: readonly string[] | undefined,
  ): { events: readonly RecordedEvent[]; until: number } {
    const select = selector({ types });
    const end = this.#lastPosition();
    let until = position;
    let count = 0;
    const events: RecordedEvent[] = [];
    for (const pages of this.#table.forwards(position + 1, end)) {
      for (const page of pages) {
        for (const event of select(page)) if (event.position > position) events.push(event);
        until = page.first + page.count - 1;
        count += page.count;
      }
      if (count >= STREAM_CHUNK_EVENTS) break;
    }
    return { events, until };
  }

  async *readStream(
    stream: string,
    options: ReadStreamOptions = {},
  ): AsyncGenerator<readonly RecordedEvent[]> {
    const positions = this.#index.positions(stream, this.#lastPosition());
    const revisions = selectRevisions(positions.length, options);
    let page: { readonly first: number; readonly events: readonly RecordedEvent[] } | undefined;
    let pages = 0;
    let chunk: RecordedEvent[] = [];
    for (const revision of revisions) {
      const position = positions[revision] as number;
      if (!page || position < page.first || position >= page.first + page.events.length) {
        const found = this.#table.holding(position);
        page = { first: found.first, events: decodePage(found) };
        pages += 1;
      }
      const event = page.events[position - page.first];
      if (event?.stream !== stream || event.revision !== revision) {
        throw corrupt(
          `The index of stream ${stream} is damaged: revision ${revision} is not at position ${position}`,
        );
      }
      chunk.push(event);
      if (chunk.length < STREAM_CHUNK_EVENTS && pages < STREAM_CHUNK_PAGES) continue;
      yield chunk;
      chunk = [];
      pages = 0;
      await nextTurn();
    }
    if (chunk.length > 0) yield chunk;
  }

  /** Reads the whole log and throws CORRUPT at the first page that is damaged or missing. */
  async *verifyPages(): AsyncGenerator<VerifyProgress> {
    const lastPosition = this.#lastPosition();
    let pages = 0;
    for (const chunk of this.#table.forwards(1, lastPosition)) {
      if (pages === 0 && chunk[0]?.prev !== 0) throw damagedAt(1);
      let position = 0;
      for (const page of chunk) position = page.first + decodePage(page).length - 1;
      pages += chunk.length;
      yield { position, lastPosition, pages };
      await nextTurn();
    }
    this.#verifyDatabase();
  }

  #verifyDatabase(): void {
    const rows = guard('checking the database', () =>
      this.#connection.prepare('PRAGMA integrity_check(1)').raw().all([]),
    ) as [string][];
    const found = rows[0]?.[0];
    if (found !== 'ok') throw corrupt(`SQLite reports: ${found}`);
  }
}

function selectRevisions(count: number, { from, direction, limit }: ReadStreamOptions): number[] {
  const revisions: number[] = [];
  const isBackwards = direction === 'backwards';
  const step = isBackwards ? -1 : 1;
  const start = isBackwards ? Math.min(from ?? count, count - 1) : (from ?? 0);
  const max = limit ?? count;
  for (let r = start; r >= 0 && r < count && revisions.length < max; r += step) revisions.push(r);
  return revisions;
}

type Unpack = (page: Page) => readonly RecordedEvent[];

interface Wanted {
  readonly types?: readonly string[] | undefined;
  readonly streamPrefix?: string | undefined;
}

/** Unpacks a page, or not even that when no event in it can be wanted. */
function selector({ types, streamPrefix }: Wanted, unpack: Unpack = decodePage): Unpack {
  const prefix = streamPrefix ?? '';
  if (!types && prefix === '') return unpack;
  const words = types?.map((type) => Buffer.from(type));
  const set = types && new Set(types);
  const start = prefix === '' ? undefined : [Buffer.from(prefix)];
  const isWanted = ({ type, stream }: RecordedEvent): boolean =>
    (!set || set.has(type)) && stream.startsWith(prefix);
  return (page) => {
    if (words && !mayHold(page, words)) return [];
    if (start && !mayHold(page, start)) return [];
    return unpack(page).filter(isWanted);
  };
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
