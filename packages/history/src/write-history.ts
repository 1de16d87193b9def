// A history to a file: under another name until it is whole and on disk, so that a file of the name
// asked for is always a whole one.

import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { HeaderedPages, HistoryFormat } from './format.js';
import { HistoryError } from './history-error.js';
import { ndjsonOf } from './ndjson-writer.js';
import { parquetOf } from './parquet-writer.js';
import type { HistorySummary } from './tally.js';

export interface WriteHistoryOptions extends HeaderedPages {
  readonly path: string;
  readonly format: HistoryFormat;
  /** Whether a file of this name may be replaced. */
  readonly overwrite?: boolean;
}

export interface WrittenHistory {
  readonly summary: HistorySummary;
  readonly bytes: number;
}

/** The format that a name asks for; undefined: none that there is. */
export function formatOfName(path: string): HistoryFormat | undefined {
  if (/\.(?:ndjson|jsonl)\.gz$/i.test(path)) return 'ndjson.gz';
  if (/\.(?:ndjson|jsonl)$/i.test(path)) return 'ndjson';
  return /\.parquet$/i.test(path) ? 'parquet' : undefined;
}

/** Rejects with a HistoryError INVALID for an event that no history can keep, or with what the disk says. */
export async function writeHistory(options: WriteHistoryOptions): Promise<WrittenHistory> {
  const { path, overwrite = false } = options;
  refuseExisting(path, overwrite);
  const part = `${path}.part`;
  try {
    const summary = await writeTo(part, options);
    const { size } = await stat(part);
    refuseExisting(path, overwrite);
    await rename(part, path);
    await syncDirectory(dirname(path));
    return { summary, bytes: size };
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

function refuseExisting(path: string, overwrite: boolean): void {
  if (!overwrite && existsSync(path)) throw new HistoryError('INVALID', `${path} exists already`);
}

async function writeTo(part: string, options: WriteHistoryOptions): Promise<HistorySummary> {
  let summary: HistorySummary | undefined;
  const encode = options.format === 'parquet' ? parquetOf : ndjsonOf;
  const bytes = encode(options, (all) => {
    summary = all;
  });
  // Flushed: on disk before it has its name.
  const file = createWriteStream(part, { flush: true });
  // Else a source that fails at once is over before the file is made, which then stays.
  await once(file, 'open');
  if (options.format === 'ndjson.gz') await pipeline(gathered(bytes), createGzip(), file);
  else await pipeline(gathered(bytes), file);
  if (summary === undefined) throw new HistoryError('INVALID', 'The history has no end');
  return summary;
}

const CHUNK_BYTES = 64 * 1024;

/** Small pieces put together: a stream's step costs more than a line. */
async function* gathered(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    held.push(piece);
    bytes += piece.length;
    if (bytes < CHUNK_BYTES) continue;
    yield Buffer.concat(held);
    held = [];
    bytes = 0;
  }
  yield Buffer.concat(held);
}

/** The name must be on disk too. Where directories cannot be synced, the system does without. */
async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(directory);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
