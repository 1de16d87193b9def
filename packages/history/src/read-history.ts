// A file of history, of whatever format its first bytes say.

import { open } from 'node:fs/promises';
import type { HistoryContent, ReadHandlers } from './format.js';
import { HistoryError } from './history-error.js';
import { readNdjson } from './ndjson-reader.js';
import { MAGIC, readParquet } from './parquet-reader.js';

/**
 * Reads a whole file in bounded memory and checks all of it. What pages hold is sound by itself; that the
 * file is whole is known when this has resolved. Rejects with a HistoryError that names the damaged line or
 * row group, with what a handler throws, or with what the disk says.
 */
export async function readHistory(path: string, handlers: ReadHandlers = {}): Promise<HistoryContent> {
  const { start, bytes } = await beginningOf(path);
  if (start.toString('latin1') === MAGIC) return readParquet({ path, bytes }, handlers);
  const isZipped = start[0] === 0x1f && start[1] === 0x8b;
  if (!isZipped && start[0] !== '{'.charCodeAt(0)) {
    throw new HistoryError('NOT_A_HISTORY', 'This is no history that ampledger exported.');
  }
  return readNdjson({ path, bytes, isZipped }, handlers);
}

async function beginningOf(path: string): Promise<{ readonly start: Buffer; readonly bytes: number }> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const start = Buffer.alloc(MAGIC.length);
    const { bytesRead } = await file.read(start, 0, start.length, 0);
    return { start: start.subarray(0, bytesRead), bytes: size };
  } finally {
    await file.close();
  }
}
