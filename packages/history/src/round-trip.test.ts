// What is written is what is read, and has the same checksums in every format.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { NewEvent } from '@ampledger/ports';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EVENT_BYTES_MAX } from './event-text.js';
import type { HistoryPage } from './format.js';
import { readHistory } from './read-history.js';
import {
  anyEvent,
  eventsOf,
  FORMATS,
  header,
  sample,
  samples,
  useDirectory,
  write,
} from './test-histories.js';
import { formatOfName, writeHistory } from './write-history.js';

const file = useDirectory();
/** As every log keeps it: JSON has no negative zero. */
const asJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

describe.each(FORMATS)('%s', (format) => {
  it('gives back any events as they were', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyEvent, { maxLength: 12 }), async (events) => {
        const path = file(`any.${format}`);
        await write(path, format, events);
        expect(await eventsOf(path)).toEqual(asJson(events));
      }),
      { numRuns: 60 },
    );
  });

  it('says what it holds', async () => {
    const path = file(`held.${format}`);
    const { summary, bytes } = await write(path, format, samples(10));
    expect(summary).toMatchObject({
      events: 10,
      sites: [
        { site: 'depot', events: 4, first: 'event-0', last: 'event-9' },
        { site: 'yard', events: 6, first: 'event-1', last: 'event-8' },
      ],
    });
    const read = await readHistory(path);
    expect(read).toEqual({ format, header, summary });
    expect(readFileSync(path).length).toBe(bytes);
  });

  it('may hold nothing', async () => {
    const path = file(`none.${format}`);
    await write(path, format, []);
    expect(await readHistory(path)).toMatchObject({ summary: { events: 0, sites: [] } });
  });

  it('hands over many pages, each with its place in the file, and tells how far it is', async () => {
    const path = file(`pages.${format}`);
    const events = samples(25_000);
    const { bytes } = await write(path, format, events);
    const pages: HistoryPage[] = [];
    const progress: number[] = [];
    await readHistory(path, {
      onPage: (page) => void pages.push(page),
      onProgress: (now) => void progress.push(now.bytes / now.bytesTotal),
    });
    expect(pages.length).toBeGreaterThan(1);
    expect(pages.flatMap((page) => page.events)).toEqual(events);
    expect(pages[1]?.placeOf(0)).toBe(format === 'parquet' ? 'row group 1, row 1001' : 'line 1002');
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(progress.at(-1)).toBeGreaterThan(format === 'parquet' ? 1 - 50_000 / bytes : 0.99);
  });

  it('keeps an event as large as allowed, and refuses a larger one without leaving a file', async () => {
    const path = file(`large.${format}`);
    const large = sample(1, { text: 'x'.repeat(EVENT_BYTES_MAX - 500) });
    await write(path, format, [large]);
    expect(await eventsOf(path)).toEqual([large]);
    const refused = file(`refused.${format}`);
    const larger = sample(1, { text: 'x'.repeat(EVENT_BYTES_MAX) });
    await expect(write(refused, format, [sample(0), larger])).rejects.toThrow('event-1');
    expect([existsSync(refused), existsSync(`${refused}.part`)]).toEqual([false, false]);
  });

  it('leaves a file that is there alone, and nothing of a source that fails', async () => {
    const path = file(`there.${format}`);
    writeFileSync(path, 'mine');
    async function* failing(): AsyncGenerator<readonly []> {
      yield [];
      throw new Error('the source fails');
    }
    const options = { path, format, header, pages: failing() };
    await expect(writeHistory(options)).rejects.toThrow(/exists already/);
    await expect(writeHistory({ ...options, overwrite: true })).rejects.toThrow('the source fails');
    expect(readFileSync(path, 'utf8')).toBe('mine');
    expect(existsSync(`${path}.part`)).toBe(false);
  });

  it.each([
    ['a name that is no Unicode', { id: '\ud800' }],
    ['a version that is none', { version: 1.5 }],
  ])('refuses %s', async (_what, wrong: Partial<NewEvent>) => {
    const written = write(file(`wrong.${format}`), format, [{ ...sample(1), ...wrong }]);
    await expect(written).rejects.toMatchObject({ code: 'INVALID' });
  });
});

it('has the same checksums in every format', async () => {
  const summaries = [];
  for (const format of FORMATS)
    summaries.push((await write(file(`sum.${format}`), format, samples(50))).summary);
  expect(summaries[1]).toEqual(summaries[0]);
  expect(summaries[2]).toEqual(summaries[0]);
});

it.each([
  ['a.ndjson', 'ndjson'],
  ['a.b.NDJSON.gz', 'ndjson.gz'],
  ['a.jsonl', 'ndjson'],
  ['a.parquet', 'parquet'],
  ['a.parquet.gz', undefined],
  ['a.json', undefined],
])('the name %s asks for %s', (name, format) => {
  expect(formatOfName(name)).toBe(format);
});
