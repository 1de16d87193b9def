// What opening does before anything is read: judge the write-ahead log, check every page since the
// index was last written, and rebuild the index of those. Time in proportion to that tail.

import { existsSync, readFileSync } from 'node:fs';
import { type Connection, corrupt, guard } from './database.js';
import type { Mark } from './index-writer.js';
import { damagedAt, decodePage } from './page.js';
import { PageTable } from './page-table.js';
import type { StreamIndex } from './stream-index.js';
import { inspectWal } from './write-ahead-log.js';

/** To be called before SQLite opens the file: SQLite drops an unfinished commit without a word. */
export function judgeWriteAheadLog(databasePath: string, onWarning: (message: string) => void): void {
  const path = `${databasePath}-wal`;
  if (!existsSync(path)) return;
  const state = inspectWal(readFileSync(path));
  if (state.kind === 'damaged') {
    throw corrupt(`${path} is damaged at byte ${state.offset}, before commits that were acknowledged`);
  }
  if (state.kind === 'torn') {
    onWarning(
      `A commit was cut short by a crash; its ${state.bytes} bytes were dropped. Nothing of it had been acknowledged.`,
    );
  }
}

/** How far the index table reaches, from before the crash or the close. */
export function readMark(connection: Connection): Mark {
  const rows = guard('reading the index', () =>
    connection.prepare('SELECT position, crc FROM indexed').raw().all([]),
  ) as [number, number][];
  const [position, crc] = rows[0] ?? [0, 0];
  return { position, crc };
}

/** Checks the tail, takes it into the index, and returns where the log ends. */
export function recoverTail(connection: Connection, index: StreamIndex, mark: Mark): Mark {
  const table = new PageTable(connection);
  const last = table.last();
  const end = last ? last.first + last.count - 1 : 0;
  if (end < mark.position) throw damagedAt(end + 1);
  let crc = mark.crc;
  if (mark.position > 0) {
    const marked = table.holding(mark.position);
    if (marked.crc !== crc || marked.first + marked.count - 1 !== mark.position)
      throw damagedAt(mark.position);
  }
  for (const pages of table.forwards(mark.position + 1, end)) {
    for (const page of pages) {
      if (page.prev !== crc) throw damagedAt(page.first);
      for (const event of decodePage(page)) index.recover(event);
      crc = page.crc;
    }
  }
  return { position: end, crc };
}
