// Reads a history from its Parquet file: the footer is checked first, each row group before it is decoded.

import { type FileHandle, open } from 'node:fs/promises';
import type { NewEvent } from '@ampledger/ports';
import { type AsyncBuffer, type FileMetaData, parquetMetadata, parquetReadObjects } from 'hyparquet';
import { type EventText, eventOf, isObject, openText } from './event-text.js';
import {
  type HistoryContent,
  type HistoryPage,
  PAGE_BYTES_MAX,
  PAGE_EVENTS_MAX,
  type ReadHandlers,
} from './format.js';
import { compareSummary, parsed, parseHeader } from './header.js';
import { HistoryError } from './history-error.js';
import { EVENT_COLUMNS } from './parquet-columns.js';
import {
  CONTENT_KEY,
  type GroupSeal,
  isFooterWhole,
  isOurs,
  type ParquetContent,
  sha256,
} from './parquet-seal.js';
import { Tally } from './tally.js';

export const MAGIC = 'PAR1';
/** The footer's length and the magic number. */
const TAIL_BYTES = 8;
const FOOTER_BYTES_MAX = 256 * 1024 * 1024;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const parsers = { stringFromBytes: (bytes: Uint8Array): string => decoder.decode(bytes) };

export async function readParquet(
  { path, bytes }: { readonly path: string; readonly bytes: number },
  handlers: ReadHandlers,
): Promise<HistoryContent> {
  const file = await open(path);
  try {
    const { metadata, content } = await readFooter(file, bytes);
    handlers.onHeader?.(content.header);
    const tally = new Tally();
    let offset = MAGIC.length;
    let firstRow = 0;
    for (const [index, seal] of content.groups.entries()) {
      const place = `row group ${index + 1}`;
      const range = await checkedGroup(file, { offset, seal, place });
      const rows = await decode({ metadata, offset, range, place, firstRow, rows: seal.rows });
      for (const page of pagesOf(rows, tally, place)) await handlers.onPage?.(page);
      offset += seal.bytes;
      firstRow += seal.rows;
      handlers.onProgress?.({ bytes: offset, bytesTotal: bytes });
    }
    const summary = tally.summary();
    compareSummary(content.summary, summary);
    return { format: 'parquet', header: content.header, summary };
  } finally {
    await file.close();
  }
}

async function readFooter(
  file: FileHandle,
  bytes: number,
): Promise<{ readonly metadata: FileMetaData; readonly content: ParquetContent }> {
  const tail = await readAt(file, Math.max(0, bytes - TAIL_BYTES), Math.min(bytes, TAIL_BYTES));
  if (bytes < MAGIC.length + TAIL_BYTES || tail.toString('latin1', 4) !== MAGIC) {
    throw new HistoryError(
      'CUT',
      'The Parquet file has no end: it was cut off, or its last bytes are damaged',
    );
  }
  const length = tail.readUInt32LE(0) + TAIL_BYTES;
  if (length > bytes || length > FOOTER_BYTES_MAX) throw footerDamaged();
  const footer = await readAt(file, bytes - length, length);
  if (!isOurs(footer)) {
    throw new HistoryError('NOT_A_HISTORY', 'This Parquet file is no history that ampledger exported.');
  }
  if (!isFooterWhole(footer)) throw footerDamaged();
  const metadata = parseMetadata(footer);
  const content = contentOf(metadata.key_value_metadata?.find(({ key }) => key === CONTENT_KEY)?.value);
  const end = content.groups.reduce((sum, group) => sum + group.bytes, MAGIC.length);
  if (end !== bytes - length) throw footerDamaged();
  return { metadata, content };
}

function parseMetadata(bytes: Buffer): FileMetaData {
  try {
    return parquetMetadata(arrayBufferOf(bytes));
  } catch (error) {
    throw footerDamaged(error);
  }
}

function contentOf(kept = ''): ParquetContent {
  const value = parsed(kept);
  if (!isObject(value) || !Array.isArray(value.groups) || !value.groups.every(isSeal)) throw footerDamaged();
  const header = parseHeader(JSON.stringify(value.header));
  return { ...(value as unknown as ParquetContent), header };
}

const isSeal = (value: unknown): value is GroupSeal =>
  isObject(value) && isCount(value.rows) && isCount(value.bytes) && typeof value.sha256 === 'string';
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) > 0;

const footerDamaged = (cause?: unknown): HistoryError =>
  new HistoryError('DAMAGED', 'The footer of the Parquet file is damaged', cause);

async function checkedGroup(
  file: FileHandle,
  { offset, seal, place }: { readonly offset: number; readonly seal: GroupSeal; readonly place: string },
): Promise<Buffer> {
  const range = await readAt(file, offset, seal.bytes);
  if (sha256(range) === seal.sha256) return range;
  throw new HistoryError('DAMAGED', `${place[0]?.toUpperCase()}${place.slice(1)} fails its checksum`);
}

type Row = Readonly<Record<string, unknown>>;

interface GroupBytes {
  readonly metadata: FileMetaData;
  readonly offset: number;
  readonly range: Buffer;
  readonly place: string;
  readonly firstRow: number;
  readonly rows: number;
}

/** What passed its checksum and cannot be decoded was written so. */
async function decode(group: GroupBytes): Promise<readonly Row[]> {
  const { metadata, offset, range, place, firstRow, rows } = group;
  const file: AsyncBuffer = {
    byteLength: offset + range.length,
    slice: (start, end) => arrayBufferOf(range.subarray(start - offset, (end ?? start) - offset)),
  };
  try {
    return await parquetReadObjects({
      file,
      metadata,
      columns: [...EVENT_COLUMNS],
      rowStart: firstRow,
      rowEnd: firstRow + rows,
      parsers,
    });
  } catch (error) {
    throw new HistoryError('INVALID', `${place} cannot be decoded`, error);
  }
}

function* pagesOf(rows: readonly Row[], tally: Tally, group: string): Generator<HistoryPage> {
  let events: NewEvent[] = [];
  let bytes = 0;
  let first = 1;
  for (const [index, row] of rows.entries()) {
    const { event, size } = eventOfRow(row, tally, `${group}, row ${index + 1}`);
    events.push(event);
    bytes += size;
    const isLast = index === rows.length - 1;
    if (!isLast && events.length < PAGE_EVENTS_MAX && bytes < PAGE_BYTES_MAX) continue;
    const start = first;
    yield { events, placeOf: (i) => `${group}, row ${start + i}` };
    first += events.length;
    events = [];
    bytes = 0;
  }
}

function eventOfRow(
  row: Row,
  tally: Tally,
  place: string,
): { readonly event: NewEvent; readonly size: number } {
  const text = { ...row, key: row.site } as unknown as EventText;
  const { id, key, stream, type, version } = text;
  const event = eventOf(
    { id, key, stream, type, version, data: parsed(text.data), meta: parsed(text.meta) },
    place,
  );
  const open = Buffer.from(openText(text));
  tally.add(event, open);
  return { event, size: open.length };
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let read = 0;
  while (read < length) {
    const { bytesRead } = await file.read(buffer, read, length - read, position + read);
    if (bytesRead === 0) break;
    read += bytesRead;
  }
  return buffer.subarray(0, read);
}

const arrayBufferOf = (bytes: Buffer): ArrayBuffer => new Uint8Array(bytes).buffer;
