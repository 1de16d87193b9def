// Writes the stream index down behind the events, a few rows with each commit, and when all are
// there the mark up to which it reaches. Rows without their mark do no harm: opening rebuilds
// the index from the old mark, and the rows are written again.

import type { StreamIndex } from './stream-index.js';
import type { Change } from './transactions.js';

/** New events after which the index is written: bounds what opening has to read again. */
export const FLUSH_EVENTS = 16_384;
const ROWS_PER_COMMIT = 256;
const PUT_RUN = 'INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?)';
const PUT_MARK = 'INSERT OR REPLACE INTO indexed VALUES (1, ?, ?)';

export interface Mark {
  readonly position: number;
  /** CRC of the page that ends there. */
  readonly crc: number;
}

type Row = ReturnType<StreamIndex['unwritten']>[number];

export class IndexWriter {
  readonly #index: StreamIndex;
  #written: Mark;
  #target: Mark | undefined;
  #rows: Row[] = [];

  constructor(index: StreamIndex, written: Mark) {
    this.#index = index;
    this.#written = written;
  }

  get isBusy(): boolean {
    return this.#target !== undefined;
  }

  /** Begins to write everything up to `durable`, once that is due or when it must be. */
  begin(durable: Mark, now: 'when-due' | 'now'): void {
    const due = durable.position - this.#written.position;
    if (this.#target || due === 0 || (now === 'when-due' && due < FLUSH_EVENTS)) return;
    this.#target = durable;
    this.#rows = this.#index.unwritten(durable.position);
  }

  /** What goes along with the next commit, and what to call when that is on disk. */
  next(): { readonly changes: readonly Change[]; onDurable(): void } {
    const target = this.#target;
    if (!target) return { changes: [], onDurable: () => {} };
    const rows = this.#rows.slice(0, ROWS_PER_COMMIT);
    const isLast = rows.length === this.#rows.length;
    const changes: Change[] = [{ sql: PUT_RUN, rows: rows.map(({ row }) => row) }];
    if (isLast) changes.push({ sql: PUT_MARK, rows: [[target.position, target.crc]] });
    const onDurable = (): void => {
      for (const { stream, until } of rows) this.#index.written(stream, until);
      this.#rows = this.#rows.slice(rows.length);
      if (!isLast) return;
      this.#written = target;
      this.#target = undefined;
      this.#index.trim();
    };
    return { changes, onDurable };
  }
}
