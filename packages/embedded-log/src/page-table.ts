// Reads pages from the database, in chunks that adapt to how full the pages are. Every page that
// leaves here was checked: its content, and that it follows the one before it.

import { type Connection, guard } from './database.js';
import { checkPage, damagedAt, type Page } from './page.js';

type PageRow = readonly [first: number, count: number, prev: number, crc: number, payload: Buffer];

const CHUNK_EVENTS = 1_000;
const CHUNK_PAGES_MAX = 256;
const COLUMNS = 'first, count, prev, crc, payload';

export class PageTable {
  readonly #holding;
  readonly #forwards;
  readonly #backwards;

  constructor(connection: Connection) {
    const prepare = (sql: string) => connection.prepare(sql).raw();
    this.#holding = prepare(`SELECT ${COLUMNS} FROM pages WHERE first <= ? ORDER BY first DESC LIMIT 1`);
    this.#forwards = prepare(`SELECT ${COLUMNS} FROM pages WHERE first >= ? ORDER BY first LIMIT ?`);
    this.#backwards = prepare(`SELECT ${COLUMNS} FROM pages WHERE first < ? ORDER BY first DESC LIMIT ?`);
  }

  last(): Page | undefined {
    return this.#read(this.#holding, Number.MAX_SAFE_INTEGER)[0];
  }

  /** The page that an event stands in. */
  holding(position: number): Page {
    const page = this.#read(this.#holding, position)[0];
    if (!page || position >= page.first + page.count) throw damagedAt(position);
    return page;
  }

  /** Every page from the one that holds `start` to the one that ends at `end`, in chunks. */
  *forwards(start: number, end: number): Generator<readonly Page[]> {
    if (start > end) return;
    let limit = 1;
    let before: Page | undefined;
    let next = this.holding(start).first;
    while (next <= end) {
      const pages = this.#read(this.#forwards, next, limit);
      for (const page of pages) {
        if (page.first !== next || (before && page.prev !== before.crc)) throw damagedAt(next);
        before = page;
        next = page.first + page.count;
      }
      if (pages.length === 0) throw damagedAt(next);
      yield pages;
      limit = adapt(pages);
    }
  }

  /** Every page from the one that holds `start` back to the first one, in chunks. */
  *backwards(start: number): Generator<readonly Page[]> {
    if (start < 1) return;
    let after = this.holding(start);
    yield [after];
    let limit = adapt([after]);
    while (after.first > 1) {
      const pages = this.#read(this.#backwards, after.first, limit);
      if (pages.length === 0) throw damagedAt(after.first - 1);
      for (const page of pages) {
        if (page.first + page.count !== after.first || page.crc !== after.prev) throw damagedAt(page.first);
        after = page;
      }
      yield pages;
      limit = adapt(pages);
    }
  }

  #read(statement: ReturnType<Connection['prepare']>, position: number, limit?: number): Page[] {
    const rows = guard(`reading the log at position ${Math.min(position, Number.MAX_SAFE_INTEGER)}`, () =>
      statement.all(limit === undefined ? [position] : [position, limit]),
    ) as PageRow[];
    return rows.map(([first, count, prev, crc, payload]) => {
      const page = { first, count, prev, crc, payload };
      checkPage(page);
      return page;
    });
  }
}

/** How many pages of the kind just seen make up a chunk. */
function adapt(pages: readonly Page[]): number {
  const perPage = pages.reduce((sum, page) => sum + page.count, 0) / pages.length;
  return Math.max(1, Math.min(CHUNK_PAGES_MAX, Math.round(CHUNK_EVENTS / perPage)));
}
