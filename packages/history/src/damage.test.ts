// Whatever happens to a file is found, and said with its place.

import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { ByteWriter, parquetWrite } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import type { HistoryFormat } from './format.js';
import { HistoryError } from './history-error.js';
import { readHistory } from './read-history.js';
import { eventsOf, FORMATS, samples, useDirectory, write } from './test-histories.js';

const file = useDirectory();
const events = samples(8);

async function damaged(format: HistoryFormat, change: (bytes: Buffer) => Buffer): Promise<string> {
  const path = file(`damaged.${format}`);
  await write(path, format, events);
  writeFileSync(path, change(readFileSync(path)));
  return path;
}

const errorOf = async (path: string): Promise<unknown> => {
  const error: unknown = await readHistory(path).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof HistoryError ? `${error.code}: ${error.message}` : String(error);
};

const over = (bytes: Buffer, at: number, value: number): Buffer => bytes.fill(value, at, at + 4);

const lines = (change: (all: string[]) => readonly string[]) => (bytes: Buffer) =>
  Buffer.from(change(bytes.toString().split('\n')).join('\n'));

describe('a history of lines', () => {
  it.each([
    [
      'a changed value',
      lines((all) => all.with(3, all[3]?.replace('"n":2', '"n":9') ?? '')),
      /^DAMAGED: Line 4 fails/,
    ],
    [
      'a changed checksum',
      lines((all) => all.with(3, all[3]?.replace(/.{3}$/, 'z"}') ?? '')),
      /^DAMAGED: Line 4 fails/,
    ],
    ['a lost line', lines((all) => all.toSpliced(5, 1)), /^DAMAGED: Line 6 fails/],
    ['a doubled line', lines((all) => all.toSpliced(5, 0, all[5] ?? '')), /^DAMAGED: Line 7 fails/],
    [
      'exchanged lines',
      lines((all) => all.with(2, all[3] ?? '').with(3, all[2] ?? '')),
      /^DAMAGED: Line 3 fails/,
    ],
    ['an empty line', lines((all) => all.toSpliced(5, 0, '')), /^DAMAGED: Line 6 fails/],
    ['no last line', lines((all) => all.toSpliced(-2, 1)), /^CUT: .* after line 9/],
    ['a cut in a line', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2), /^CUT: .* after line \d:/],
    ['a cut line feed', (bytes: Buffer) => bytes.subarray(0, -1), /^CUT: .* after line 9/],
    [
      'a line after the end',
      lines((all) => [...all.slice(0, -1), '{}', '']),
      /^DAMAGED: Line 11 comes after the end/,
    ],
    [
      'bytes after the end',
      lines((all) => [...all.slice(0, -1), 'x']),
      /^DAMAGED: 1 bytes come after the end/,
    ],
    [
      'another header',
      lines((all) => all.with(0, all[0]?.replace('test', 'best') ?? '')),
      /^DAMAGED: Line 1 fails/,
    ],
    [
      'another sum',
      lines((all) => all.with(-2, all.at(-2)?.replace('"events":8', '"events":7') ?? '')),
      /^DAMAGED: .*7 events/,
    ],
    ['a broken last line', lines((all) => all.with(-2, '{"trailer":')), /^DAMAGED: Line 10, the last one/],
    ['another format', lines((all) => all.with(0, '{"format":"other"}')), /^NOT_A_HISTORY/],
    ['no header', lines((all) => all.slice(1)), /^NOT_A_HISTORY/],
    [
      'a later version',
      lines((all) => all.with(0, all[0]?.replace('"version":1', '"version":2') ?? '')),
      /^TOO_NEW: .*version 2/,
    ],
    ['nothing', () => Buffer.alloc(0), /^NOT_A_HISTORY/],
    [
      'a line without end',
      () => Buffer.from(`{${'x'.repeat(17 * 1024 * 1024)}`),
      /^DAMAGED: Line 1 is longer/,
    ],
    ['another file', () => Buffer.from('SQLite format 3'), /^NOT_A_HISTORY/],
  ])('with %s', async (_what, change, message) => {
    expect(await errorOf(await damaged('ndjson', change))).toMatch(message);
  });

  it('with a sound line that holds no event', async () => {
    const path = await damaged('ndjson', (bytes) => bytes);
    await write(path, 'ndjson', [{ ...events[0], data: null } as never]);
    expect(await errorOf(path)).toBe('INVALID: Line 2 holds no event');
  });
});

describe('a compressed history', () => {
  it.each([
    ['a cut', (bytes: Buffer) => bytes.subarray(0, -20), /^CUT: .* after line \d+/],
    [
      'a changed end',
      (bytes: Buffer) => over(bytes, bytes.length - 8, 7),
      /^DAMAGED: The compressed data is damaged after line \d+/,
    ],
    [
      'a changed line',
      (bytes: Buffer) => gzipSync(gunzipSync(bytes).toString().replace('"n":2', '"n":3')),
      /^DAMAGED: Line 4 fails/,
    ],
  ])('with %s', async (_what, change, message) => {
    expect(await errorOf(await damaged('ndjson.gz', change))).toMatch(message);
  });
});

describe('a history as a table', () => {
  it.each([
    [
      'a changed row group',
      (bytes: Buffer) => over(bytes, 40, 7),
      /^DAMAGED: Row group 1 fails its checksum/,
    ],
    ['a changed footer', (bytes: Buffer) => over(bytes, bytes.length - 60, 7), /^DAMAGED: The footer/],
    ['a changed length', (bytes: Buffer) => over(bytes, bytes.length - 8, 255), /^DAMAGED: The footer/],
    ['a cut', (bytes: Buffer) => bytes.subarray(0, -1), /^CUT: /],
    ['a short file', () => Buffer.from('PAR1'), /^CUT: /],
    [
      'bytes in between',
      (bytes: Buffer) => Buffer.concat([bytes.subarray(0, 4), bytes]),
      /^DAMAGED: The footer/,
    ],
  ])('with %s', async (_what, change, message) => {
    expect(await errorOf(await damaged('parquet', change))).toMatch(message);
  });

  it('names the row group', async () => {
    const path = file('groups.parquet');
    await write(path, 'parquet', samples(45_000));
    const bytes = readFileSync(path);
    writeFileSync(path, over(bytes, Math.floor(bytes.length / 2), 7));
    expect(await errorOf(path)).toMatch(/^DAMAGED: Row group 2 fails/);
  });

  it('of another program', async () => {
    const path = file('other.parquet');
    const writer = new ByteWriter();
    parquetWrite({ writer, columnData: [{ name: 'a', data: [1, 2] }] });
    writeFileSync(path, writer.getBytes());
    expect(await errorOf(path)).toMatch(/^NOT_A_HISTORY: This Parquet file/);
  });
});

describe.each(FORMATS)('one flipped bit in a %s file', (format) => {
  it('is found wherever it is, or has changed no event', async () => {
    const path = file(`flipped.${format}`);
    await write(path, format, events);
    const sound = readFileSync(path);
    for (let at = 0; at < sound.length; at++) {
      const bytes = Buffer.from(sound);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
      writeFileSync(path, bytes);
      const read = await eventsOf(path).catch((error: unknown) => error);
      if (read instanceof HistoryError) continue;
      // Of the compressed form's header only: a name, a date, a system.
      expect([format, at < 10, read], `byte ${at}`).toEqual(['ndjson.gz', true, events]);
    }
  });
});
