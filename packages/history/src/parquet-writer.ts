// A history as a Parquet file, row group by row group: what is held at a time is one of them.

import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { EVENT_BYTES_MAX, openText, textOf } from './event-text.js';
import type { HeaderedPages } from './format.js';
import type { HistoryEvent } from './history.js';
import { HistoryError } from './history-error.js';
import { columnsOf, PARQUET_SCHEMA, type Row, rowOf } from './parquet-columns.js';
import { CONTENT_KEY, type GroupSeal, NO_SEAL, SEAL_KEY, sealFooter, sha256 } from './parquet-seal.js';
import { type HistorySummary, Tally } from './tally.js';

export const GROUP_ROWS_MAX = 20_000;
/** Of text. */
export const GROUP_BYTES_MAX = 16 * 1024 * 1024;

/** The bytes of the file; `onSummary` is told before the last of them. */
export async function* parquetOf(
  { header, pages }: HeaderedPages,
  onSummary: (summary: HistorySummary) => void,
): AsyncGenerator<Buffer> {
  const file = new GroupWriter();
  const tally = new Tally();
  let rows: Row[] = [];
  let bytes = 0;
  yield file.taken();
  for await (const page of pages) {
    for (const event of page) {
      const { row, size } = take(event, tally);
      rows.push(row);
      bytes += size;
      if (rows.length < GROUP_ROWS_MAX && bytes < GROUP_BYTES_MAX) continue;
      yield file.group(rows);
      rows = [];
      bytes = 0;
    }
  }
  if (rows.length > 0) yield file.group(rows);
  const summary = tally.summary();
  onSummary(summary);
  yield file.footer(JSON.stringify({ header, summary, groups: file.groups }));
}

function take(event: HistoryEvent, tally: Tally): { readonly row: Row; readonly size: number } {
  const text = textOf(event);
  const open = Buffer.from(openText(text));
  if (open.length > EVENT_BYTES_MAX) {
    throw new HistoryError('INVALID', `Event ${event.id} is larger than ${EVENT_BYTES_MAX} bytes`);
  }
  tally.add(event, open);
  return { row: rowOf(event, text), size: open.length };
}

class GroupWriter {
  readonly groups: GroupSeal[] = [];
  readonly #bytes = new ByteWriter();
  readonly #kept: { key: string; value: string }[] = [];
  readonly #file = new ParquetWriter({
    writer: this.#bytes,
    schema: PARQUET_SCHEMA,
    kvMetadata: this.#kept,
    createdBy: 'ampledger',
  });

  group(rows: readonly Row[]): Buffer {
    this.#file.write({ columnData: columnsOf(rows), rowGroupSize: rows.length });
    const written = this.taken();
    this.groups.push({ rows: rows.length, bytes: written.length, sha256: sha256(written) });
    return written;
  }

  footer(content: string): Buffer {
    this.#kept.push({ key: CONTENT_KEY, value: content }, { key: SEAL_KEY, value: NO_SEAL });
    this.#file.finish();
    return sealFooter(this.taken());
  }

  /** What was written since the last time. The writer goes on counting where in the file it is. */
  taken(): Buffer {
    const taken = Buffer.from(this.#bytes.getBytes());
    this.#bytes.index = 0;
    return taken;
  }
}
