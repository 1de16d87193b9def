// Reads a history of lines.

import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { NewEvent } from '@ampledger/ports';
import { type HistoryContent, PAGE_BYTES_MAX, PAGE_EVENTS_MAX, type ReadHandlers } from './format.js';
import { HistoryError } from './history-error.js';
import { cutAfter, LineCheck } from './line-check.js';
import { linesOf } from './lines.js';

export interface NdjsonFile {
  readonly path: string;
  readonly bytes: number;
  readonly isZipped: boolean;
}

const CHUNK_BYTES = 256 * 1024;

export async function readNdjson(file: NdjsonFile, handlers: ReadHandlers): Promise<HistoryContent> {
  const check = new LineCheck();
  const stream = createReadStream(file.path, { highWaterMark: CHUNK_BYTES });
  let rest = 0;
  // Told to the streams before it, an error of ours may come back as their being aborted.
  let thrown: unknown;
  const consume = async (chunks: AsyncIterable<Buffer>): Promise<void> => {
    const lines = linesOf(chunks, (bytes) => {
      rest = bytes;
    });
    await handOver(check, lines, {
      ...handlers,
      onPage: async (page) => {
        await handlers.onPage?.(page);
        handlers.onProgress?.({ bytes: stream.bytesRead, bytesTotal: file.bytes });
      },
    }).catch((error: unknown) => {
      thrown = error;
      throw error;
    });
  };
  try {
    if (file.isZipped) await pipeline(stream, createGunzip(), consume);
    else await pipeline(stream, consume);
  } catch (error) {
    throw unzipError(error, check.line) ?? unzipError(thrown, check.line) ?? thrown ?? error;
  }
  return { format: file.isZipped ? 'ndjson.gz' : 'ndjson', ...check.end(rest) };
}

async function handOver(
  check: LineCheck,
  lines: AsyncIterable<Buffer>,
  { onHeader, onPage }: ReadHandlers,
): Promise<void> {
  let events: NewEvent[] = [];
  let bytes = 0;
  let firstLine = 2;
  const flush = async (): Promise<void> => {
    const [page, first] = [events, firstLine];
    firstLine += events.length;
    events = [];
    bytes = 0;
    if (page.length > 0) await onPage?.({ events: page, placeOf: (index) => `line ${first + index}` });
  };
  for await (const line of lines) {
    if (check.line === 0) {
      const header = check.header(line);
      onHeader?.(header);
      continue;
    }
    const event = check.next(line);
    if (event === undefined) continue;
    events.push(event);
    bytes += line.length;
    if (events.length >= PAGE_EVENTS_MAX || bytes >= PAGE_BYTES_MAX) await flush();
  }
  await flush();
}

function unzipError(error: unknown, line: number): HistoryError | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'Z_BUF_ERROR') return cutAfter(line);
  if (typeof code !== 'string' || !code.startsWith('Z_')) return undefined;
  return new HistoryError('DAMAGED', `The compressed data is damaged after line ${line}`, error);
}
