// For tests: directories, events of any kind, and files with something wrong.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NewEvent } from '@ampledger/ports';
import fc from 'fast-check';
import { afterAll } from 'vitest';
import type { HistoryFormat } from './format.js';
import { type HistoryHeader, headerOf } from './header.js';
import { type HistoryEvent, WHOLE } from './history.js';
import { readHistory } from './read-history.js';
import { type WrittenHistory, writeHistory } from './write-history.js';

export const FORMATS: readonly HistoryFormat[] = ['ndjson', 'ndjson.gz', 'parquet'];

export const header: HistoryHeader = headerOf({
  madeAt: Date.UTC(2026, 2, 1),
  madeBy: 'ampledger test',
  selection: WHOLE,
});

export function useDirectory(): (name: string) => string {
  const root = mkdtempSync(join(tmpdir(), 'ampledger-history-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  return (name) => join(root, name);
}

export const sample = (n: number, data: object = { station: 'A1', evseId: 1, n }): NewEvent => ({
  id: `event-${n}`,
  key: n % 3 === 0 ? 'depot' : 'yard',
  stream: `session-${n % 5}`,
  type: 'MeterSampled',
  version: 1,
  data,
  meta: { receivedAt: Date.UTC(2026, 2, 1) + n * 1_000 },
});

export const samples = (count: number): readonly NewEvent[] =>
  Array.from({ length: count }, (_, n) => sample(n));

export const numbered = (events: readonly NewEvent[]): readonly HistoryEvent[] =>
  events.map((event, i) => ({ ...event, seq: i + 1 }));

async function* pagesOf(events: readonly NewEvent[]): AsyncGenerator<readonly HistoryEvent[]> {
  const all = numbered(events);
  for (let i = 0; i < all.length; i += 100) yield all.slice(i, i + 100);
}

export const write = (
  path: string,
  format: HistoryFormat,
  events: readonly NewEvent[],
): Promise<WrittenHistory> => writeHistory({ path, format, header, pages: pagesOf(events), overwrite: true });

export async function eventsOf(path: string): Promise<readonly NewEvent[]> {
  const events: NewEvent[] = [];
  await readHistory(path, { onPage: (page) => void events.push(...page.events) });
  return events;
}

const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });
const oddNumber = fc.constantFrom(
  -0,
  1e21,
  -1e-7,
  5e-324,
  Number.MAX_SAFE_INTEGER + 2,
  1.7976931348623157e308,
);
const json = fc.oneof(
  fc.jsonValue({ stringUnit: 'binary' }),
  oddNumber,
  fc.constantFrom('\ud800', '\ufeffa', '\u2028', ''),
);
const instant = fc.oneof(
  fc.integer({ min: 0, max: 4e12 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);

export const anyEvent: fc.Arbitrary<NewEvent> = fc.record({
  id: name,
  key: fc.constantFrom('yard', 'depot', 'Straße 🚗', '\ufeffbom'),
  stream: name,
  type: name,
  version: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  data: fc.oneof(
    fc.dictionary(fc.string({ unit: 'binary' }), json, { noNullPrototype: true }),
    fc.record({ station: json, evseId: json, session: json, connector: json }),
    fc.record({ large: fc.integer({ min: 1, max: 300_000 }).map((n) => 'ä"\\'.repeat(n / 3)) }),
  ),
  meta: fc.record(
    { receivedAt: instant, stationAt: instant, frame: fc.string({ unit: 'binary' }), correlationId: name },
    { requiredKeys: ['receivedAt'] },
  ),
});
